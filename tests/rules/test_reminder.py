"""Reminders (提醒): never at night, never on a day off, and only while they are useful."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.duty import PERIODS, Rule, stretch_on
from rules.reminder import (
    NIGHT_FROM,
    NIGHT_TO,
    Facts,
    Times,
    due_second,
    expiry_second,
    followup_day,
    reminder_day,
    why_not,
)
from rules.workday import workday

OPEN = Facts(done=0, owed=1, post_holds=True, duty_holds=True, paused=False, reachable=True, expired=False)


def next_work(day: date) -> date:
    return next(d for n in range(40) if workday(d := day + timedelta(days=n))[0])


def last_work(day: date) -> date:
    return next(d for n in range(40) if workday(d := day - timedelta(days=n))[0])


@st.composite
def times(draw: st.DrawFn) -> Times:
    """Any times that somebody may set."""
    quiet_to = draw(st.integers(NIGHT_TO, NIGHT_FROM - 60))
    quiet_from = draw(st.integers(quiet_to + 60, NIGHT_FROM))
    minute = draw(st.integers(quiet_to, quiet_from - 1))
    return Times(draw(st.integers(1, 7)), minute, quiet_from, quiet_to, draw(st.booleans()))


@given(times(), st.dates(date(2022, 1, 1), date(2026, 12, 1)), st.sampled_from(PERIODS[:5]))
def test_a_reminder_lies_in_its_stretch_and_the_follow_up_behind_it(chosen: Times, day: date, period: str) -> None:
    found = stretch_on(Rule(period, 1, date(2021, 1, 1)), day)
    assert found is not None
    first = reminder_day(period, found.opens_on, found.closes_on, chosen, next_work, last_work)
    if first is None:
        return
    second = followup_day(first, found.closes_on, chosen, next_work, last_work)
    assert found.opens_on <= first <= found.closes_on
    assert second is None or first < second <= found.closes_on
    for one in (first, second):
        assert one is None or chosen.days_off or workday(one)[0]


@given(times(), st.integers(1, 10**7), st.integers(1, 1000))
def test_no_schedule_reminds_in_the_quiet_hours(chosen: Times, post: int, duty: int) -> None:
    due = due_second(chosen, post, duty)
    assert chosen.quiet_to * 60 <= due < chosen.quiet_from * 60
    assert NIGHT_TO * 60 <= due < expiry_second(chosen, due) <= NIGHT_FROM * 60


def test_the_default_is_wednesday_morning_spread_over_ten_minutes() -> None:
    first = reminder_day("week", date(2023, 5, 8), date(2023, 5, 14), Times(), next_work, last_work)
    second = followup_day(date(2023, 5, 10), date(2023, 5, 14), Times(), next_work, last_work)
    assert (first, second) == (date(2023, 5, 10), date(2023, 5, 12))
    seconds = {due_second(Times(), post, 3) for post in range(6000)}
    assert (min(seconds), max(seconds), len(seconds)) == (8 * 3600 + 50 * 60, 9 * 3600 - 1, 600)


@pytest.mark.parametrize(
    ("monday", "expected"),
    [
        (date(2023, 5, 1), date(2023, 5, 4)),  # Labour Day until Wednesday: Thursday
        (date(2023, 10, 2), date(2023, 10, 7)),  # National Day until Friday: the Saturday that is worked instead
        (date(2023, 1, 23), date(2023, 1, 28)),  # Spring Festival
    ],
)
def test_a_holiday_moves_the_reminder_to_a_workday(monday: date, expected: date) -> None:
    assert reminder_day("week", monday, monday + timedelta(days=6), Times(), next_work, last_work) == expected


def test_a_stretch_of_days_off_has_no_reminder_unless_set_so() -> None:
    first, last = date(2023, 10, 1), date(2023, 10, 5)
    assert reminder_day("week", first, last, Times(), next_work, last_work) is None
    assert reminder_day("week", first, last, Times(days_off=True), next_work, last_work) == date(2023, 10, 4)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"owed": 0}, ("skipped", "not_owed")),
        ({"done": 1}, ("settled", "done")),
        ({"done": 1, "expired": True}, ("settled", "done")),
        ({"post_holds": False}, ("skipped", "post_ended")),
        ({"duty_holds": False}, ("skipped", "duty_ended")),
        ({"paused": True}, ("skipped", "paused")),
        ({"reachable": False}, ("skipped", "no_account")),
        ({"expired": True}, ("missed", "expired")),
    ],
)
def test_a_reminder_is_said_only_where_it_helps(change: dict[str, object], expected: tuple[str, str] | None) -> None:
    facts = {name: getattr(OPEN, name) for name in Facts.__slots__}
    assert why_not(Facts(**{**facts, **change})) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("quiet", {"quiet_from": 23 * 60}),
        ("quiet", {"quiet_to": 5 * 60}),
        ("quiet", {"quiet_from": 8 * 60, "quiet_to": 7 * 60 + 30}),
        ("minute", {"minute": 21 * 60}),
        ("weekday", {"weekday": 8}),
    ],
)
def test_nobody_can_set_a_reminder_at_night(kind: str, fields: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=kind):
        Times(**fields)  # type: ignore[arg-type]
