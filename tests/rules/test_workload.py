"""Minutes (占用时间): a record lasts from its first part to its submission; begun minutes count."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.workload import minutes, recording_s

NINE = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "submitted", "by_clock", "seconds"),
    [(20, 30, False, 30), (20, 620, True, 20), (0, 600, True, 0), (900, 1000, False, 600), (0, -1, False, 0)],
)
def test_a_record_lasts_until_its_submission_or_its_last_part(
    last: int, submitted: int, by_clock: bool, seconds: float
) -> None:
    assert recording_s(NINE, NINE + timedelta(seconds=last), NINE + timedelta(seconds=submitted), by_clock) == seconds


def test_a_begun_minute_counts() -> None:
    assert [minutes(s) for s in (0, 1, 60, 61)] == [0, 1, 1, 2]
