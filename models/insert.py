"""Inserting one object at once (立即写入), where its id is needed and the rest of the session can wait for its end."""

from functools import cache
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from models.base import Base


def insert_now(session: Session, row: Base) -> None:
    """Insert a new object with an `id`: afterwards it is as if the session had flushed it, and nothing else.

    A flush would write whatever else has changed, message by message; what waits goes in one statement at the end.
    """
    given = row.__dict__
    values = {name: given.get(name, default) for name, default in _columns(type(row))}
    values["id"] = session.connection().execute(_statement(type(row)), values).scalar_one()
    for name, value in values.items():
        set_committed_value(row, name, value)
    make_transient_to_detached(row)
    session.add(row)


@cache
def _statement(of: type[Base]) -> Insert:
    table: Any = of.__table__
    return table.insert().returning(table.c.id)  # type: ignore[no-any-return]


@cache
def _columns(of: type[Base]) -> list[tuple[str, Any]]:
    """The columns but the id, each with its value where none is given."""
    columns: list[Any] = [column for column in of.__table__.columns if column.key != "id"]
    return [(column.key, column.default.arg if column.default is not None else None) for column in columns]
