"""Restore (恢复): everything is verified and prepared beside before one rename, or one commit, switches."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from bot.operations import files, postgres
from bot.operations import manifest as manifests
from bot.operations.backup import describe_sqlite
from bot.operations.manifest import Manifest
from bot.settings import Settings
from models import migrate
from models.engine import open_engine
from services.refused import Refused


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    kept: tuple[str, ...]
    """Where the old database and changed files are kept: paths, or the name of a schema."""
    outdated: bool
    """The backup's schema is older than the program: `xunlin migrate` comes next."""


def verify(source: Path) -> Manifest:
    """Read a whole backup and compare it with its manifest; raises `Refused` at the first difference."""
    manifest = manifests.read(source)
    for stored in (manifest.database, *manifest.files):
        path = source / stored.path
        if path.is_symlink() or not path.is_file():
            raise Refused("operations.file_missing", file=stored.path, folder=source)
        if path.stat().st_size != stored.size or files.hash_of(path) != stored.sha256:
            raise Refused("operations.file_damaged", file=stored.path, folder=source)
    if manifest.revision not in _known_revisions():
        raise Refused("operations.newer_schema", revision=manifest.revision)
    return manifest


def restore(settings: Settings, source: Path, now: datetime, force: bool = False) -> Restored:
    """Put a backup in the place of the database and the files; what was there is kept aside with a dated name.

    Raises `Refused` with nothing changed: a damaged or newer backup, a database in use, or data and no `force`.
    """
    manifest = verify(source)
    if settings.embedded != (manifest.kind == "sqlite"):
        raise Refused("operations.other_kind", kind=manifest.kind)
    switch = _switch_sqlite if settings.embedded else _switch_postgres
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    try:
        with _staged_files(settings, source, manifest, stamp) as staged:
            kept = switch(settings, source, manifest, stamp, force, staged)
    except OSError as error:
        key = "operations.disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "operations.cannot_write"
        raise Refused(key, folder=settings.data_dir, error=error.strerror, tool="") from error
    return Restored(manifest, tuple(kept), manifest.revision != migrate.head())


class _Staged:
    """Files that stand beside their places; content-addressed ones never differ from what is there already."""

    def __init__(self, stamp: str) -> None:
        self.stamp = stamp
        self.waiting: list[tuple[Path, Path]] = []

    def add(self, origin: Path, place: Path, sha256: str) -> None:
        """Copy a file beside its place, unless it is there already."""
        if place.is_file() and files.hash_of(place) == sha256:
            return
        beside = place.with_name(f"{place.name}.restoring")
        self.waiting.append((beside, place))
        _copy_verified(origin, beside, sha256)

    def add_new(self) -> None:
        """Rename to their places what nothing is in the way of: until a database names them, they change nothing."""
        for beside, place in self.waiting:
            if not place.exists():
                beside.replace(place)
                files.flush_path(place.parent)

    def replace_changed(self) -> list[str]:
        """Rename the rest to their places and give where what was in the way is kept."""
        kept = []
        for beside, place in self.waiting:
            if beside.exists():
                aside = _aside(place, self.stamp)
                os.link(place, aside)
                beside.replace(place)
                files.flush_path(place.parent)
                kept.append(str(aside))
        return kept

    def discard(self) -> None:
        """Remove what was not used."""
        for beside, _ in self.waiting:
            beside.unlink(missing_ok=True)


@contextmanager
def _staged_files(settings: Settings, source: Path, manifest: Manifest, stamp: str) -> Iterator[_Staged]:
    staged = _Staged(stamp)
    try:
        for stored in manifest.files:
            place = settings.data_dir / Path(stored.path).relative_to("files")
            staged.add(source / stored.path, place, stored.sha256)
        yield staged
    finally:
        staged.discard()


def _copy_verified(origin: Path, beside: Path, sha256: str) -> None:
    if files.copy(origin, beside) != sha256:
        raise Refused("operations.file_damaged", file=origin.name, folder=origin.parent)


def _switch_sqlite(
    settings: Settings, source: Path, manifest: Manifest, stamp: str, force: bool, staged: _Staged
) -> list[str]:
    place = files.database_file(settings)
    beside = place.with_name(f"{place.name}.restoring")
    try:
        _copy_verified(source / manifest.database.path, beside, manifest.database.sha256)
        _check_sqlite(beside, manifest)
        files.flush_path(beside)
        with _held(place, force) as held:
            staged.add_new()
            kept = [_keep_sqlite(place, stamp)] if held else []
            beside.replace(place)
            files.flush_path(place.parent)
            return kept + staged.replace_changed()
    finally:
        for name in (beside, *_logs(beside)):
            name.unlink(missing_ok=True)


def _check_sqlite(file: Path, manifest: Manifest) -> None:
    """Whether the copy is whole, and is what its manifest says."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        described = describe_sqlite(file)
    except Exception as error:
        raise Refused("operations.database_unsound", error=error) from error
    if said != "ok" or broken or described != (manifest.revision, manifest.counts):
        raise Refused("operations.database_unsound", error=said)


@contextmanager
def _held(place: Path, force: bool) -> Iterator[bool]:
    """Hold the old database for ourselves alone during the switch; False where there is none worth keeping."""
    if not place.is_file():
        yield False
        return
    with closing(sqlite3.connect(place, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")  # takes the log in; fails while anyone else is connected
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Refused("operations.in_use") from error
        except sqlite3.DatabaseError:
            pass  # what cannot be read is kept as it is
        if not force and _sqlite_has_data(connection):
            raise Refused("operations.data_in_the_way")
        yield True


def _sqlite_has_data(connection: sqlite3.Connection) -> bool:
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return any(connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for name in names - migrate.SEEDED)
    except sqlite3.DatabaseError:
        return True


def _keep_sqlite(place: Path, stamp: str) -> str:
    aside = _aside(place, stamp)
    for log in _logs(place):  # only an unreadable database still has one
        if log.exists():
            log.replace(aside.with_name(aside.name + log.name.removeprefix(place.name)))
    os.link(place, aside)  # the place itself is never empty
    return str(aside)


def _logs(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal")]


def _aside(place: Path, stamp: str) -> Path:
    aside, number = place.with_name(f"{place.name}.before-{stamp}"), 1
    while aside.exists():
        number += 1
        aside = place.with_name(f"{place.name}.before-{stamp}-{number}")
    return aside


def _switch_postgres(
    settings: Settings, source: Path, manifest: Manifest, stamp: str, force: bool, staged: _Staged
) -> list[str]:
    engine = open_engine(settings.database_url)
    try:
        server = postgres.server_version(engine)
        file = source / manifest.database.path
        postgres.tool("psql", server)
        postgres.check_dump(server, file)
        _refuse_others(engine)
        held, schemas = _postgres_tables(engine), inspect(engine).get_schema_names()
        if held and not force and _postgres_has_data(engine, held):
            raise Refused("operations.data_in_the_way")
    finally:
        engine.dispose()
    names = (f"{postgres.ASIDE}{stamp.lower()}{number}" for number in ("", *(f"_{n}" for n in range(2, 1000))))
    aside = next(name for name in names if name not in schemas)
    make_room = [f'ALTER SCHEMA public RENAME TO "{aside}"', "CREATE SCHEMA public"] if held else []
    staged.add_new()
    postgres.load(settings.database_url, server, file, make_room, _proof(manifest))
    return ([aside] if held else []) + staged.replace_changed()


def _proof(manifest: Manifest) -> list[str]:
    """Statements that fail, and undo the restore, where a table does not hold what the manifest counted."""
    return [
        f"DO $$ BEGIN IF (SELECT count(*) FROM public.{name}) <> {int(rows)} THEN "
        f"RAISE EXCEPTION 'error: {name} differs from the manifest'; END IF; END $$"
        for name, rows in manifest.counts.items()
    ]


def _refuse_others(engine: Engine) -> None:
    """A program that goes on would write into the schema that was put aside."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with engine.connect() as connection:
        if connection.execute(others).scalar_one():
            raise Refused("operations.in_use")


def _postgres_tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names(schema="public"))


def _postgres_has_data(engine: Engine, names: set[str]) -> bool:
    with engine.connect() as connection:
        return any(
            connection.execute(text(f'SELECT 1 FROM public."{name}" LIMIT 1')).first()
            for name in names - migrate.SEEDED
        )


def _known_revisions() -> set[str]:
    scripts = ScriptDirectory(str(Path(migrate.__file__).with_name("migrations")))
    return {script.revision for script in scripts.walk_revisions()}
