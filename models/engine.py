"""Opening the database (数据库): SQLite embedded, PostgreSQL when one machine is outgrown."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from models.audit import NOTED, write_noted

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another before SQLite says that the database is locked."""


def open_engine(url: str) -> Engine:
    """An engine for `url`; creates the folder of an embedded database; raises `ArgumentError` for a bad URL."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One writing transaction: committed at the end with what was noted for the audit, undone on any exception."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
        write_noted(session)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One reading transaction, which waits for no writer."""
    with Session(engine.execution_options(read_only=True), expire_on_commit=False) as session:
        yield session


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What an exception undoes without its transaction."""
    # The session's own, though a plain SAVEPOINT is quicker: only it survives a flush that fails.
    noted = list(session.info.get(NOTED, ()))
    try:
        with session.begin_nested():
            yield
    except BaseException:
        # What was remembered of the transaction may be just what was undone; what was done before it was not.
        session.info.clear()
        session.info[NOTED] = noted
        raise


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})
    event.listen(engine, "connect", _make_durable)
    event.listen(engine, "begin", _begin)
    return engine


def _make_durable(connection: Any, _record: object) -> None:
    # The driver's own transactions begin late and commit before DDL; ours begin where we say.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that will write takes its lock at once: a lock taken half-way cannot wait and fails instead.
    reads = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
