"""Duties (巡林任务): stretches, windows, seasons, and the part of a duty that a part of a period owes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.duty import PERIODS, Rule, Season, Stretch, bounds, pro_rata, stretch_on

LONG_AGO = date(2021, 1, 1)
FIRE, SUMMER = Season("11-01", "05-31"), Season("06-15", "08-31")
DAYS = st.dates(date(2021, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        (Rule("week", 1, LONG_AGO), date(2023, 1, 1), ("2022-12-26", "2023-01-01", 7)),
        (Rule("month", 1, LONG_AGO), date(2024, 2, 29), ("2024-02-01", "2024-02-29", 29)),
        (Rule("quarter", 1, LONG_AGO), date(2023, 5, 9), ("2023-04-01", "2023-06-30", 91)),
        (Rule("half_year", 1, LONG_AGO), date(2023, 7, 1), ("2023-07-01", "2023-12-31", 184)),
        (Rule("year", 1, LONG_AGO), date(2024, 7, 1), ("2024-01-01", "2024-12-31", 366)),
        (Rule("month", 1, LONG_AGO, window=(1, 10)), date(2023, 5, 20), ("2023-05-01", "2023-05-10", 10)),
        (Rule("month", 1, LONG_AGO, window=(25, 31)), date(2023, 2, 20), ("2023-02-25", "2023-02-28", 4)),
        (Rule("season", 2, LONG_AGO, season=FIRE), date(2024, 2, 29), ("2023-11-01", "2024-05-31", 213)),
        (
            Rule("month", 1, LONG_AGO, season=Season("06-15", "08-31")),
            date(2023, 6, 1),
            ("2023-06-15", "2023-06-30", 30),
        ),
        (Rule("month", 1, date(2023, 5, 20)), date(2023, 5, 25), ("2023-05-20", "2023-05-31", 31)),
        (Rule("month", 1, LONG_AGO, date(2023, 5, 20)), date(2023, 5, 9), ("2023-05-01", "2023-05-20", 31)),
    ],
)
def test_a_duty_has_its_stretch(rule: Rule, day: date, expected: tuple[str, str, int]) -> None:
    found = stretch_on(rule, day)
    assert found is not None
    assert (str(found.opens_on), str(found.closes_on), found.full_days) == expected


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        (Rule("season", 1, LONG_AGO, season=FIRE), date(2023, 8, 1)),
        (Rule("week", 1, LONG_AGO, season=FIRE), date(2023, 8, 1)),
        (Rule("week", 1, date(2023, 9, 1)), date(2023, 8, 1)),
        (Rule("week", 1, LONG_AGO, date(2023, 7, 1)), date(2023, 8, 1)),
        (Rule("month", 1, LONG_AGO, window=(30, 31)), date(2023, 2, 10)),
    ],
)
def test_outside_its_season_window_or_dates_nothing_is_owed(rule: Rule, day: date) -> None:
    assert stretch_on(rule, day) is None


@pytest.mark.parametrize(
    ("times", "held", "full", "owed"),
    [(1, 7, 7, 1), (1, 4, 7, 1), (1, 3, 7, 0), (2, 4, 7, 1), (4, 10, 31, 1), (1, 1, 1, 1)],
)
def test_a_part_of_a_period_owes_a_part(times: int, held: int, full: int, owed: int) -> None:
    assert pro_rata(times, held, full) == owed


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("period", {"period": "fortnight"}),
        ("times", {"times": 0}),
        ("window", {"window": (10, 1)}),
        ("season", {"period": "season"}),
        ("season", {"period": "year", "season": FIRE}),
        ("valid_to", {"valid_to": date(2020, 1, 1)}),
    ],
)
def test_a_duty_that_cannot_be_is_refused(kind: str, fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=kind):
        Rule(**{"period": "week", "times": 1, "valid_from": LONG_AGO, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["13-01", "1-1", "02-30", "spring"])
def test_a_season_needs_real_days(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever says so
        Season(text, "05-31")


@given(DAYS, st.sampled_from(PERIODS[:5]))
def test_periods_follow_one_another_without_a_gap(day: date, period: str) -> None:
    start, end = bounds(period, day)
    assert start <= day <= end
    assert bounds(period, end + timedelta(days=1))[0] == end + timedelta(days=1)


@given(DAYS, st.integers(1, 31), st.integers(0, 40), st.integers(0, 40))
def test_whoever_holds_a_post_for_the_whole_period_owes_all_and_parts_never_owe_more(
    day: date, times: int, late: int, early: int
) -> None:
    found = stretch_on(Rule("month", times, LONG_AGO), day)
    assert isinstance(found, Stretch)
    assert pro_rata(times, found.full_days, found.full_days) == times
    held = found.full_days - late - early
    if held > 0:
        assert 0 <= pro_rata(times, held, found.full_days) <= times
