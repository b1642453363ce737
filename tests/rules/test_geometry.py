"""Points and grids (点与网格): on the real ground of Xicheng."""

import json
from math import inf, isclose, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import Point, union_all
from shapely.geometry import box, shape

from rules.geometry import GridIndex, GridShape, distance_between_m, valid_position

GRIDS = Path(__file__).parents[2] / "demo" / "xicheng" / "geo" / "grids_2023.geojson"
FEATURES = [
    feature
    for feature in json.loads(GRIDS.read_text("utf-8"))["features"]
    if feature["properties"]["level"] == "community"
]


def grid(number: int, feature: dict[str, Any]) -> GridShape:
    said = feature["properties"]
    codes = tuple(said["community_codes"])
    return GridShape(number, said["code"], said["street_code"], "110102", codes, shape(feature["geometry"]))


SHAPES = [grid(number, feature) for number, feature in enumerate(FEATURES, 1)]
XICHENG = GridIndex(SHAPES)
DISTRICT = union_all([one.geometry for one in SHAPES])
DESHENG = "110102010"
LON, LAT = st.floats(116.30, 116.42), st.floats(39.85, 40.0)


def square(number: int, code: str, west: float, south: float, side: float = 0.01) -> GridShape:
    return GridShape(number, code, "S", "D", (f"C{number}",), box(west, south, west + side, south + side))


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature["properties"]["name"])
def test_every_label_lies_in_its_own_grid(feature: dict[str, Any]) -> None:
    said = feature["properties"]
    found = XICHENG.at(said["label_lon"], said["label_lat"])
    assert found is not None
    assert found.code == said["code"]
    assert XICHENG.nearest(said["label_lon"], said["label_lat"], XICHENG.all_ids) == (found, 0.0)


def test_a_corner_of_several_grids_belongs_to_the_least_code_in_whatever_order_they_come() -> None:
    backwards = GridIndex(SHAPES[::-1])
    shared = 0
    for one in SHAPES:
        for lon, lat in one.geometry.exterior.coords:
            touching = sorted(other.code for other in SHAPES if other.geometry.intersects(Point(lon, lat)))
            shared += len(touching) > 1
            for index in (XICHENG, backwards):
                found = index.at(lon, lat)
                assert found is not None
                assert found.code == touching[0]
    assert shared > 1000


@given(LON, LAT)
def test_a_point_is_in_a_grid_exactly_where_it_is_in_the_district(lon: float, lat: float) -> None:
    here = Point(lon, lat)
    if DISTRICT.boundary.distance(here) > 1e-9:
        assert (XICHENG.at(lon, lat) is not None) is DISTRICT.contains(here)


@given(LON, LAT)
def test_inside_is_zero_and_outside_is_more(lon: float, lat: float) -> None:
    found, metres = XICHENG.nearest(lon, lat, XICHENG.all_ids)
    assert (metres == 0) is found.geometry.intersects(Point(lon, lat))


@given(LON, LAT, st.integers(0, 262))
@example(116.30, 39.85, 0)
def test_no_corner_is_nearer_than_the_grid(lon: float, lat: float, at: int) -> None:
    _, metres = XICHENG.nearest(lon, lat, [SHAPES[at].id])
    corners = (distance_between_m(lon, lat, *corner) for corner in SHAPES[at].geometry.exterior.coords)
    # The plane of the search bends the ground a little: a millimetre in 100 m.
    assert metres <= min(corners) * (1 + 1e-5) + 1e-6


@given(LON, LAT, st.sets(st.integers(1, 263), min_size=1, max_size=8))
def test_the_nearest_of_several_is_the_nearest_one_by_one(lon: float, lat: float, ids: set[int]) -> None:
    _, metres = XICHENG.nearest(lon, lat, ids)
    alone = min(XICHENG.nearest(lon, lat, [one])[1] for one in ids)
    # The plane of the search and the ellipsoid of the answer may differ on which of two equals is nearer.
    assert isclose(metres, alone, rel_tol=0.005, abs_tol=0.001)


def test_known_distances() -> None:
    index = GridIndex([square(1, "A", 116.30, 39.90), square(2, "B", 116.40, 39.90)])
    east = index.nearest(116.32, 39.905, [1])
    # 0.01 degrees along the 39.905th parallel: 855.1 m; along the meridian: 1,110.4 m (WGS-84).
    assert (east[0].id, east[1]) == (1, pytest.approx(855.1, abs=0.2))
    assert index.nearest(116.305, 39.92, [1])[1] == pytest.approx(1110.4, abs=0.2)
    assert index.nearest(116.38, 39.905, [1, 2])[0].id == 2
    assert index.nearest(116.305, 39.905, [2])[0].id == 2


def test_a_step_east_is_shorter_than_a_step_north() -> None:
    # By degrees the southern one is nearer, by metres the eastern one.
    index = GridIndex([square(1, "south", 116.30, 39.889), square(2, "east", 116.3205, 39.905)])
    assert index.nearest(116.309, 39.9095, [1, 2])[0].code == "east"


def test_of_two_at_the_same_distance_the_least_code_is_nearest() -> None:
    index = GridIndex([square(1, "B", 116.30, 39.90), square(2, "A", 116.30, 39.90)])
    assert index.nearest(116.5, 39.9, [1, 2])[0].code == "A"


def test_a_distance_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no grid"):
        XICHENG.nearest(116.36, 39.9, [])


def test_grids_are_found_by_street_community_and_district() -> None:
    assert {XICHENG.get(one).street_code for one in XICHENG.by_street(DESHENG)} == {DESHENG}
    assert len(XICHENG.by_street(DESHENG)) == 20
    assert all(one.id in XICHENG.by_community(code) for one in SHAPES for code in one.community_codes)
    assert XICHENG.by_district("110102") == XICHENG.all_ids
    assert XICHENG.by_street("110105001") == XICHENG.by_community("") == XICHENG.by_district("") == ()


def test_a_division_without_grids_has_nothing_anywhere() -> None:
    assert GridIndex([]).at(116.36, 39.9) is None


@pytest.mark.parametrize(
    ("lon", "lat", "valid"),
    [
        (116.36, 39.9, True),
        (-180, 90, True),
        (0, 51.5, True),
        (0, 0, False),
        (180.1, 0, False),
        (0, -90.1, False),
        (nan, 39.9, False),
        (116.36, inf, False),
    ],
)
def test_a_position_is_one_on_the_globe(lon: float, lat: float, valid: bool) -> None:
    assert valid_position(lon, lat) is valid


def test_a_point_that_is_no_position_lies_in_no_grid() -> None:
    assert XICHENG.at(nan, nan) is None
