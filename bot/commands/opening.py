"""Opening the database (打开数据库) for a command."""

from sqlalchemy import Engine

from bot.settings import Settings
from models.engine import open_engine
from models.migrate import is_current, upgrade
from services.refused import Refused


def migrated(settings: Settings) -> Engine:
    """The database, brought to this version."""
    engine = open_engine(settings.database_url)
    upgrade(engine)
    return engine


def current(settings: Settings) -> Engine:
    """The database of this version: an embedded one is brought to it, another raises `Refused`."""
    engine = open_engine(settings.database_url)
    if settings.embedded:
        upgrade(engine)
    elif not is_current(engine):
        raise Refused("cli.migrate_first")
    return engine
