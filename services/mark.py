"""The house's marks (系统标记): named values, and the editions that tell when a cached picture is stale."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.house import Mark


def read(session: Session, name: str) -> str | None:
    """The value of a mark, or None."""
    return session.scalar(select(Mark.value).where(Mark.name == name))


def write(session: Session, name: str, value: str) -> None:
    """Set a mark."""
    session.merge(Mark(name=name, value=value))


def edition(session: Session, of: str) -> str:
    """The edition of `grids` or `roster` that this transaction sees; asked of the database once a transaction."""
    name = f"edition.{of}"
    if name not in session.info:
        session.info[name] = read(session, name) or ""
    return str(session.info[name])


def new_edition(session: Session, of: str) -> None:
    """Give `grids` or `roster` a new edition: what was cached of the old one is never used again."""
    # A random name, because two databases that one process opens must never share a cached picture.
    value = uuid4().hex
    # What is read anew is read by the connection, too, which sees only what was written.
    session.flush()
    write(session, f"edition.{of}", value)
    session.info[f"edition.{of}"] = value
