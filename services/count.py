"""Patrol counts (次数): moved with each patrol, proved against all of them."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, Text, cast, delete, func, insert, select
from sqlalchemy.orm import Session

from models.count import Count
from models.patrol import Patrol
from models.upsert import insert_into
from rules.evidence import NOT_COUNTED

UNASSIGNED = "unassigned"
"""The street of patrols that belong to no street or to several."""


@dataclass(frozen=True, slots=True)
class CountKey:
    """What a patrol is counted under."""

    post_id: int
    grid_version_id: int
    month: str
    verdict: str
    street_code: str
    level: str


def key_of(patrol: Patrol) -> CountKey:
    """The key of a patrol as it stands."""
    verdict = patrol.reason if patrol.verdict == NOT_COUNTED and patrol.reason else patrol.verdict
    return CountKey(
        patrol.post_id or 0, patrol.grid_version_id or 0, patrol.patrolled_on.strftime("%Y-%m"),
        verdict, patrol.street_code or UNASSIGNED, patrol.level or UNASSIGNED,
    )  # fmt: skip


def add(session: Session, key: CountKey, n: int = 1) -> None:
    """Add to a count, in the transaction of the patrol."""
    session.connection().execute(_adding(session.get_bind().dialect.name), {**_columns(key), "n": n})


@cache
def _adding(dialect: str) -> Any:
    # Built once: putting the statement together costs more than running it.
    statement = insert_into(dialect, Count)
    return statement.on_conflict_do_update(
        index_elements=["post_id", "grid_version_id", "month", "verdict", "street_code"],
        set_={"n": Count.__table__.c.n + statement.excluded.n},
    )


def move(session: Session, before: CountKey, after: CountKey) -> None:
    """Take a patrol from one count to another."""
    if before != after:
        add(session, before, -1)
        add(session, after, 1)


def differences(session: Session) -> list[tuple[CountKey, int, int]]:
    """Where the kept counts differ from the patrols: key, kept, true; empty when all is well."""
    kept = Counter({key: n for key, n in _kept(session) if n})
    true = Counter(dict(_true(session)))
    keys = sorted(kept.keys() | true.keys(), key=str)
    return [(key, kept[key], true[key]) for key in keys if kept[key] != true[key]]


def repair(session: Session) -> list[tuple[CountKey, int, int]]:
    """Mend the kept counts from the patrols and give what was changed."""
    wrong = differences(session)
    if wrong:
        session.execute(delete(Count))
        rows = [{**_columns(key), "n": n} for key, n in _true(session)]
        if rows:
            session.execute(insert(Count), rows)
    return wrong


def _kept(session: Session) -> list[tuple[CountKey, int]]:
    t = Count
    rows = session.execute(select(t.post_id, t.grid_version_id, t.month, t.verdict, t.street_code, t.level, t.n))
    return [(CountKey(*row[:6]), row[6]) for row in rows]


def _true(session: Session) -> list[tuple[CountKey, int]]:
    counted: Counter[CountKey] = Counter()
    for *key, n in session.execute(_by_key()):
        counted[CountKey(*key)] += n
    return list(counted.items())


def _by_key() -> Select[Any]:
    p = Patrol
    keys = select(
        func.coalesce(p.post_id, 0).label("post_id"),
        func.coalesce(p.grid_version_id, 0).label("grid_version_id"),
        func.substr(cast(p.patrolled_on, Text), 1, 7).label("month"),
        func.coalesce(p.reason, p.verdict).label("verdict"),
        func.coalesce(p.street_code, UNASSIGNED).label("street_code"),
        func.coalesce(p.level, UNASSIGNED).label("level"),
    ).subquery()
    return select(*keys.c, func.count()).group_by(*keys.c)


def _columns(key: CountKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in CountKey.__slots__}
