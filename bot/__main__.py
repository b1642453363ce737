"""The command line (命令行): `python -m bot`."""

import logging
import sys
from importlib import import_module

import structlog
import typer
from sqlalchemy.exc import OperationalError

from bot.commands import printing
from bot.settings import read_settings
from locales import say
from models.migrate import NewerSchemaError
from services.refused import Refused

COMMANDS = (
    "demo",
    "run",
    "migrate",
    "replay",
    "summary",
    "recount",
    "invite",
    "backup",
    "confirm",
    "doctor",
    "grids",
    "roster",
    "office",
)
"""The files of `bot/commands/` that have an `app`, in the order in which `--help` shows them: commands, then groups."""

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Xunlin: patrols of forest chiefs, recorded in the chat, counted, explained.",
)  # fmt: skip
for _noun in COMMANDS:
    app.add_typer(import_module(f"bot.commands.{_noun}").app)


def main() -> None:
    """Run a command; what goes wrong is one clear line and an exit code."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app(prog_name="xunlin")
    except Refused as refusal:
        _fail(refusal)
    except ValueError as error:
        printing.fail(str(error))
    except NewerSchemaError:
        _fail(Refused("cli.newer_schema"))
    except OperationalError as error:
        _fail(Refused("cli.database_away", why=str(error.orig).splitlines()[0]))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        _finish()


def _finish() -> None:
    try:
        printing.finish()
    except Refused as refusal:
        _fail(refusal)


def _fail(refusal: Refused) -> None:
    printing.fail(say(_language(), refusal.key, **refusal.fields))


def _language() -> str:
    try:
        return read_settings().language
    except ValueError:
        return "zh_CN"


if __name__ == "__main__":
    main()
