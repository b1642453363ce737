"""Arithmetic with dates in SQL (日期运算), in the words of either database."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from models.base import Instant

_SQLITE_INSTANT = "%Y-%m-%d %H:%M:%S.000000"
"""How SQLAlchemy writes an instant there: what is computed must compare with what was written."""


class plus_days(GenericFunction[date]):  # noqa: N801 - a function of SQL
    """A date so many days after another."""

    type = Date()
    inherit_cache = True


class days_until(GenericFunction[int]):  # noqa: N801
    """Days from the first date to the second."""

    type = Integer()
    inherit_cache = True


class plus_seconds(GenericFunction[datetime]):  # noqa: N801
    """An instant so many seconds after another."""

    type = Instant()
    inherit_cache = True


class the_least(GenericFunction[Any]):  # noqa: N801
    """The smallest of its arguments, none of which is NULL."""

    inherit_cache = True


class the_greatest(GenericFunction[Any]):  # noqa: N801
    """The largest of its arguments, none of which is NULL."""

    inherit_cache = True


def _both(element: Any, compiler: Any, kw: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(plus_days)
def _plus_days(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = _both(element, compiler, kw)
    return f"(CAST({day} AS date) + CAST({days} AS integer))"


@compiles(plus_days, "sqlite")
def _plus_days_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = _both(element, compiler, kw)
    return f"date({day}, ({days}) || ' days')"


@compiles(days_until)
def _days_until(element: Any, compiler: Any, **kw: Any) -> str:
    first, last = _both(element, compiler, kw)
    return f"(CAST({last} AS date) - CAST({first} AS date))"


@compiles(days_until, "sqlite")
def _days_until_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    first, last = _both(element, compiler, kw)
    return f"CAST(julianday({last}) - julianday({first}) AS INTEGER)"


@compiles(plus_seconds)
def _plus_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    instant, seconds = _both(element, compiler, kw)
    return f"({instant} + make_interval(secs => {seconds}))"


@compiles(plus_seconds, "sqlite")
def _plus_seconds_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    instant, seconds = _both(element, compiler, kw)
    return f"strftime('{_SQLITE_INSTANT}', {instant}, ({seconds}) || ' seconds')"


@compiles(the_least)
def _the_least(element: Any, compiler: Any, **kw: Any) -> str:
    return f"LEAST({', '.join(_both(element, compiler, kw))})"


@compiles(the_least, "sqlite")
def _the_least_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"MIN({', '.join(_both(element, compiler, kw))})"


@compiles(the_greatest)
def _the_greatest(element: Any, compiler: Any, **kw: Any) -> str:
    return f"GREATEST({', '.join(_both(element, compiler, kw))})"


@compiles(the_greatest, "sqlite")
def _the_greatest_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"MAX({', '.join(_both(element, compiler, kw))})"
