"""The ground of a grid as it arrives (网格图形): a polygon, in its place, closed and not crossing itself."""

import math
from typing import Any, NoReturn

from shapely import get_coordinates, is_valid_reason
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from services.refused import Refused

_CHINA = (73.0, 3.0, 136.0, 54.0)


def check_ground(geometry: Any, code: str) -> None:
    """Raises `Refused` for a GeoJSON geometry that is no valid polygon in WGS-84 within China, saying what is wrong."""
    try:
        ground = shape(geometry)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise Refused("file.bad_geometry", code=code) from None
    if ground.geom_type not in {"Polygon", "MultiPolygon"} or ground.is_empty:
        raise Refused("file.bad_geometry", code=code)
    _check_place(ground, code)
    if not ground.is_valid:
        _refuse_invalid(ground, code)
    if not all(_closed(ring) for ring in _rings(geometry)):
        raise Refused("file.open_ring", code=code)


def _check_place(ground: BaseGeometry, code: str) -> None:
    if not all(map(math.isfinite, get_coordinates(ground).flat)):
        raise Refused("file.bad_geometry", code=code)
    west, south, east, north = ground.bounds
    if _in_china(west, south, east, north):
        return
    if _in_china(south, west, north, east):
        raise Refused("file.swapped", code=code)
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise Refused("file.projected", code=code)
    raise Refused("file.not_wgs84", code=code)


def _in_china(west: float, south: float, east: float, north: float) -> bool:
    return _CHINA[0] <= west and _CHINA[1] <= south and east <= _CHINA[2] and north <= _CHINA[3]


def _refuse_invalid(ground: BaseGeometry, code: str) -> NoReturn:
    # The reason ends with the place where the border is wrong: "Self-intersection[116.3 39.9]".
    _, bracket, place = str(is_valid_reason(ground)).partition("[")
    lon, _, lat = place.rstrip("]").partition(" ")
    if not bracket:
        raise Refused("file.bad_geometry", code=code)
    raise Refused("file.crossed_border", code=code, lon=lon[:12], lat=lat[:12])


def _rings(geometry: Any) -> list[Any]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [ring for part in parts for ring in part]


def _closed(ring: Any) -> bool:
    return len(ring) >= 4 and ring[0] == ring[-1]
