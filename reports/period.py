"""Wording of dates and periods (日期与时段的写法)."""

from locales import say
from locales.dates import days, full_date, short_date
from reports.figures import Figures, as_of, first_day, last_day, reached_day, whole_year


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
