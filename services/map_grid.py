"""The grids of the live map (一张图) and their figures: patrols, days since, duty kept, problems."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.count import Count
from models.grid import GridVersion
from models.patrol import Patrol
from models.policy import Duty
from models.problem import Problem
from rules.duty import bounds
from rules.evidence import COUNTED
from rules.level import Level
from services import grid, map_division, tally
from services.map_division import Placing
from services.policy import duties_on
from services.summary import Span, month_span, streets_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What the map shows: an area, whole months, over the grids that are valid on a date."""

    area: Area
    span: Span
    division: date
    today: date

    @property
    def until(self) -> date:
        """The last day of the period that has begun."""
        return min(self.span.end, self.today)


@dataclass(slots=True)
class GridFigures:
    """A grid and what stands for it; `met` of `owed` periods of the duty were kept, by community chiefs."""

    id: int
    code: str
    name: str
    street: str
    street_code: str
    geometry: str
    patrols: int = 0
    problems: int = 0
    last_on: date | None = None
    days: int | None = None
    met: int = 0
    owed: int = 0


@dataclass(slots=True)
class _Sums:
    patrols: Counter[int] = field(default_factory=Counter)
    problems: Counter[int] = field(default_factory=Counter)
    last: dict[int, date] = field(default_factory=dict)
    by_day: dict[int, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))

    def met_on(self, grid_id: int, day: date) -> None:
        self.last[grid_id] = max(day, self.last.get(grid_id, day))


def figures(session: Session, asked: Asked) -> list[GridFigures]:
    """Every grid of an area in the order of their codes, with its figures."""
    placed = map_division.placing(session, streets_around(session, asked.area), asked.division)
    sums = _Sums()
    _add_whole(session, asked, placed, sums)
    _add_split(session, asked, placed, sums)
    duty = _duty(session, asked)
    return [_filled(one, asked, sums, duty) for one in _grids(session, asked, placed)]


def records_of(
    session: Session, asked: Asked, grid_id: int, counted: bool, limit: int, offset: int
) -> tuple[Sequence[tally.Record], int]:
    """A page of the patrols of a grid, as its figure counts them, or of those that do not count; and how many."""
    placed = map_division.placing(session, streets_around(session, asked.area), asked.division)
    during = Patrol.patrolled_on.between(asked.span.start, asked.span.end)
    parted = map_division.split_patrols(session, placed, asked.span.end, [during])
    own = [row.id for row in parted if placed.place(row) == grid_id]
    here = Patrol.grid_version_id.in_(placed.versions_of(grid_id)) | Patrol.id.in_(own)
    verdict = Patrol.verdict == COUNTED if counted else Patrol.verdict != COUNTED
    return tally.listed(session, [during, here, verdict], limit, offset)


def streets_around(session: Session, area: Area) -> list[str]:
    """The streets of an area, or the one in which a community lies."""
    return [area.parent_code or ""] if area.level == "community" else list(streets_of(session, area))


def divisions(session: Session) -> list[tuple[date, date | None]]:
    """First and last day of every division, oldest first; None while it lasts."""
    starts = sorted(session.scalars(select(GridVersion.valid_from).distinct()))
    ends = [start - timedelta(days=1) for start in starts[1:]]
    return list(zip(starts, [*ends, None], strict=True))


def months(session: Session, today: date) -> tuple[str, str, str]:
    """The first month with a patrol and the last with one or with a problem, as `2023-01`, and the one to begin with.

    To begin with: this month, else the last one of the year with the most patrols. This month where there is none.
    """
    now = today.strftime("%Y-%m")
    found = session.execute(select(Count.month, func.sum(Count.n)).group_by(Count.month).order_by(Count.month)).all()
    if not found:
        return now, now, now
    years: Counter[str] = Counter()
    for month, n in found:
        years[month[:4]] += int(n)
    first, last = found[0][0], found[-1][0]
    fullest = max(month for month, _ in found if month[:4] == years.most_common(1)[0][0])
    return first, max(last, _latest_problem(session)), now if first <= now <= last else fullest


def _latest_problem(session: Session) -> str:
    # Problems are drawn too, also those found after the last patrol.
    found = session.scalar(select(func.max(Problem.found_on)).where(Problem.withdrawn_at.is_(None)))
    return found.strftime("%Y-%m") if found else ""


def _grids(session: Session, asked: Asked, placed: Placing) -> list[GridFigures]:
    index, area = placed.index, asked.area
    ids = (
        index.by_community(area.code) if area.level == "community"
        else [id_ for street in streets_of(session, area) for id_ in index.by_street(street)]
    )  # fmt: skip
    wanted = set(ids)
    drawn = grid.drawn_on(session, asked.division)
    return [
        GridFigures(id_, code, name, street, index.get(id_).street_code, geometry)
        for id_, code, name, street, geometry in drawn
        if id_ in wanted
    ]


def _add_whole(session: Session, asked: Asked, placed: Placing, sums: _Sums) -> None:
    versions = placed.whole
    first, last = asked.span.months()[0], asked.span.months()[-1]
    counted = (Count.grid_version_id.in_(versions), Count.verdict == COUNTED)
    n = select(Count.grid_version_id, func.sum(Count.n)).where(*counted, Count.month.between(first, last))
    for version, times in session.execute(n.group_by(Count.grid_version_id)):
        sums.patrols[versions[version]] += int(times)
    during = Patrol.patrolled_on.between(asked.span.start, asked.span.end)
    for version, times in _by_version(session, versions, [during, map_division.stands_with_problem()]):
        sums.problems[versions[version]] += times
    for version, day in _last_days(session, versions, counted, last):
        sums.met_on(versions[version], day)
    for version, day, times in _by_day(session, versions, during):
        sums.by_day[versions[version]][day] += times


def _by_version(session: Session, versions: dict[int, int], where: Sequence[ColumnElement[bool]]) -> Any:
    n = select(Patrol.grid_version_id, func.count()).where(Patrol.grid_version_id.in_(versions), *where)
    return session.execute(n.group_by(Patrol.grid_version_id))


def _last_days(session: Session, versions: dict[int, int], counted: Sequence[ColumnElement[bool]], last: str) -> Any:
    # The kept counts say in which month it was; only the patrols from there on are read for the day.
    latest = select(func.max(Count.month)).where(*counted, Count.month <= last, Count.n > 0)
    found = session.scalars(latest.group_by(Count.grid_version_id)).all()
    if not found:
        return []
    during = Patrol.patrolled_on.between(month_span(min(found)).start, month_span(last).end)
    days = select(Patrol.grid_version_id, func.max(Patrol.patrolled_on))
    days = days.where(Patrol.grid_version_id.in_(versions), Patrol.verdict == COUNTED, during)
    return session.execute(days.group_by(Patrol.grid_version_id))


def _by_day(session: Session, versions: dict[int, int], during: ColumnElement[bool]) -> Any:
    where = (Patrol.verdict == COUNTED, Patrol.level == Level.COMMUNITY.value, during)
    keys = (Patrol.grid_version_id, Patrol.patrolled_on)
    return session.execute(
        select(*keys, func.count()).where(Patrol.grid_version_id.in_(versions), *where).group_by(*keys)
    )


def _add_split(session: Session, asked: Asked, placed: Placing, sums: _Sums) -> None:
    for row in map_division.split_patrols(session, placed, asked.span.end):
        here = placed.place(row)
        if here is None:
            continue
        during = row.patrolled_on >= asked.span.start
        if row.counted:
            sums.met_on(here, row.patrolled_on)
            sums.patrols[here] += during
            sums.by_day[here][row.patrolled_on] += during and row.level == Level.COMMUNITY.value
        sums.problems[here] += during and bool(row.problem)


def _duty(session: Session, asked: Asked) -> list[tuple[date, date, int]]:
    """The periods of every community chief's duty that lie whole in the span and the past, and how often in each."""
    everyone = [one for one in duties_on(session, Level.COMMUNITY.value, asked.until) if _is_common(one)]
    duty = everyone[0] if everyone else None
    found = []
    day = asked.span.start
    while duty and day <= asked.until:
        start, end = bounds(duty.period, day)
        if start >= asked.span.start and end <= asked.until:
            found.append((start, end, duty.times))
        day = end + timedelta(days=1)
    return found


def _is_common(duty: Duty) -> bool:
    # What only some owe, or only in a season, says nothing about the other grids and months.
    return (duty.area_code, duty.post_id, duty.grid_code) == (None, None, None) and duty.period != "season"


def _filled(one: GridFigures, asked: Asked, sums: _Sums, duty: Sequence[tuple[date, date, int]]) -> GridFigures:
    one.patrols, one.problems, one.last_on = sums.patrols[one.id], sums.problems[one.id], sums.last.get(one.id)
    one.days = (asked.until - one.last_on).days if one.last_on else None
    days = sums.by_day.get(one.id, Counter())
    one.owed = len(duty)
    one.met = sum(sum(n for day, n in days.items() if start <= day <= end) >= times for start, end, times in duty)
    return one
