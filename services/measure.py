"""What is counted, and by what (口径): person-times, outings or persons, levels then or now, any division's grids."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Post
from models.grid import GridVersion
from models.patrol import Patrol
from rules.evidence import COUNTED
from rules.localtime import local_date
from rules.outing import Visit, outings
from services import map_division, map_grid, summary, tally
from services.count import UNASSIGNED
from services.map_division import Placing
from services.summary import LEVELS, Span, streets_of
from services.tally import NONE, Row, Slice

PERSON_TIMES, OUTINGS, PERSONS = "person_times", "outings", "persons"
UNITS = (PERSON_TIMES, OUTINGS, PERSONS)


@dataclass(frozen=True, slots=True)
class How:
    """How a question is to be counted; as it stands, the way of the annual sentence."""

    unit: str = PERSON_TIMES
    """`person_times`: each chief who recorded a patrol counts; `outings`: a joint patrol is one; `persons`: chiefs."""
    division: date | None = None
    """The grids that were valid on this date; None for those of the day of each patrol."""
    level_now: bool = False
    """By the level that a chief holds today, not by that of the day of the patrol."""

    @property
    def plain(self) -> bool:
        """Whether it is the way of the annual sentence, which the kept counts answer."""
        return self == How()

    def text(self) -> str:
        """As a button carries it."""
        return f"{self.unit},{self.division or ''},{'now' if self.level_now else ''}"


PLAIN = How()


def how_of(text: str) -> How:
    """What a button carried."""
    unit, division, level = text.split(",")
    return How(unit if unit in UNITS else PERSON_TIMES, date.fromisoformat(division) if division else None, bool(level))


@dataclass(frozen=True, slots=True)
class Measured:
    """The rows of an answer and its total: of outings and persons the total is less than the sum where rows share."""

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class _Fact:
    level: str
    street: str
    month: str
    grid: str
    chief: int
    outing: int
    n: int


def counted(session: Session, span: Span, area: Area, group: str, how: How, zone: ZoneInfo, now: datetime) -> Measured:
    """The answer to a question, in rows of a grouping; from the kept counts where they can tell."""
    if not how.plain:
        return measured(session, span, area, group, how, local_date(now, zone))
    rows = _kept(session, span, area, group, zone, now)
    return Measured(rows, sum(row.n for row in rows))


def _kept(session: Session, span: Span, area: Area, group: str, zone: ZoneInfo, now: datetime) -> list[Row]:
    if group == "grid":
        return tally.by_grid(session, span, area)
    if area.level == "community":
        if group == "month":
            return [Row(month, "", n) for month, n in tally.months_in_community(session, span, area)]
        levels = tally.in_community(session, span, area)
        return [Row(level, "", levels.get(level, 0)) for level in LEVELS]
    found = summary.figures(session, span, area, zone, now)
    if group == "street":
        return [Row(code, row["name"] or "", row["total"]) for code, row in found["by_street"].items()]
    if group == "month":
        return [Row(month, "", row["total"]) for month, row in found["by_month"].items()]
    return [Row(level, "", found["counted"][level]) for level in LEVELS]


def measured(session: Session, span: Span, area: Area, group: str, how: How, today: date) -> Measured:
    """The counted patrols of an area and a period in rows of a grouping, counted as is asked."""
    placed = _placing(session, area, group, how)
    facts = list(_facts(session, span, area, how, placed))
    if placed and area.level == "community":
        own = {str(id_) for id_ in placed.index.by_community(area.code)}
        facts = [fact for fact in facts if fact.grid in own]
    if how.level_now:
        levels = levels_on(session, today)
        facts = [_leveled(fact, levels.get(fact.chief, UNASSIGNED)) for fact in facts]
    size = _SIZES[how.unit]
    rows: dict[str, list[_Fact]] = {key: [] for key in _keys(session, span, area, group, placed)}
    for fact in facts:
        rows.setdefault(getattr(fact, group), []).append(fact)
    names = _names(session, area, group, placed, rows)
    return Measured([Row(key, names.get(key, ""), size(each)) for key, each in rows.items()], size(facts))


def levels_on(session: Session, day: date) -> dict[int, str]:
    """The highest level of the posts that each chief holds on a date."""
    found: dict[int, str] = {}
    for chief, level in session.execute(select(Post.chief_id, Post.level).where(*_held_on(day, LEVELS))):
        found[chief] = min(level, found.get(chief, level), key=LEVELS.index)
    return found


def _held_on(day: date, levels: Sequence[str]) -> list[ColumnElement[bool]]:
    return [Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day), Post.level.in_(levels)]


def divisions_in(session: Session, span: Span, area: Area) -> list[date]:
    """The first days of the divisions of an area that were valid in a period, oldest first."""
    streets = map_grid.streets_around(session, area)
    starts = sorted(
        session.scalars(select(GridVersion.valid_from).where(GridVersion.street_code.in_(streets)).distinct())
    )
    running = [start for start in starts if start <= span.start][-1:]
    return [*running, *(start for start in starts if span.start < start <= span.end)]


def division_of(session: Session, year: int, area: Area) -> date | None:
    """The first day of the division of an area that was valid at the end of a year, or None where there was none."""
    day = date(year, 12, 31)
    starts = divisions_in(session, Span(day, day), area)
    return starts[-1] if starts else None


def records(
    session: Session, wanted: Slice, how: How, today: date, limit: int, offset: int
) -> tuple[Sequence[tally.Record], int]:
    """A page of the patrols behind a row, newest first, and how many records they are."""
    if how.plain:
        return tally.records(session, wanted, limit, offset)
    return tally.listed(session, _conditions(session, wanted, how, today), limit, offset)


def _placing(session: Session, area: Area, group: str, how: How) -> Placing | None:
    if how.division is None or (group != "grid" and area.level != "community"):
        return None
    return map_division.placing(session, map_grid.streets_around(session, area), how.division)


def _within(session: Session, area: Area, placed: Placing | None) -> ColumnElement[bool]:
    # Over other grids a community holds other patrols; they lie in its street.
    if placed and area.level == "community":
        return Patrol.street_code == area.parent_code
    return tally.booked_to(session, area)


def _facts(session: Session, span: Span, area: Area, how: How, placed: Placing | None) -> Iterator[_Fact]:
    here = [
        Patrol.verdict == COUNTED, Patrol.patrolled_on.between(span.start, span.end), _within(session, area, placed),
    ]  # fmt: skip
    if how.unit == OUTINGS:
        yield from _one_by_one(session, here, placed, True)
        return
    split = list(placed.split) if placed else []
    if split:
        yield from _one_by_one(session, [*here, Patrol.grid_version_id.in_(split)], placed, False)
        here.append(or_(Patrol.grid_version_id.is_(None), Patrol.grid_version_id.not_in(split)))
    keys = (Patrol.level, Patrol.street_code, _MONTH, Patrol.grid_version_id, Patrol.chief_id)
    for level, street, month, grid, chief, n in session.execute(
        select(*keys, func.count()).where(*here).group_by(*keys)
    ):
        yield _Fact(level or NONE, street or NONE, month, _whole(placed, grid), chief, 0, int(n))


def _one_by_one(
    session: Session, here: Iterable[ColumnElement[bool]], placed: Placing | None, together: bool
) -> Iterator[_Fact]:
    columns = (
        Patrol.id, Patrol.chief_id, Patrol.level, Patrol.street_code, Patrol.patrolled_on, Patrol.patrolled_at,
        Patrol.grid_version_id, Patrol.lon, Patrol.lat, Patrol.forwarded,
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(select(*columns).where(*here)).all()
    joined = outings(_visit(row) for row in rows) if together else {}
    for row in rows:
        parted = placed is not None and row.grid_version_id in placed.split
        heir = placed.place(row) if placed is not None and parted else None
        grid = (str(heir) if heir else NONE) if parted else _whole(placed, row.grid_version_id)
        month = row.patrolled_on.strftime("%Y-%m")
        outing = joined.get(row.id, row.id)
        yield _Fact(row.level or NONE, row.street_code or NONE, month, grid, row.chief_id, outing, 1)


def _visit(row: Any) -> Visit:
    lon, lat = (None, None) if row.forwarded else (row.lon, row.lat)
    return Visit(row.id, row.chief_id, row.patrolled_at, lon, lat)


def _whole(placed: Placing | None, version: int | None) -> str:
    here = version if placed is None or version is None else placed.whole.get(version)
    return str(here) if here is not None else NONE


def _leveled(fact: _Fact, level: str) -> _Fact:
    return _Fact(level, fact.street, fact.month, fact.grid, fact.chief, fact.outing, fact.n)


def _keys(session: Session, span: Span, area: Area, group: str, placed: Placing | None) -> list[str]:
    """The rows that an answer has even where nothing was counted."""
    if group == "level":
        return list(LEVELS)
    if group == "street":
        return list(streets_of(session, area))
    if group == "month":
        return span.months()
    if placed is None:
        return [row.key for row in tally.by_grid(session, span, area) if row.key != NONE]
    index = placed.index
    if area.level == "community":
        return [str(id_) for id_ in index.by_community(area.code)]
    return [str(id_) for street in streets_of(session, area) for id_ in index.by_street(street)]


def _names(
    session: Session, area: Area, group: str, placed: Placing | None, rows: dict[str, list[_Fact]]
) -> dict[str, str]:
    if group == "street":
        return streets_of(session, area)
    if group != "grid":
        return {}
    ids = [int(key) for key in rows if key != NONE]
    names = select(GridVersion.id, GridVersion.name).where(GridVersion.id.in_(ids))
    return {str(id_): name for id_, name in session.execute(names)}


def _conditions(session: Session, wanted: Slice, how: How, today: date) -> list[ColumnElement[bool]]:
    placed = _placing(session, wanted.area, wanted.group, how)
    during = Patrol.patrolled_on.between(wanted.span.start, wanted.span.end)
    verdict = Patrol.verdict == COUNTED if wanted.counted else Patrol.verdict != COUNTED
    found = [during, verdict, _within(session, wanted.area, placed)]
    if placed and wanted.area.level == "community":
        found.append(_placed_in(session, placed, placed.index.by_community(wanted.area.code), during))
    if wanted.key and placed and wanted.group == "grid":
        found.append(_of_grid(session, placed, wanted.key, during))
    elif wanted.key and how.level_now and wanted.group == "level":
        found.append(_of_level(wanted.key, today))
    else:
        found += tally.of_row(wanted)
    return found


def _of_grid(session: Session, placed: Placing, key: str, during: ColumnElement[bool]) -> ColumnElement[bool]:
    if key != NONE:
        return _placed_in(session, placed, [int(key)], during)
    held = _placed_in(session, placed, placed.index.all_ids, during)
    return or_(Patrol.grid_version_id.is_(None), ~held)


def _placed_in(
    session: Session, placed: Placing, grids: Iterable[int], during: ColumnElement[bool]
) -> ColumnElement[bool]:
    wanted = set(grids)
    versions = [version for version, heir in placed.whole.items() if heir in wanted]
    parted = map_division.split_patrols(session, placed, date.max, [during])
    return or_(
        Patrol.grid_version_id.in_(versions), Patrol.id.in_([row.id for row in parted if placed.place(row) in wanted])
    )


def _of_level(key: str, today: date) -> ColumnElement[bool]:
    def holds(levels: Sequence[str]) -> ColumnElement[bool]:
        return Patrol.chief_id.in_(select(Post.chief_id).where(*_held_on(today, levels)))

    if key not in LEVELS:
        return ~holds(LEVELS)
    return holds([key]) & ~holds(LEVELS[: LEVELS.index(key)])


_MONTH = func.substr(cast(Patrol.patrolled_on, Text), 1, 7)
_SIZES: dict[str, Callable[[list[_Fact]], int]] = {
    PERSON_TIMES: lambda facts: sum(fact.n for fact in facts),
    OUTINGS: lambda facts: len({fact.outing for fact in facts}),
    PERSONS: lambda facts: len({fact.chief for fact in facts}),
}
