"""Opening the database (打开数据库) for a command."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, make_url

from bot.commands.printing import note
from bot.settings import Settings
from models.engine import open_engine
from models.migrate import is_current
from services.refused import Refused


def migrated(settings: Settings) -> Engine:
    """The database, brought to this version; says on stderr where the old one is kept."""
    # Imported here: only the commands that serve need it.
    from bot.upgrading import bring_up

    done = bring_up(settings, datetime.now(UTC))
    if done.kept:
        note(settings, "cli.kept_before", file=done.kept)
    return done.engine


def current(settings: Settings) -> Engine:
    """The database of this version; raises `Refused` where there is none, or one of another version."""
    check_there(settings)
    engine = open_engine(settings.database_url)
    if not is_current(engine):
        raise Refused("cli.migrate_first")
    return engine


def check_there(settings: Settings) -> None:
    """Raises `Refused` where the file of the embedded database is missing: a mistyped place makes no empty one."""
    database = make_url(settings.database_url).database
    if settings.embedded and database and not Path(database).is_file():
        raise Refused("operations.no_database", file=database)
