"""Workdays (工作日): those that the State Council announced, else Monday to Friday."""

from datetime import date

import chinese_calendar

ANNOUNCED, WEEKEND, OFFICE = "announced", "weekend", "office"
"""Where a day comes from: 国务院办公厅's notice as the package carries it, the weekday alone, or our own correction."""


def workday(day: date) -> tuple[bool, str]:
    """Whether people work on a day, and where that comes from."""
    try:
        return bool(chinese_calendar.is_workday(day)), ANNOUNCED
    except NotImplementedError:
        return day.isoweekday() <= 5, WEEKEND
