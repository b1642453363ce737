"""What goes wrong in a command (出错), as one sentence of the catalogue."""

import re

from sqlalchemy.exc import DatabaseError, OperationalError
from typer.exceptions import TyperException

from services.refused import Refused

USAGE = 2
"""The exit code of a command that is not written as it must be."""

_TYPED = {
    "NoSuchOption": "cli.no_such_option",
    "BadOptionUsage": "cli.value_missing",
    "MissingParameter": "cli.value_missing",
    "BadParameter": "cli.bad_value",
}
_DAMAGED = re.compile("not a database|malformed|encrypted")


def of_usage(error: TyperException) -> Refused:
    """What is wrong with what was typed, and where its help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "xunlin"
    if found := re.match("No such command '(.*?)'", error.message):
        return Refused("cli.no_such_command", name=found[1], help=f"{path} --help")
    key = _TYPED.get(type(error).__name__, "cli.bad_usage")
    return Refused(key, name=_name(error), help=f"{path} --help")


def of_database(error: DatabaseError) -> Refused | None:
    """Why the database cannot be used; None where the fault is not the database's."""
    why = str(error.orig).splitlines()[0]
    if _DAMAGED.search(why):
        return Refused("operations.database_unreadable", error=why)
    return Refused("cli.database_away", why=why) if isinstance(error, OperationalError) else None


def of_system(error: OSError) -> Refused:
    """What the machine would not do: a full disk, a folder that is closed."""
    where = ", ".join(str(name) for name in (error.filename, error.filename2) if name)
    return Refused("cli.cannot_use", path=where or "–", why=error.strerror or type(error).__name__)


def _name(error: TyperException) -> str:
    param = getattr(error, "param", None)
    if param is not None:
        opts = [name for name in param.opts if name.startswith("-")]
        return str(max(opts, key=len) if opts else str(param.name).upper())
    return str(getattr(error, "option_name", ""))
