"""Local dates (当地日期)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.localtime import day_bounds, local_date

BEIJING = ZoneInfo("Asia/Shanghai")
ZONES = [BEIJING, ZoneInfo("America/New_York"), ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2022-12-31T15:59:59+00:00", date(2022, 12, 31)),
        ("2022-12-31T16:00:00+00:00", date(2023, 1, 1)),
        ("1988-07-01T15:30:00+00:00", date(1988, 7, 2)),  # Beijing's summer time: nine hours, not eight
    ],
)
def test_a_day_begins_at_midnight_in_beijing(instant: str, day: date) -> None:
    assert local_date(datetime.fromisoformat(instant), BEIJING) == day


def test_a_day_is_23_hours_long_when_the_clocks_go_forward() -> None:
    first, after = day_bounds(date(2026, 3, 8), date(2026, 3, 8), ZoneInfo("America/New_York"))
    assert after - first == timedelta(hours=23)


@given(st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_every_instant_lies_in_the_bounds_of_its_own_date_alone(instant: datetime, zone: ZoneInfo) -> None:
    day = local_date(instant, zone)
    first, after = day_bounds(day, day, zone)
    assert first <= instant < after
    assert day_bounds(day - timedelta(days=1), day - timedelta(days=1), zone)[1] == first
