"""Festivals (节日) as people name periods by them: the days off of a year, by the State Council's arrangement."""

from datetime import date, timedelta

import chinese_calendar

SPRING, TOMBS, LABOUR, NATIONAL = "spring", "tombs", "labour", "national"
_NAMES = {
    SPRING: "Spring Festival", TOMBS: "Tomb-sweeping Day", LABOUR: "Labour Day", NATIONAL: "National Day",
}  # fmt: skip
FESTIVALS = tuple(_NAMES)
AROUND_DAYS = (7, 15)
"""What “around” may mean, in days before and after: a question asks which."""


def days_off(festival: str, year: int) -> tuple[date, date] | None:
    """The first and the last day off of a festival in a year, or None where no arrangement is known."""
    try:
        found = [day for day in _days(year) if _is(festival, day)]
    except NotImplementedError:
        return None
    return (found[0], found[-1]) if found else None


def around(festival: str, year: int, days: int) -> tuple[date, date] | None:
    """So many days before the days off until as many after them."""
    off = days_off(festival, year)
    return (off[0] - timedelta(days=days), off[1] + timedelta(days=days)) if off else None


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _is(festival: str, day: date) -> bool:
    off, name = chinese_calendar.get_holiday_detail(day)
    return bool(off) and name == _NAMES[festival]
