"""The bar of a long command (进度条) on a terminal; elsewhere a line every few seconds."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.commands.printing import errors, note
from bot.settings import Settings
from locales import say

EVERY_S = 3.0
"""How often a line is written where there is no terminal to draw on."""


@contextmanager
def bar(settings: Settings, total: int | None) -> Iterator[Callable[[int], None]]:
    """What to call with the number that was done; `total` is None where it is not known."""
    if not sys.stderr.isatty():
        yield _Lines(settings, total).add
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=errors)
    task = progress.add_task(say(settings.language, "cli.replaying"), total=total)
    with progress:
        yield lambda n: progress.advance(task, n)


class _Lines:
    def __init__(self, settings: Settings, total: int | None) -> None:
        self.settings, self.total, self.done, self.said_at = settings, total, 0, time.monotonic()

    def add(self, n: int) -> None:
        self.done += n
        if time.monotonic() - self.said_at >= EVERY_S:
            self.said_at = time.monotonic()
            note(self.settings, "cli.replaying_at", n=self.done, total=self.total or "?")
