"""Wording of dates and periods (日期与时段的写法), the same in the chat and in the reports."""

from datetime import date, timedelta

from locales import say


def short_date(day: date, language: str) -> str:
    """A date without its year: 11月24日."""
    return say(language, "report.date_short", month=month_name(day.month, language), day=day.day)


def full_date(day: date, language: str) -> str:
    """A date with its year: 2026年11月24日."""
    return say(language, "report.date", year=day.year, month=month_name(day.month, language), day=day.day)


def month_name(month: int, language: str) -> str:
    """The name of a month from 1 to 12."""
    return say(language, "report.months").split()[month - 1]


def month_with_year(month: str, language: str) -> str:
    """The name of a month such as "2023-01" with its year."""
    return say(language, "report.month", year=month[:4], month=month_name(int(month[5:]), language))


def days(first: date, last: date, language: str) -> str:
    """A span of dates, both included; the year is said once where it is the same."""
    if first == last:
        return full_date(first, language)
    if first.year != last.year:
        return say(language, "report.days", first=full_date(first, language), last=full_date(last, language))
    short = {"first": short_date(first, language), "last": short_date(last, language)}
    return say(language, "report.days_of_year", year=first.year, **short)


def span_name(first: date, last: date, language: str) -> str:
    """A span of dates by its shortest name: the year, the month, a single day once, else both ends."""
    after = last + timedelta(days=1)
    if first.day == 1 and after.day == 1 and (first.year, first.month) == (last.year, last.month):
        return month_with_year(f"{first:%Y-%m}", language)
    if (first.month, first.day, after.month, after.day) == (1, 1, 1, 1) and first.year == last.year:
        return say(language, "report.year", year=first.year)
    return days(first, last, language)
