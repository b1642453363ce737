"""A chain of audit rows, and hands that change it past the program (审计链测试)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from models.engine import open_engine, reading, transaction
from rules.audit import START, Link, next_hash
from services import audit
from services.audit import Head, Verified

BEGIN = datetime(2026, 11, 24, 2, 0, 0, 123456, tzinfo=UTC)


def fill(engine: Engine, n: int, first: int = 1) -> None:
    """Note some deeds, each in a commit of its own for every third."""
    for start in range(first, first + n, 3):
        with transaction(engine) as session:
            for number in range(start, min(start + 3, first + n)):
                audit.note(
                    session, f"account:{number % 4}", "patrol.submitted", f"patrol:XL-2026-{number:06}",
                    None if number % 5 == 0 else "110102010", "counted", BEGIN + timedelta(seconds=number),
                )  # fmt: skip


def chain(engine: Engine) -> int:
    """Chain all that waits."""
    done = 0
    while True:
        with transaction(engine) as session:
            n = audit.chain(session, 7)
        done += n
        if not n:
            return done


def head(engine: Engine) -> Head:
    """The end of the chain."""
    with reading(engine) as session:
        return audit.head(session)


def verified(engine: Engine, *anchors: Head) -> Verified:
    """What the program finds."""
    with reading(engine) as session:
        return audit.verify(session, anchors)


@contextmanager
def chained(url: str, n: int) -> Iterator[Engine]:
    """A database with a chain of some rows."""
    engine = open_engine(url)
    fill(engine, n)
    assert chain(engine) == n
    yield engine
    engine.dispose()


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """A connection that no trigger stands in the way of."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE audit_anchor DISABLE TRIGGER USER"))
        yield connection


def rehash(connection: Connection, since: int) -> None:
    """Give every row from a place on its right hash over what now stands there, as a careful forger would."""
    rows = connection.execute(audit._select().where(audit.Audit.seq.is_not(None)).order_by(audit.Audit.seq)).all()
    change(connection, "UPDATE audit SET seq = seq - 100000 WHERE seq IS NOT NULL")
    before = START
    for seq, row in enumerate(rows, 1):
        link = Link(seq, *row[1:])
        before = next_hash(before, link) if seq >= since else link.hash
        change(connection, "UPDATE audit SET seq = :s, hash = :h WHERE id = :i", s=seq, h=before, i=link.id)
    change(connection, "UPDATE mark SET value = :v WHERE name = 'audit.head'", v=Head(len(rows), before).statement)


def change(connection: Connection, statement: str, **values: Any) -> None:
    """One statement by hand."""
    connection.execute(text(statement), values)
