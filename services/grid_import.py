"""Importing grids (导入网格): a re-division closes the old versions and opens the new."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shapely.geometry import shape
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.area import Area
from models.grid import GridCommunity, GridSuccession, GridVersion
from models.upsert import insert_or
from rules.coordinates import gcj02_shift_m
from rules.geometry import same_ground
from services import duty, mark
from services.refused import Refused

_COMPARED = 50
"""So many grids tell whether a file lies off."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A district, street or grid as a file tells it; `geometry` is GeoJSON text in WGS-84."""

    code: str
    name: str
    level: str
    geometry: str
    parent_code: str | None = None
    street_code: str | None = None
    street_name: str | None = None
    communities: tuple[tuple[str, str], ...] = ()
    change: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    area_m2: float | None = None
    label_lon: float | None = None
    label_lat: float | None = None


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """Which new grid took over how much of which old one."""

    old_code: str
    new_code: str
    change: str
    share_of_old: float
    share_of_new: float
    valid_from: date


@dataclass(frozen=True, slots=True)
class GridChanges:
    """What an import did or would do."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    unchanged: int
    successions: int


def import_grids(
    session: Session, rows: Sequence[GridRow], today: date, valid_from: date | None = None,
    mapping: Sequence[SuccessionRow] = (),
) -> GridChanges:  # fmt: skip
    """Import grids from a date on; versions of their streets that they replace are closed the day before."""
    grids = [row for row in rows if row.level == "community"]
    _load_areas(session, rows)
    _refuse_unplaced(session, grids)
    known = _known(session)
    _refuse_shifted(known, grids)
    new = [(row, _start(row, today, valid_from)) for row in grids]
    fresh = [(row, start) for row, start in new if not _same(known, row, start)]
    closed = _close(session, fresh, new)
    for row, start in fresh:
        _open(session, row, start)
    _load_mapping(session, mapping)
    for day in sorted({row.valid_from for row in mapping}):
        duty.follow_grids(session, day)
    if fresh or closed:
        mark.new_edition(session, "grids")
    return GridChanges(tuple(row.code for row, _ in fresh), closed, len(new) - len(fresh), len(mapping))


def load_areas(session: Session, areas: Sequence[Area]) -> int:
    """Add or rename administrative areas, parents first; gives how many there were."""
    for area in areas:
        session.merge(area)
        session.flush()
    mark.new_edition(session, "grids")
    return len(areas)


def _start(row: GridRow, today: date, valid_from: date | None) -> date:
    return valid_from or row.valid_from or today


def _load_areas(session: Session, rows: Sequence[GridRow]) -> None:
    for row in sorted((row for row in rows if row.level != "community"), key=lambda row: len(row.code)):
        parent = row.parent_code if row.level == "street" else None
        _add_area(session, row.code, row.level, row.name, parent)
    for row in rows:
        if row.level == "community" and row.street_code:
            _add_area(session, row.street_code, "street", row.street_name or row.street_code, None)
            for code, name in row.communities:
                _add_area(session, code, "community", name, row.street_code)


def _add_area(session: Session, code: str, level: str, name: str, parent: str | None) -> None:
    values = {"code": code, "level": level, "name": name, "alias": None, "parent_code": parent}
    session.execute(insert_or(session, Area).values(values).on_conflict_do_nothing(index_elements=["code"]))


def _refuse_unplaced(session: Session, grids: Sequence[GridRow]) -> None:
    if not grids:
        raise Refused("grids.none")
    streets = set(session.scalars(select(Area.code).where(Area.level == "street")))
    lost = next((row for row in grids if row.street_code not in streets), None)
    if lost:
        raise Refused("grids.no_street", code=lost.code)


def _known(session: Session) -> dict[str, list[GridVersion]]:
    known: dict[str, list[GridVersion]] = {}
    for version in session.scalars(select(GridVersion).order_by(GridVersion.valid_from)):
        known.setdefault(version.code, []).append(version)
    return known


def _refuse_shifted(known: dict[str, list[GridVersion]], grids: Sequence[GridRow]) -> None:
    # Map services of China shift all that they show: drawn on them, a division lies off its old one by as much.
    pairs = [
        (_middle(known[row.code][-1].geometry), _middle(row.geometry))
        for row in grids[:: max(1, len(grids) // _COMPARED)]
        if row.code in known
    ]
    metres = gcj02_shift_m(pairs)
    if metres is not None:
        raise Refused("grids.gcj02", metres=round(metres))


def _middle(geometry: str) -> tuple[float, float]:
    west, south, east, north = shape(json.loads(geometry)).bounds
    return (west + east) / 2, (south + north) / 2


def _same(known: dict[str, list[GridVersion]], row: GridRow, start: date) -> bool:
    for version in known.get(row.code, ()):
        same = version.name == row.name and _same_ground(version.geometry, row.geometry)
        if version.valid_from == start and not same:
            raise Refused("grids.conflict", code=row.code, day=start.isoformat())
        if same and version.valid_from <= start and (version.valid_to is None or version.valid_to >= start):
            return True
    return False


def _same_ground(one: str, other: str) -> bool:
    shapes = json.loads(one), json.loads(other)
    return shapes[0] == shapes[1] or same_ground(*map(shape, shapes))


def _close(
    session: Session, fresh: Sequence[tuple[GridRow, date]], new: Sequence[tuple[GridRow, date]]
) -> tuple[str, ...]:
    # Whatever else was valid in these streets gives its ground to the new division.
    starts: dict[str, date] = {}
    for row, start in fresh:
        starts[row.street_code or ""] = min(start, starts.get(row.street_code or "", start))
    stays = {row.code for row, _ in new} - {row.code for row, _ in fresh}
    closed = []
    for version in session.scalars(select(GridVersion).where(GridVersion.street_code.in_(starts))):
        start = starts[version.street_code]
        runs = version.valid_from < start and (version.valid_to is None or version.valid_to >= start)
        if runs and version.code not in stays:
            version.valid_to = start - timedelta(days=1)
            closed.append(version.code)
    session.flush()
    return tuple(closed)


def _open(session: Session, row: GridRow, start: date) -> None:
    version = GridVersion(
        code=row.code, name=row.name, street_code=row.street_code or "", geometry=row.geometry, area_m2=row.area_m2,
        label_lon=row.label_lon, label_lat=row.label_lat, change=row.change, valid_from=start, valid_to=row.valid_to,
    )  # fmt: skip
    session.add(version)
    session.flush()
    for code, _ in row.communities:
        session.execute(insert(GridCommunity).values(grid_version_id=version.id, community_code=code))


def _load_mapping(session: Session, mapping: Sequence[SuccessionRow]) -> None:
    for row in mapping:
        values = {name: getattr(row, name) for name in SuccessionRow.__slots__}
        statement = insert_or(session, GridSuccession).values(values)
        session.execute(statement.on_conflict_do_nothing(index_elements=["old_code", "new_code", "valid_from"]))
