"""Exporting grids (导出网格): those of a date with what an import of them needs."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.area import Area
from models.grid import GridCommunity, GridVersion
from services.summary import streets_of

COLUMNS = (
    "code", "name", "level", "street_code", "street_name", "community_codes", "community_names", "change",
    "valid_from", "valid_to", "area_m2", "label_lon", "label_lat",
)  # fmt: skip


def features(session: Session, area: Area, day: date) -> list[dict[str, Any]]:
    """The grids of a district or street on a local date as GeoJSON features, in the order of their codes; WGS-84."""
    valid = (GridVersion.valid_from <= day) & ((GridVersion.valid_to.is_(None)) | (GridVersion.valid_to >= day))
    here = GridVersion.street_code.in_(streets_of(session, area))
    rows = select(GridVersion, Area.name).join(Area, Area.code == GridVersion.street_code).where(valid, here)
    served = _served(session)
    return [
        {
            "type": "Feature", "geometry": json.loads(grid.geometry),
            "properties": _facts(grid, street, served.get(grid.id, ())),
        }
        for grid, street in session.execute(rows.order_by(GridVersion.code))
    ]  # fmt: skip


def _facts(grid: GridVersion, street: str, served: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "code": grid.code, "name": grid.name, "level": "community", "street_code": grid.street_code,
        "street_name": street, "community_codes": [code for code, _ in served],
        "community_names": [name for _, name in served], "change": grid.change,
        "valid_from": grid.valid_from.isoformat(), "valid_to": grid.valid_to.isoformat() if grid.valid_to else None,
        "area_m2": grid.area_m2, "label_lon": grid.label_lon, "label_lat": grid.label_lat,
    }  # fmt: skip


def _served(session: Session) -> dict[int, list[tuple[str, str]]]:
    served: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = select(GridCommunity.grid_version_id, Area.code, Area.name)
    rows = rows.join(Area, Area.code == GridCommunity.community_code).order_by(Area.code)
    for version, code, name in session.execute(rows):
        served[version].append((code, name))
    return served
