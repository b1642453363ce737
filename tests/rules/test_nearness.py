"""Which points are near (附近): the same as by measuring every one of them."""

from hypothesis import given
from hypothesis import strategies as st

from rules.geometry import distance_between_m
from rules.nearness import PointIndex

LON, LAT = st.floats(116.30, 116.42), st.floats(39.86, 39.97)
METRES = st.floats(0, 3000)


@given(st.lists(st.tuples(LON, LAT), max_size=30), LON, LAT, METRES)
def test_the_index_finds_what_measuring_every_point_finds(
    places: list[tuple[float, float]], lon: float, lat: float, metres: float
) -> None:
    points = [(number, *place) for number, place in enumerate(places)]
    measured = [(distance_between_m(lon, lat, x, y), number) for number, x, y in points]
    expected = [number for away_m, number in sorted(measured) if away_m <= metres]
    assert [number for number, _ in PointIndex(points).within(lon, lat, metres)] == expected


def test_no_points_are_near_where_there_are_none() -> None:
    assert PointIndex([]).within(116.38, 39.92, 100) == []


def test_the_metres_are_given_and_the_nearest_comes_first() -> None:
    index = PointIndex([(1, 116.3810, 39.92), (2, 116.3805, 39.92), (3, 116.3905, 39.92)])
    found = index.within(116.38, 39.92, 100)
    assert [number for number, _ in found] == [2, 1]
    assert [round(metres) for _, metres in found] == [43, 85]
