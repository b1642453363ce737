"""Corners (角落): which part of a grid was longest not patrolled, told by its compass direction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, radians
from typing import Any

from shapely.geometry import Point

MOST_CELLS = 3
"""A grid is cut into at most so many columns and rows: eight directions and the middle."""
LEAST_CELL_M = 100
"""A cell is no narrower than this: positions of phones are about 50 m uncertain."""
LEAST_PATROLS, LEAST_KNOWN = 8, timedelta(days=90)
"""So many positions over so long are needed before anything is said of a grid."""
LONG = timedelta(days=60)
"""A corner that was seen within this is not long unseen."""

_M_PER_DEGREE = 111_320
_NAMES = (("sw", "s", "se"), ("w", "middle", "e"), ("nw", "n", "ne"))
"""From south to north, each from west to east."""

Seen = tuple[float, float, date]
"""Longitude and latitude (WGS-84 degrees) of a patrol, and its local date."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a grid's bounding box, named `ne`, `n`, … or `middle`; WGS-84 degrees."""

    direction: str
    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies in the cell."""
        return self.west <= lon < self.east and self.south <= lat < self.north


def cells_of(ground: Any) -> tuple[Cell, ...]:
    """The cells of a grid's bounding box whose centres lie in the grid; `ground` is a polygon in WGS-84 degrees."""
    west, south, east, north = ground.bounds
    columns = _cuts((east - west) * _M_PER_DEGREE * cos(radians((south + north) / 2)))
    rows = _cuts((north - south) * _M_PER_DEGREE)
    width, height = (east - west) / columns, (north - south) / rows
    return tuple(
        Cell(_direction(row, rows, column, columns), left, low, left + width, low + height)
        for row in range(rows)
        for column in range(columns)
        for left, low in [(west + column * width, south + row * height)]
        if ground.covers(Point(left + width / 2, low + height / 2))
    )


def is_known(first_on: date, patrols: int, today: date) -> bool:
    """Whether a grid was patrolled often and long enough to say what was not seen of it."""
    return patrols >= LEAST_PATROLS and today - first_on >= LEAST_KNOWN


def longest_unseen(cells: Sequence[Cell], seen: Iterable[Seen], today: date) -> tuple[str, date | None] | None:
    """The direction of the cell that was longest not seen, and when it was last, None for never; None for no such cell.

    A grid of a single cell has no corners.
    """
    last: dict[str, date | None] = dict.fromkeys((cell.direction for cell in cells), None)
    for lon, lat, day in seen:
        for cell in cells:
            if cell.holds(lon, lat):
                before = last[cell.direction]
                last[cell.direction] = day if before is None else max(before, day)
    if len(last) < 2:
        return None
    direction, day_ = min(last.items(), key=lambda item: item[1] or date.min)
    return (direction, day_) if day_ is None or today - day_ > LONG else None


def _cuts(length_m: float) -> int:
    return max(1, min(MOST_CELLS, int(length_m // LEAST_CELL_M)))


def _direction(row: int, rows: int, column: int, columns: int) -> str:
    return _NAMES[_side(row, rows) + 1][_side(column, columns) + 1]


def _side(place: int, of: int) -> int:
    # -1 for the lower half, 1 for the upper, 0 for the middle one of three.
    return (2 * place > of - 1) - (2 * place < of - 1)
