"""Rows by their ids (按编号取行), in the words of either database."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, any_, bindparam, literal
from sqlalchemy.dialects.postgresql import ARRAY


def among(dialect: str, column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a column is one of some ids: on PostgreSQL one array, because a parameter an id costs more to send."""
    if dialect == "sqlite":
        return column.in_(ids)  # type: ignore[no-any-return]
    return column == any_(literal(list(ids), ARRAY(BigInteger)))  # type: ignore[no-any-return]


def among_codes(dialect: str, column: Any, codes: Collection[str]) -> ColumnElement[bool]:
    """Whether a column is one of some codes, in the same way."""
    if dialect == "sqlite":
        return column.in_(codes)  # type: ignore[no-any-return]
    return column == any_(literal(list(codes), ARRAY(Text)))  # type: ignore[no-any-return]


def among_given(dialect: str, column: Any) -> ColumnElement[bool]:
    """The same for ids that are given as `ids` later, in a statement that is built once."""
    if dialect == "sqlite":
        return column.in_(bindparam("ids", expanding=True))  # type: ignore[no-any-return]
    return column == any_(bindparam("ids", type_=ARRAY(BigInteger)))  # type: ignore[no-any-return]
