"""The command line (命令行): `python -m bot`."""

import gc
import logging
import sys
from importlib import import_module

import structlog
import typer
from sqlalchemy.exc import DatabaseError
from typer.exceptions import TyperException

from bot.commands import faults, printing
from bot.settings import settings_language
from locales import say
from models.migrate import NewerSchemaError
from services.refused import Refused

COMMANDS = (
    "demo",
    "run",
    "migrate",
    "replay",
    "summary",
    "count",
    "recount",
    "rebook",
    "invite",
    "backup",
    "confirm",
    "doctor",
    "grids",
    "places",
    "roster",
    "office",
    "units",
    "duties",
    "trees",
    "audit",
    "referral",
)
"""The files of `bot/commands/` that have an `app`, in the order in which `--help` shows them: commands, then groups."""

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Xunlin: patrols of forest chiefs, recorded in the chat, counted, explained.",
)  # fmt: skip
for _noun in COMMANDS:
    app.add_typer(import_module(f"bot.commands.{_noun}").app)


COLLECT_AFTER = 20_000
"""Objects that are made between two looks for cycles; Python's 700 let a message pay a quarter of its time for them."""


def main() -> None:
    """Run a command; what goes wrong is one clear line and an exit code."""
    # What was loaded by now stays for ever: it need not be looked through again.
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        code = app(prog_name="xunlin", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TyperException as error:
        _fail_usage(error)
    except Refused as refusal:
        _fail(refusal)
    except ValueError as error:
        printing.fail(str(error))
    except NewerSchemaError:
        _fail(Refused("cli.newer_schema"))
    except DatabaseError as error:
        refusal_ = faults.of_database(error)
        if refusal_ is None:
            raise
        _fail(refusal_)
    except OSError as error:
        _fail(faults.of_system(error))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        _finish()


def _finish() -> None:
    try:
        printing.finish()
    except Refused as refusal:
        _fail(refusal)


def _fail(refusal: Refused, code: int = 1) -> None:
    printing.fail(say(settings_language(), refusal.key, **refusal.fields), code)


def _fail_usage(error: TyperException) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":
        printing.fail(error.message, faults.USAGE)
    _fail(faults.of_usage(error), faults.USAGE)


if __name__ == "__main__":
    main()
