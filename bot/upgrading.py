"""Bringing the database to this version (升级), with a copy of what an embedded one held before."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from bot.settings import Settings
from models.engine import BUSY_TIMEOUT_S, open_engine
from models.migrate import current, is_current, upgrade
from services.refused import Refused


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The database of this version; `kept` is the copy of the old one, where there was one to copy."""

    engine: Engine
    changed: bool
    kept: Path | None


def bring_up(settings: Settings, now: datetime) -> Upgraded:
    """Bring the database to this version; whoever calls this for an embedded one holds the process lock.

    Raises `NewerSchemaError` with nothing changed, and `Refused` where the copy cannot be made.
    """
    engine = open_engine(settings.database_url)
    if is_current(engine):
        return Upgraded(engine, False, None)
    kept = _copied(engine, now) if settings.embedded else None
    return Upgraded(engine, upgrade(engine), kept)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an embedded database as of one moment by SQLite's backup interface: one file, with no log beside it."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode=DELETE")


def _copied(engine: Engine, now: datetime) -> Path | None:
    with engine.connect() as connection:
        revision = current(connection)
    database = Path(engine.url.database or "")
    if revision is None or not database.is_file():
        return None
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = database.absolute().with_name(f"{database.name}.revision-{revision}-{stamp}")
    part = kept.with_name(f"{kept.name}.part")
    try:
        _copy_for_good(database, part, kept)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise Refused("cli.cannot_write", path=str(kept), why=getattr(error, "strerror", None) or error) from None
    return kept


def _copy_for_good(database: Path, part: Path, kept: Path) -> None:
    # It holds phone numbers and positions, and must be on the disk before the first table is changed.
    part.touch(mode=0o600)
    copy_sqlite(database, part)
    for path in (part, part.parent):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    part.replace(kept)
