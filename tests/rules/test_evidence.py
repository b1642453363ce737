"""The order of the reasons (不计入原因的次序): every combination, against the table of the rules read from the top."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from rules.evidence import CountingPolicy, Evidence, Point, Reason, Verdict, judge

NOON = datetime(2023, 5, 16, 4, tzinfo=UTC)
LON, LAT = 116.375, 39.873
UNTIL_2026 = CountingPolicy(True, True, 100.0, 300, 50.0)
SINCE_2026 = replace(UNTIL_2026, requires_location=False, requires_photo=False)
JUST_BEFORE = Point(NOON - timedelta(seconds=10), LON, LAT)
FACTS = ("voided", "withdrawn", "accepted", "forwarded", "nowhere", "no_photo", "unknown", "far", "repeated")

UNTIL_2026_ORDER = (
    ("voided", "voided"), ("withdrawn", "withdrawn"), ("accepted", "counted"), ("forwarded", "forwarded"),
    ("nowhere", "no_location"), ("no_photo", "no_photo"), ("unknown", "awaiting_review"), ("far", "far_outside"),
    ("repeated", "within_5_min"),
)  # fmt: skip
SINCE_2026_ORDER = tuple(
    (fact, bucket) for fact, bucket in UNTIL_2026_ORDER if fact not in {"forwarded", "nowhere", "no_photo"}
)


def evidence(facts: set[str]) -> Evidence:
    """A patrol of which these facts are true."""
    here = Point(NOON, None, None) if "nowhere" in facts else Point(NOON, LON, LAT)
    # Nobody can be outside without a position of one's own.
    outside_m = None if facts & {"nowhere", "forwarded"} else 5000.0 if "far" in facts else 0.0
    return Evidence(
        here, 0 if "no_photo" in facts else 1, "forwarded" in facts, outside_m, "unknown" not in facts,
        "withdrawn" in facts, "voided" in facts, "accepted" in facts,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "order"), [(UNTIL_2026, UNTIL_2026_ORDER), (SINCE_2026, SINCE_2026_ORDER)], ids=["2023", "2026"]
)
def test_of_all_that_is_wrong_the_first_in_the_order_is_said(
    policy: CountingPolicy, order: tuple[tuple[str, str], ...]
) -> None:
    for choice in product((False, True), repeat=len(FACTS)):
        facts = {fact for fact, true in zip(FACTS, choice, strict=True) if true}
        told = facts - {"far"} if facts & {"nowhere", "forwarded"} else facts
        expected = next((bucket for fact, bucket in order if fact in told), "counted")
        verdict = judge(evidence(facts), policy, JUST_BEFORE if "repeated" in facts else None)
        assert verdict.bucket == expected, sorted(facts)


@pytest.mark.parametrize(("degrees", "bucket"), [(0.00044, "within_5_min"), (0.00046, "counted")])
def test_within_the_window_50_m_make_another_place(degrees: float, bucket: str) -> None:
    # One degree of latitude is 111,033 m here: 48.9 m and 51.1 m.
    there = Point(NOON - timedelta(seconds=299), LON, LAT + degrees)
    assert judge(Evidence(Point(NOON, LON, LAT), 1, outside_m=0), UNTIL_2026, there).bucket == bucket


@pytest.mark.parametrize(("seconds", "bucket"), [(0, "within_5_min"), (299.999, "within_5_min"), (300, "counted")])
def test_without_a_position_time_alone_decides(seconds: float, bucket: str) -> None:
    there = Point(NOON - timedelta(seconds=seconds), LON, LAT)
    assert judge(Evidence(Point(NOON, None, None), 1), SINCE_2026, there).bucket == bucket


def test_a_forwarded_position_of_2026_is_at_no_other_place() -> None:
    elsewhere = Point(NOON - timedelta(seconds=299), LON + 0.1, LAT)
    assert judge(Evidence(Point(NOON, LON, LAT), 1, forwarded=True), SINCE_2026, elsewhere).bucket == "within_5_min"


def test_what_comes_after_makes_no_repeat() -> None:
    after = Point(NOON + timedelta(seconds=1), LON, LAT)
    assert judge(Evidence(Point(NOON, LON, LAT), 1, outside_m=0), UNTIL_2026, after).bucket == "counted"


def test_a_verdict_stands_under_its_reason_where_there_is_one() -> None:
    assert Verdict("not_counted", Reason.NO_PHOTO).bucket == "no_photo"
    assert Verdict("counted").bucket == "counted"
