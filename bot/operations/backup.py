"""Backup (备份): the database as of one moment, the files of the data folder, and the manifest last."""

import errno
import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from bot.operations import files, postgres
from bot.operations import manifest as manifests
from bot.operations.manifest import DATABASE_FILES, Manifest, Stored
from bot.settings import Settings
from bot.upgrading import copy_sqlite
from models import all as tables
from models import migrate
from models.engine import open_engine
from services.refused import Refused

MAIN_TABLES = (
    "account", "area", "chief", "consent", "draft", "feedback", "grid_version", "inbox", "meeting", "office",
    "outbox", "part", "patrol", "patrol_event", "photo", "post",
)  # fmt: skip
"""Tables whose rows a manifest counts."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def backup(settings: Settings, target: Path, now: datetime) -> Manifest:
    """Save everything into a new folder of `target`, named by the UTC time, while others go on writing.

    Raises `Refused`, and leaves no folder behind, where the disk is full or a part cannot be saved.
    """
    with _full_disk_is_said(target):
        target.mkdir(parents=True, exist_ok=True)
        _check_room(settings, target)
        folder = _new_folder(target, now)
        try:
            return _fill(settings, folder, target, now)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def count_rows(connection: Connection) -> dict[str, int]:
    """The rows of the main tables."""
    every = tables.metadata.tables
    return {
        name: connection.scalar(select(func.count()).select_from(every[name])) or 0
        for name in MAIN_TABLES
    }  # fmt: skip


def _fill(settings: Settings, folder: Path, target: Path, now: datetime) -> Manifest:
    # The database first: every photo that it names is on disk by then, and photos are never deleted.
    kind = "sqlite" if settings.embedded else "postgresql"
    file = folder / DATABASE_FILES[kind]
    revision, counts, version = (_save_sqlite if settings.embedded else _save_postgres)(settings, file)
    files.flush_path(file)
    stored, damaged = _save_files(settings, folder, target)
    manifest = Manifest(
        name=folder.name, made_at=now.astimezone(UTC).isoformat(), kind=kind, revision=revision,
        versions={"python": platform.python_version(), kind: version}, counts=counts,
        database=Stored(file.name, file.stat().st_size, files.hash_of(file)), files=stored, damaged=damaged,
    )  # fmt: skip
    files.flush_folders(folder)
    manifests.write(folder, manifest)
    files.flush_path(folder / manifests.NAME)
    files.flush_folders(folder)
    return manifest


def _save_sqlite(settings: Settings, file: Path) -> tuple[str, dict[str, int], str]:
    source = files.database_file(settings)
    if not source.is_file():
        raise Refused("operations.no_database", file=source)
    copy_sqlite(source, file)
    revision, counts = describe_sqlite(file)
    return revision, counts, sqlite3.sqlite_version


def describe_sqlite(file: Path) -> tuple[str, dict[str, int]]:
    """Schema revision and rows of an embedded database that nobody writes to."""
    engine = open_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            described = _revision(connection), count_rows(connection)
    finally:
        engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return described


def _save_postgres(settings: Settings, file: Path) -> tuple[str, dict[str, int], str]:
    engine = open_engine(settings.database_url)
    try:
        server = postgres.server_version(engine)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            revision, counts = _revision(connection), count_rows(connection)
            postgres.dump(settings.database_url, server, snapshot, file)
        return revision, counts, str(server)
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str:
    revision = migrate.current(connection)
    if revision is None:
        raise Refused("operations.not_migrated")
    migrate.refuse_newer(connection)
    return revision


def _save_files(settings: Settings, folder: Path, target: Path) -> tuple[tuple[Stored, ...], tuple[str, ...]]:
    stored, damaged = [], []
    for path in files.data_files(settings, target):
        copied = folder / "files" / path
        sha256 = files.link_or_copy(settings.data_dir / path, copied)
        stored.append(Stored(f"files/{path.as_posix()}", copied.stat().st_size, sha256))
        if files.hash_in_name(path) not in (None, sha256):
            damaged.append(path.as_posix())
    return tuple(stored), tuple(damaged)


def _new_folder(target: Path, now: datetime) -> Path:
    name = now.astimezone(UTC).strftime("xunlin-%Y%m%dT%H%M%SZ")
    number = 1
    while True:
        folder = target / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)  # it holds phone numbers and positions
            return folder
        except FileExistsError:
            number += 1


def _check_room(settings: Settings, target: Path) -> None:
    """Refuse at once what cannot fit: the files, where they cannot be linked, and the embedded database."""
    needed = files.database_file(settings).stat().st_size if _has_file(settings) else 0
    if settings.data_dir.is_dir() and settings.data_dir.stat().st_dev != target.stat().st_dev:
        needed += sum((settings.data_dir / path).stat().st_size for path in files.data_files(settings, target))
    if shutil.disk_usage(target).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _has_file(settings: Settings) -> bool:
    return settings.embedded and files.database_file(settings).is_file()


@contextmanager
def _full_disk_is_said(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        key = "operations.disk_full" if error.errno in _FULL else "operations.cannot_write"
        raise Refused(key, folder=folder, error=error.strerror, tool="") from error
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
        raise Refused("operations.disk_full" if full else "operations.database_unreadable",
                      folder=folder, error=error, tool="") from error  # fmt: skip
