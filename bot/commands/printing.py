"""Printing (打印): answers go to stdout, what goes wrong to stderr."""

import os
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


def note(settings: Settings, key: str, /, **fields: object) -> None:
    """Print a sentence of the catalogue on stderr: stdout belongs to the answer."""
    errors.print(say(settings.language, key, **fields), style=None, markup=False)


def write(data: bytes, out: Path | None) -> None:
    """Write to the file, or to stdout where none is named; raises `Refused` where it cannot be written."""
    if out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise Refused("cli.cannot_write", path=str(out), why=error.strerror) from None


def fail(line: str, code: int = 1) -> NoReturn:
    """One line on stderr, and an exit code that is not 0."""
    errors.print(line, style=None, markup=False)
    sys.exit(code)


def finish() -> None:
    """Hand over what was printed; ends with code 1 where the reader has gone (`| head`), else raises `Refused`."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError as error:
        # What is left must not be tried again when the interpreter ends: it would complain in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            sys.exit(1)
        raise Refused("cli.cannot_write", path="stdout", why=error.strerror) from None
