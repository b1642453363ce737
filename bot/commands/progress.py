"""The bar of a long command (进度条), on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.commands.printing import errors
from bot.settings import Settings
from locales import say


@contextmanager
def bar(settings: Settings, total: int | None) -> Iterator[Callable[[int], None]]:
    """What to call with the number that was done; `total` is None where it is not known."""
    if not sys.stderr.isatty():
        yield lambda n: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=errors)
    task = progress.add_task(say(settings.language, "cli.replaying"), total=total)
    with progress:
        yield lambda n: progress.advance(task, n)
