"""Datums (坐标系): WGS-84 of GPS and of the grids, GCJ-02 of Chinese map services; all in degrees."""

from collections.abc import Sequence
from math import cos, pi, radians, sin, sqrt
from statistics import median

from rules.geometry import distance_between_m

_AXIS_M = 6378245.0
"""Semi-major axis of the Krasovsky 1940 ellipsoid, on which GCJ-02 shifts."""
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_SHIFT_AT_LEAST_M, _SHIFT_FITS_M = 150.0, 40.0
"""GCJ-02 shifts by 300 to 700 m in most of China; a grid's middle moves by metres when it is only drawn again."""
_CLOSE_DEGREES = 1e-11
_MOST_STEPS = 20


def gcj02_of_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The GCJ-02 position of a WGS-84 position; outside the rectangle around China both are the same.

    There is no official formula: this is the one known from open programs such as eviltransform. The rectangle, which
    takes in neighbours of China too, is a part of it.
    """
    if not _in_rectangle(lon, lat):
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def wgs84_of_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The WGS-84 position of a GCJ-02 position, by steps until `gcj02_of_wgs84` gives the same back.

    A single step, as often seen, is metres off; these end far below a millimetre.
    """
    if not _in_rectangle(lon, lat):
        return lon, lat
    found = lon, lat
    for _ in range(_MOST_STEPS):
        east, north = _shift(*found)
        before, found = found, (lon - east, lat - north)
        if max(abs(found[0] - before[0]), abs(found[1] - before[1])) < _CLOSE_DEGREES:
            break
    return found


def _in_rectangle(lon: float, lat: float) -> bool:
    return _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH


def _shift(lon: float, lat: float) -> tuple[float, float]:
    """The degrees by which GCJ-02 lies east and north of WGS-84."""
    x, y = lon - 105.0, lat - 35.0
    curve = 1 - _ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    north_radius_m = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / curve**1.5
    east_radius_m = _AXIS_M / sqrt(curve) * cos(radians(lat))
    return _east_m(x, y) * 180 / (east_radius_m * pi), _north_m(x, y) * 180 / (north_radius_m * pi)


def _east_m(x: float, y: float) -> float:
    plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    return plain + _ripple(x) + _waves(x, (1, 20, 1 / 3, 40), (1 / 12, 150, 1 / 30, 300))


def _north_m(x: float, y: float) -> float:
    plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    return plain + _ripple(x) + _waves(y, (1, 20, 1 / 3, 40), (1 / 12, 160, 1 / 30, 320))


def _ripple(x: float) -> float:
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3


def _waves(z: float, *waves: tuple[float, float, float, float]) -> float:
    return sum((a * sin(k * z * pi) + b * sin(m * z * pi)) * 2 / 3 for k, a, m, b in waves)


def misfits_m(known: tuple[float, float], sent: tuple[float, float]) -> tuple[float, float]:
    """How many metres a sent position is off a known WGS-84 point, read as WGS-84 and read as GCJ-02."""
    return distance_between_m(*known, *sent), distance_between_m(*known, *wgs84_of_gcj02(*sent))


Position = tuple[float, float]


def gcj02_shift_m(pairs: Sequence[tuple[Position, Position]]) -> float | None:
    """The metres by which positions lie off the same ones in WGS-84, where that is just what GCJ-02 does; else None.

    Each pair is a known position and the one that was sent; the median decides, so that a few that really moved
    do not hide it.
    """
    if not pairs:
        return None
    plain, as_gcj02 = (median(far) for far in zip(*(misfits_m(*pair) for pair in pairs), strict=True))
    return plain if plain > _SHIFT_AT_LEAST_M and as_gcj02 < _SHIFT_FITS_M else None
