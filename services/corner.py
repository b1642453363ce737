"""Corners (角落) that were long not seen: of a reminder about one grid, from where its patrols of a year were made."""

import json
from collections import OrderedDict, defaultdict
from datetime import date, timedelta

from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.among import among
from models.grid import GridVersion
from models.patrol import Patrol
from rules.corner import Cell, Seen, cells_of, is_known, longest_unseen
from services import mark
from services.ground import Fact, Grounds

LOOK_BACK = timedelta(days=366)
_REMEMBERED = 5_000
_cells: OrderedDict[tuple[str, int], tuple[Cell, ...]] = OrderedDict()


def corners(session: Session, grounds: Grounds, today: date) -> dict[int, Fact]:
    """The direction that was longest not seen of each reminder's grid, where it has one grid that is well known."""
    single = {reminder_id: some[0].id for reminder_id, some in grounds.items() if len(some) == 1}
    seen = _seen(session, set(single.values()), today)
    known = {grid: some for grid, some in seen.items() if is_known(min(day for *_, day in some), len(some), today)}
    cells = _cells_of(session, set(known))
    unseen = {grid: longest_unseen(cells[grid], some, today) for grid, some in known.items()}
    return {
        reminder_id: _fact(*found) for reminder_id, grid in single.items() if (found := unseen.get(grid)) is not None
    }


def _fact(direction: str, last_on: date | None) -> Fact:
    if last_on is None:
        return Fact("corner_never", direction=direction)
    return Fact("corner_since", {"day": last_on}, direction=direction)


def _seen(session: Session, grids: set[int], today: date) -> dict[int, list[Seen]]:
    if not grids:
        return {}
    dialect = session.get_bind().dialect.name
    rows = session.execute(
        select(Patrol.grid_version_id, Patrol.lon, Patrol.lat, Patrol.patrolled_on)
        .where(among(dialect, Patrol.grid_version_id, grids), Patrol.verdict == "counted")
        .where(Patrol.patrolled_on >= today - LOOK_BACK, Patrol.lon.is_not(None))
    )
    found: dict[int, list[Seen]] = defaultdict(list)
    for grid, lon, lat, day in rows:
        found[grid or 0].append((lon or 0.0, lat or 0.0, day))
    return found


def _cells_of(session: Session, grids: set[int]) -> dict[int, tuple[Cell, ...]]:
    if not grids:
        return {}
    edition = mark.edition(session, "grids")
    new = {grid for grid in grids if (edition, grid) not in _cells}
    rows = select(GridVersion.id, GridVersion.geometry).where(GridVersion.id.in_(new))
    for grid, geometry in session.execute(rows) if new else ():
        _cells[edition, grid] = cells_of(shape(json.loads(geometry)))
    found = {grid: _cells[edition, grid] for grid in grids}
    while len(_cells) > _REMEMBERED:
        _cells.popitem(last=False)
    return found
