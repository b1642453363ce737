"""Wording of dates and periods (日期与时段的写法)."""

from datetime import date

from locales import say
from reports.figures import Figures, as_of, first_day, last_day, reached_day, whole_year


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


def period_name(figures: Figures, language: str) -> str:
    """The period as a heading says it, with the day it has reached where it is still open."""
    year = whole_year(figures)
    name = say(language, "report.year", year=year) if year else days(first_day(figures), last_day(figures), language)
    if reached_day(figures) == last_day(figures):
        return name
    return say(language, "report.open_period", period=name, date=short_date(reached_day(figures), language))


def area_name(figures: Figures) -> str:
    """The name of the area that the figures speak of."""
    return str(figures["area"]["name"])


def title(figures: Figures, language: str) -> str:
    """The heading of a report: area, period, what is counted."""
    return say(language, "report.title", area=area_name(figures), period=period_name(figures, language))


def as_of_line(figures: Figures, language: str) -> str:
    """When the figures were taken, with the time zone that decides their dates."""
    at = as_of(figures)
    day = full_date(at.date(), language)
    return say(language, "report.as_of", date=day, time=f"{at:%H:%M}", timezone=figures["timezone"])
