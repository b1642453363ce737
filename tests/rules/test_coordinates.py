"""Datums (坐标系): there and back between WGS-84 and GCJ-02."""

import csv
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.coordinates import gcj02_of_wgs84, wgs84_of_gcj02
from rules.geometry import distance_between_m

PAIRS = Path(__file__).parents[2] / "demo" / "xicheng" / "geo" / "wgs84_gcj02_pairs.csv"
HALF_A_DIGIT = 0.51e-6
"""The pairs have six decimals, about 0.1 m."""


def pairs() -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair["label"])
def test_known_places_of_xicheng_are_met_both_ways(pair: dict[str, str]) -> None:
    wgs84 = float(pair["wgs84_lon"]), float(pair["wgs84_lat"])
    gcj02 = float(pair["gcj02_lon"]), float(pair["gcj02_lat"])
    assert gcj02_of_wgs84(*wgs84) == pytest.approx(gcj02, rel=0, abs=HALF_A_DIGIT)
    assert wgs84_of_gcj02(*gcj02) == pytest.approx(wgs84, rel=0, abs=2 * HALF_A_DIGIT)


@given(st.floats(73.4, 135.1), st.floats(3.8, 53.6))
@example(116.3912, 39.9066)
@example(105.0, 35.0)
def test_there_and_back_is_less_than_a_millimetre_off(lon: float, lat: float) -> None:
    assert distance_between_m(lon, lat, *wgs84_of_gcj02(*gcj02_of_wgs84(lon, lat))) < 0.001
    assert distance_between_m(lon, lat, *gcj02_of_wgs84(*wgs84_of_gcj02(lon, lat))) < 0.001


@given(st.floats(116.0, 117.0), st.floats(39.5, 40.5))
def test_in_beijing_the_two_lie_half_a_kilometre_apart(lon: float, lat: float) -> None:
    assert 450 < distance_between_m(lon, lat, *gcj02_of_wgs84(lon, lat)) < 650


@given(st.floats(-180, 180), st.floats(-90, 90))
@example(-122.4194, 37.7749)
@example(139.6917, 35.6895)
@example(72.0, 30.0)
def test_outside_the_rectangle_both_are_exactly_the_same(lon: float, lat: float) -> None:
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        assert gcj02_of_wgs84(lon, lat) == (lon, lat)
        assert wgs84_of_gcj02(lon, lat) == (lon, lat)
