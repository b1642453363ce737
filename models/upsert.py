"""Insert, or leave or change what is there (写入或更新), in the words of either database."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import Base


def insert_or(session: Session, table: type[Base]) -> Any:
    """An INSERT into a table that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_into(session.get_bind().dialect.name, table)


def insert_into(dialect: str, table: type[Base]) -> Any:
    """The same for a database by its name, to be built once."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table.__table__)
