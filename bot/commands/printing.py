"""Printing (打印): answers go to stdout, what goes wrong to stderr."""

import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from bot.settings import Settings
from locales import say
from services.refused import Refused

errors = Console(stderr=True, highlight=False, soft_wrap=True)


def tell(settings: Settings, key: str, /, **fields: object) -> None:
    """Print a sentence of the catalogue."""
    print(say(settings.language, key, **fields))


def write(data: bytes, out: Path | None) -> None:
    """Write to the file, or to stdout where none is named; raises `Refused` where it cannot be written."""
    if out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise Refused("cli.cannot_write", path=str(out), why=error.strerror) from None


def fail(line: str) -> NoReturn:
    """One line on stderr, and exit code 1."""
    errors.print(line, style=None, markup=False)
    sys.exit(1)
