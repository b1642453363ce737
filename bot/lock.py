"""One process at a time serves an embedded database (单进程锁)."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import make_url

from bot.settings import Settings
from services.refused import Refused


@contextmanager
def only_process(settings: Settings) -> Iterator[None]:
    """Hold the embedded database for this process; raises `Refused` where another has it."""
    database = make_url(settings.database_url).database
    if not settings.embedded or not database or database == ":memory:":
        yield
        return
    with _opened(Path(f"{database}.lock")) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("cli.locked", database=database) from None
        os.set_inheritable(held.fileno(), False)
        yield


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a")
    except OSError as error:
        raise Refused("cli.cannot_write", path=str(path), why=error.strerror) from None
