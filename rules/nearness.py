"""Points near a position (附近): which of many, nearest first, within some metres; all in WGS-84."""

from collections.abc import Sequence
from math import cos, radians

from shapely import STRtree, box
from shapely.geometry import Point

from rules.geometry import distance_between_m

_DEGREE_M = 110_500.0
"""No degree of latitude is shorter: a box of this size misses nothing."""


class PointIndex:
    """Points with their ids, found by a position."""

    def __init__(self, points: Sequence[tuple[int, float, float]]) -> None:
        self._points = tuple(points)
        self._tree = STRtree([Point(lon, lat) for _, lon, lat in self._points])

    def within(self, lon: float, lat: float, metres: float) -> list[tuple[int, float]]:
        """Ids and metres of the points within so many metres, nearest first; of two as near the lower id."""
        north = metres / _DEGREE_M
        east = north / max(cos(radians(min(abs(lat) + north, 89.9))), 1e-9)
        around = box(lon - east, lat - north, lon + east, lat + north)
        found = []
        for place in self._tree.query(around).tolist():
            id_, there_lon, there_lat = self._points[place]
            away_m = distance_between_m(lon, lat, there_lon, there_lat)
            if away_m <= metres:
                found.append((id_, away_m))
        return sorted(found, key=lambda one: (one[1], one[0]))
