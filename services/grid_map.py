"""The picture of the grids (网格图): the grids of a date with their patrols, or the days since the last one."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shapely import get_parts, union_all
from shapely.geometry import shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.grid import GridVersion
from models.patrol import Patrol
from rules.evidence import COUNTED
from rules.localtime import local_date
from services import tally
from services.summary import Figures, Span

SHOWN = ("patrols", "days")
_DIGITS = 5
"""Decimals of a degree: about a metre, finer than a pixel."""
_HAIR = 2e-5
"""Degrees: two metres."""


def figures(session: Session, span: Span, area: Area, shown: str, zone: ZoneInfo, now: datetime) -> Figures:
    """The grids of the period's last day that has come, each with `n` and its rings (WGS-84 longitude, latitude).

    `n` counts the patrols of the period, as `tally.by_grid` does, or the days since the last counted one; None
    where there was none. `elsewhere` are the counted patrols of the period that no grid shown holds.
    """
    day = min(span.end, local_date(now, zone))
    counted = {row.key: row.n for row in tally.by_grid(session, span, area)}
    grids = [grid for grid in _grids(session, counted) if grid.valid_to is None or grid.valid_to >= day]
    last = _last_days(session, [grid.id for grid in grids], day) if shown == "days" else {}
    values = {grid.id: _days(last.get(grid.id), day) if shown == "days" else counted[str(grid.id)] for grid in grids}
    return {
        "shown": shown, "from": span.start.isoformat(), "to": span.end.isoformat(), "year": span.year,
        "timezone": zone.key, "as_of": now.isoformat(), "closed": span.end < local_date(now, zone),
        "area": {"code": area.code, "name": area.name}, "day": day.isoformat(),
        "elsewhere": sum(counted.values()) - sum(counted[str(grid.id)] for grid in grids),
        "grids": [
            {
                "code": grid.code, "name": grid.name, "street": grid.street_code, "n": values[grid.id],
                "shapes": shapes(grid.geometry),
            }
            for grid in grids
        ],
        "streets": _streets(session, {grid.street_code for grid in grids}), "borders": borders(grids),
    }  # fmt: skip


def shapes(geometry: str) -> list[list[list[list[float]]]]:
    """The polygons of a GeoJSON geometry: an outer ring and its holes each, in degrees."""
    found = json.loads(geometry)
    polygons = found["coordinates"] if found["type"] == "MultiPolygon" else [found["coordinates"]]
    return [[[[round(x, _DIGITS) for x in point[:2]] for point in ring] for ring in polygon] for polygon in polygons]


def borders(grids: Sequence[GridVersion]) -> list[list[list[float]]]:
    """The lines around each street: what its grids make together; where there is one street, none."""
    by_street: dict[str, list[Any]] = {}
    for grid in grids:
        by_street.setdefault(grid.street_code, []).append(shape(json.loads(grid.geometry)))
    if len(by_street) < 2:
        return []
    # A hair wider: neighbours that were drawn apart by a hair leave no line between them.
    whole = [union_all(grounds).buffer(_HAIR, join_style="mitre") for grounds in by_street.values()]
    rings = [ring for ground in whole for part in get_parts(ground) for ring in (part.exterior, *part.interiors)]
    return [[[round(x, _DIGITS) for x in point] for point in ring.coords] for ring in rings]


def _grids(session: Session, counted: dict[str, int]) -> list[GridVersion]:
    ids = [int(key) for key in counted if key != tally.NONE]
    return list(session.scalars(select(GridVersion).where(GridVersion.id.in_(ids)).order_by(GridVersion.code)))


def _last_days(session: Session, ids: list[int], day: date) -> dict[int | None, date]:
    latest = select(Patrol.grid_version_id, func.max(Patrol.patrolled_on)).where(
        Patrol.verdict == COUNTED, Patrol.grid_version_id.in_(ids), Patrol.patrolled_on <= day
    )
    return {row[0]: row[1] for row in session.execute(latest.group_by(Patrol.grid_version_id))}


def _days(last: date | None, day: date) -> int | None:
    return None if last is None else (day - last).days


def _streets(session: Session, codes: set[str]) -> dict[str, Any]:
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(codes)).order_by(Area.code))
    return {row.code: row.name for row in rows}
