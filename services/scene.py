"""The scene of a reminder (现场): which grid, what was found there lately, which corner was long unseen."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from models.count import Count
from models.grid import GridCommunity, GridSuccession, GridVersion
from models.patrol import Patrol
from models.problem import Problem
from rules.level import Level
from services import duty, problem
from services.reminder import Due

Query = Select[str, int, str, str, str]

PROBLEMS_OF = timedelta(days=60)
"""How long a problem that was only noted on a patrol is named: nobody handles it, so nothing closes it."""
UNSEEN_MONTHS = 2


@dataclass(slots=True)
class Scene:
    """What a reminder names."""

    names: list[str] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    """What was noted on patrols of the last two months and is not handled by anybody, in the office's words."""
    open_problems: Counter[str] = field(default_factory=Counter)
    """What was reported and is not closed, by `problem_rule.labels`."""
    unseen: tuple[str, str | None] | None = None
    """A grid of several that was not patrolled for two months, and its last month (`2023-04`), None for never."""


@dataclass(frozen=True, slots=True)
class _Grid:
    id: int
    name: str
    street: str
    code: str


def scenes(session: Session, due: Sequence[Due], today: date) -> dict[int, Scene]:
    """The scene of each reminder, by its id; a handful of queries, however many there are."""
    if not due:
        return {}
    grids = _grids_of(session, due, today)
    names = _area_names(session, {one.area_code for one in due if _is_wide(one) or not grids.get(one.id)})
    noted = _problems(session, {grid.id for some in grids.values() for grid in some}, today)
    opened = problem.open_in(session, {grid.code for some in grids.values() for grid in some})
    seen = _last_seen(session, {grid.street for some in grids.values() if len(some) > 1 for grid in some})
    return {one.id: _scene(one, grids.get(one.id, []), names, noted, opened, seen, today) for one in due}


def _scene(
    one: Due, grids: list[_Grid], names: dict[str, str], noted: dict[int, Counter[str]],
    opened: dict[str, Counter[str]], seen: dict[int, str], today: date,
) -> Scene:  # fmt: skip
    by_area = _is_wide(one) or not grids
    found = Scene([names.get(one.area_code, one.area_code)] if by_area else [grid.name for grid in grids])
    for grid in grids:
        found.problems += noted.get(grid.id, Counter())
        found.open_problems += opened.get(grid.code, Counter())
    if len(grids) > 1:
        oldest = min(grids, key=lambda grid: (seen.get(grid.id, ""), grid.id))
        if seen.get(oldest.id, "") < _month_before(today, UNSEEN_MONTHS):
            found.unseen = (oldest.name, seen.get(oldest.id))
    return found


def _is_wide(one: Due) -> bool:
    return one.level != Level.COMMUNITY and not one.grid_code


def _grids_of(session: Session, due: Sequence[Due], today: date) -> dict[int, list[_Grid]]:
    """The grids of each reminder: that of its duty (or its heir), those of a community, those of a street."""
    keyed = {one.id: _key(one) for one in due if one.grid_code or one.level != Level.DISTRICT}
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, code in keyed.values():
        wanted[kind].add(code)
    found: dict[tuple[str, str], list[_Grid]] = defaultdict(list)
    for kind, codes in wanted.items():
        rows = session.execute(_QUERIES[kind](codes).where(*_valid(today)).order_by(GridVersion.code))
        for key, grid, name, street, code in rows:
            found[kind, key].append(_Grid(grid, name, street, code))
    return {reminder_id: found[key] for reminder_id, key in keyed.items()}


def _key(one: Due) -> tuple[str, str]:
    return ("grid", one.grid_code) if one.grid_code else (one.level, one.area_code)


def _of_grid(codes: set[str]) -> Query:
    # The heir of a grid that was divided meanwhile stands for it.
    heir = and_(GridSuccession.new_code == GridVersion.code, GridSuccession.old_code.in_(codes))
    key = func.coalesce(GridSuccession.old_code, GridVersion.code)
    return select(key, *_GRID).outerjoin(GridSuccession, heir).where(
        or_(GridVersion.code.in_(codes), GridSuccession.old_code.is_not(None))
    )  # fmt: skip


def _of_community(codes: set[str]) -> Query:
    served = select(GridCommunity.community_code, *_GRID)
    served = served.join(GridCommunity, GridCommunity.grid_version_id == GridVersion.id)
    return served.where(GridCommunity.community_code.in_(codes))


def _of_street(codes: set[str]) -> Query:
    return select(GridVersion.street_code, *_GRID).where(GridVersion.street_code.in_(codes))


_GRID = (GridVersion.id, GridVersion.name, GridVersion.street_code, GridVersion.code)
_QUERIES: dict[str, Callable[[set[str]], Query]] = {
    "grid": _of_grid, Level.COMMUNITY: _of_community, Level.STREET: _of_street,
}  # fmt: skip


def _valid(today: date) -> tuple[ColumnElement[bool], ...]:
    return GridVersion.valid_from <= today, or_(GridVersion.valid_to.is_(None), GridVersion.valid_to >= today)


def _area_names(session: Session, codes: set[str]) -> dict[str, str]:
    return duty.known_areas(session, codes) if codes else {}


def _problems(session: Session, grids: set[int], today: date) -> dict[int, Counter[str]]:
    noted = (
        select(Patrol.grid_version_id, Patrol.problem_type, func.count())
        .where(Patrol.grid_version_id.in_(grids), Patrol.problem_type.is_not(None))
        .where(Patrol.patrolled_on >= today - PROBLEMS_OF, Patrol.verdict == "counted")
        .where(~select(Problem.id).where(Problem.patrol_id == Patrol.id).exists())
        .group_by(Patrol.grid_version_id, Patrol.problem_type)
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for grid, kind, n in session.execute(noted) if grids else ():
        found[grid or 0][kind or ""] += n
    return found


def _last_seen(session: Session, streets: set[str]) -> dict[int, str]:
    seen = (
        select(Count.grid_version_id, func.max(Count.month))
        .where(Count.street_code.in_(streets), Count.verdict == "counted", Count.n > 0)
        .group_by(Count.grid_version_id)
    )
    return dict(session.execute(seen).all()) if streets else {}


def _month_before(today: date, months: int) -> str:
    number = today.year * 12 + today.month - 1 - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
