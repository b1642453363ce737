"""Corners (角落): the part of a grid that was longest not seen, by its direction."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from rules.corner import LONG, cells_of, is_known, longest_unseen

TODAY = date(2026, 11, 24)
LATELY, LONG_AGO = TODAY - timedelta(days=7), date(2026, 5, 4)
SQUARE = box(116.380, 39.950, 116.386, 39.955)
"""About 510 m wide and 560 m high."""


def seen_everywhere_but(direction: str, since: date = LATELY) -> list[tuple[float, float, date]]:
    return [
        ((c.west + c.east) / 2, (c.south + c.north) / 2, since) for c in cells_of(SQUARE) if c.direction != direction
    ]


def test_a_grid_is_cut_into_eight_directions_and_the_middle() -> None:
    assert [cell.direction for cell in cells_of(SQUARE)] == ["sw", "s", "se", "w", "middle", "e", "nw", "n", "ne"]


def test_a_small_grid_is_cut_into_fewer() -> None:
    assert [cell.direction for cell in cells_of(box(116.380, 39.950, 116.3826, 39.9508))] == ["w", "e"]
    assert [cell.direction for cell in cells_of(box(116.380, 39.950, 116.381, 39.951))] == ["middle"]


def test_only_cells_whose_centre_lies_in_the_grid_are_looked_at() -> None:
    south_west = Polygon([(116.380, 39.950), (116.386, 39.950), (116.380, 39.955)])
    found = {cell.direction for cell in cells_of(south_west)}
    assert {"sw", "s", "w"} <= found
    assert found.isdisjoint({"n", "e", "ne"})


def test_the_corner_that_was_longest_not_seen_is_named_with_its_last_day() -> None:
    cells = cells_of(SQUARE)
    assert longest_unseen(cells, seen_everywhere_but("ne"), TODAY) == ("ne", None)
    there = [((c.west + c.east) / 2, (c.south + c.north) / 2, LONG_AGO) for c in cells if c.direction == "ne"]
    assert longest_unseen(cells, [*seen_everywhere_but("ne"), *there], TODAY) == ("ne", LONG_AGO)


def test_what_was_seen_lately_is_not_long_unseen() -> None:
    cells = cells_of(SQUARE)
    assert longest_unseen(cells, seen_everywhere_but("", TODAY - LONG), TODAY) is None
    assert longest_unseen(cells, seen_everywhere_but("", TODAY - LONG - timedelta(days=1)), TODAY) is not None


def test_a_grid_of_one_cell_has_no_corner() -> None:
    assert longest_unseen(cells_of(box(116.380, 39.950, 116.381, 39.951)), [], TODAY) is None


def test_nothing_is_said_before_some_months_and_some_patrols() -> None:
    assert is_known(TODAY - timedelta(days=90), 8, TODAY)
    assert not is_known(TODAY - timedelta(days=89), 8, TODAY)
    assert not is_known(TODAY - timedelta(days=400), 7, TODAY)


@given(st.floats(116.0, 116.9), st.floats(39.0, 40.0), st.floats(0.0005, 0.05), st.floats(0.0005, 0.05))
def test_no_direction_is_named_twice_and_no_point_lies_in_two_cells(
    west: float, south: float, width: float, height: float
) -> None:
    cells = cells_of(box(west, south, west + width, south + height))
    assert len({cell.direction for cell in cells}) == len(cells) <= 9
    for cell in cells:
        lon, lat = (cell.west + cell.east) / 2, (cell.south + cell.north) / 2
        assert [one.direction for one in cells if one.holds(lon, lat)] == [cell.direction]
