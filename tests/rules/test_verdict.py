"""The verdict (判定): every reason, their order, both policies."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.evidence import AWAITING_REVIEW, COUNTED, CountingPolicy, Evidence, Point, Reason, judge

NOON = datetime(2023, 5, 16, 4, tzinfo=UTC)
LON, LAT = 116.375, 39.873
STRICT = CountingPolicy(True, True, 100.0, 300, 50.0)
GENTLE = CountingPolicy(False, False, 100.0, 300, 50.0)
HERE = Point(NOON, LON, LAT)
NOWHERE = Point(NOON, None, None)


def ago(seconds: float, lon: float | None = LON, lat: float | None = LAT) -> Point:
    """The chief's last counted patrol, so many seconds before noon."""
    return Point(NOON - timedelta(seconds=seconds), lon, lat)


CASES = [
    ("all is well", Evidence(HERE, 1, outside_m=0), STRICT, None, "counted"),
    ("100 m outside still counts", Evidence(HERE, 1, outside_m=100), STRICT, None, "counted"),
    ("more does not", Evidence(HERE, 1, outside_m=100.1), STRICT, None, "far_outside"),
    ("no photo", Evidence(HERE, 0, outside_m=0), STRICT, None, "no_photo"),
    ("no location", Evidence(NOWHERE, 1), STRICT, None, "no_location"),
    ("forwarded before no photo", Evidence(HERE, 0, forwarded=True), STRICT, None, "forwarded"),
    ("no photo before far outside", Evidence(HERE, 0, outside_m=5000), STRICT, None, "no_photo"),
    ("far outside before repeated", Evidence(HERE, 1, outside_m=5000), STRICT, ago(10), "far_outside"),
    ("withdrawn before all but voided", Evidence(HERE, 0, withdrawn=True), STRICT, None, "withdrawn"),
    ("voided first", Evidence(HERE, 1, withdrawn=True, voided=True), STRICT, None, "voided"),
    ("accepted against the rules", Evidence(HERE, 0, accepted=True), STRICT, None, "counted"),
    ("within the window", Evidence(HERE, 1, outside_m=0), STRICT, ago(299.999), "within_5_min"),
    ("at its end", Evidence(HERE, 1, outside_m=0), STRICT, ago(300), "counted"),
    ("another place", Evidence(HERE, 1, outside_m=0), STRICT, ago(10, LON + 0.001), "counted"),
    ("no position before: by time", Evidence(HERE, 1, outside_m=0), STRICT, ago(10, None, None), "within_5_min"),
    ("2026 asks for nothing", Evidence(NOWHERE, 0), GENTLE, None, "counted"),
    ("2026 far outside", Evidence(HERE, 0, outside_m=101), GENTLE, None, "far_outside"),
    ("2026 forwarded is no position", Evidence(HERE, 0, forwarded=True), GENTLE, None, "counted"),
    ("2026 by time alone", Evidence(NOWHERE, 0), GENTLE, ago(299), "within_5_min"),
    ("no post", Evidence(HERE, 1, area_known=False), STRICT, None, AWAITING_REVIEW),
]


@pytest.mark.parametrize(("name", "evidence", "policy", "last", "bucket"), CASES, ids=[case[0] for case in CASES])
def test_the_verdict_follows_the_policy(
    name: str, evidence: Evidence, policy: CountingPolicy, last: Point | None, bucket: str
) -> None:
    assert judge(evidence, policy, last).bucket == bucket


@given(st.booleans(), st.booleans(), st.integers(0, 3), st.floats(0, 10_000), st.floats(0, 1000))
def test_what_counts_under_the_strict_policy_counts_under_the_gentle_one(
    forwarded: bool, located: bool, photos: int, outside_m: float, seconds: float
) -> None:
    point = HERE if located else NOWHERE
    evidence = Evidence(point, photos, forwarded and located, outside_m if located else None)
    if judge(evidence, STRICT, ago(seconds)).verdict == COUNTED:
        assert judge(evidence, GENTLE, ago(seconds)).verdict == COUNTED


@given(st.floats(0, 1000), st.floats(0, 10_000))
def test_a_reason_is_given_exactly_where_it_does_not_count(seconds: float, outside_m: float) -> None:
    verdict = judge(Evidence(HERE, 1, outside_m=outside_m), STRICT, ago(seconds))
    assert (verdict.verdict == COUNTED) is (verdict.reason is None)
    assert verdict.reason in {None, Reason.FAR_OUTSIDE, Reason.WITHIN_5_MIN}
