"""Points and grids (点与网格): which grid a point lies in, and how far from an area it is; all in WGS-84."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, isfinite, radians
from typing import Any

import numpy as np
from shapely import STRtree, distance, get_parts, intersection, normalize, prepare, transform
from shapely.geometry import Point as _Point
from shapely.ops import nearest_points

_SAME_DEGREES = 7
"""Decimals of a degree: a centimetre. Every format turns rings its own way, and some write fewer digits."""


@dataclass(frozen=True, slots=True)
class GridShape:
    """A grid's ground; `geometry` is a shapely polygon in WGS-84 longitude, latitude."""

    id: int
    code: str
    street_code: str
    district_code: str
    community_codes: tuple[str, ...]
    geometry: Any


class GridIndex:
    """The grids of one division, found by point, by id, by street, by community."""

    def __init__(self, shapes: Sequence[GridShape]) -> None:
        self._shapes = tuple(sorted(shapes, key=lambda grid: grid.code))
        self._place = {grid.id: place for place, grid in enumerate(self._shapes)}
        self._grounds = np.array([grid.geometry for grid in self._shapes], dtype=object)
        self._tree = STRtree(self._grounds)
        prepare(self._grounds)
        self.all_ids = tuple(grid.id for grid in self._shapes)
        self._by_street = _group((grid.street_code, grid.id) for grid in self._shapes)
        self._by_community = _group((code, grid.id) for grid in self._shapes for code in grid.community_codes)
        self._by_district = _group((grid.district_code, grid.id) for grid in self._shapes)

    def get(self, grid_id: int) -> GridShape:
        """The grid of an id; raises `KeyError` where this division has none."""
        return self._shapes[self._place[grid_id]]

    def at(self, lon: float, lat: float) -> GridShape | None:
        """The grid under a point; on a shared border the one with the least code."""
        under = self._under(lon, lat)
        return self._shapes[min(under)] if under else None

    def nearest(self, lon: float, lat: float, ids: Iterable[int]) -> tuple[GridShape, float]:
        """The nearest of the given grids and the metres to it, 0 inside; raises `ValueError` without grids."""
        places = sorted(self._place[grid_id] for grid_id in ids)
        if not places:
            raise ValueError("no grid to measure to")
        if inside := self._under(lon, lat).intersection(places):
            return self._shapes[min(inside)], 0.0
        # In degrees a step east is shorter than a step north: the search runs in a plane scaled to the latitude.
        scale = np.array([cos(radians(lat)), 1.0])
        grounds = transform(self._grounds[places], lambda points: points * scale)
        here = _Point(lon * scale[0], lat)
        best = int(np.argmin(distance(grounds, here)))
        there = nearest_points(grounds[best], here)[0]
        return self._shapes[places[best]], distance_between_m(lon, lat, there.x / scale[0], there.y)

    def by_street(self, code: str) -> tuple[int, ...]:
        """The ids of a street's grids."""
        return self._by_street.get(code, ())

    def by_community(self, code: str) -> tuple[int, ...]:
        """The ids of the grids that serve a community."""
        return self._by_community.get(code, ())

    def by_district(self, code: str) -> tuple[int, ...]:
        """The ids of a district's grids."""
        return self._by_district.get(code, ())

    def overlapping(self, ground: Any, least_share: float) -> tuple[int, ...]:
        """The ids of the grids that cover at least this share of a polygon (0 to 1), in the order of their codes."""
        near = sorted(self._tree.query(ground, predicate="intersects").tolist())
        shares = [intersection(self._grounds[place], ground).area / ground.area for place in near]
        return tuple(self._shapes[place].id for place, share in zip(near, shares, strict=True) if share >= least_share)

    def _under(self, lon: float, lat: float) -> set[int]:
        return set(self._tree.query(_Point(lon, lat), predicate="intersects").tolist())


def distance_between_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The metres between two points on the WGS-84 ellipsoid."""
    if (lon1, lat1) == (lon2, lat2):
        return 0.0
    # Imported here: it brings every geocoder along, and most commands measure nothing.
    from geopy.distance import geodesic

    return float(geodesic((lat1, lon1), (lat2, lon2)).meters)


def same_ground(one: Any, other: Any) -> bool:
    """Whether two polygons are one but for the order and direction of their corners, to `_SAME_DEGREES`."""
    if one.equals_exact(other, 0):
        return True
    plain = [normalize(transform(each, lambda points: np.round(points, _SAME_DEGREES))) for each in (one, other)]
    parts = [list(get_parts(each)) for each in plain]
    return len(parts[0]) == len(parts[1]) and all(a.equals(b) for a, b in zip(*parts, strict=True))


def valid_position(lon: float, lat: float) -> bool:
    """Whether a position can be one: finite, on the globe, and not the 0, 0 of a phone that knows nothing."""
    return isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90 and (lon, lat) != (0, 0)


def _group(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    groups: dict[str, list[int]] = {}
    for code, grid in pairs:
        groups.setdefault(code, []).append(grid)
    return {code: tuple(ids) for code, ids in groups.items()}
