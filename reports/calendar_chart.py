"""The calendar of a year (巡林日历): a square a day, its number in it, darker where there were more."""

import calendar
from dataclasses import dataclass
from datetime import date

from locales import say
from locales.dates import month_with_year
from reports.classes import Classes, classes
from reports.figures import Figures, first_day, reached_day
from reports.frame import (
    INNER,
    MARGIN,
    SMALL,
    TEXT,
    WIDE,
    figures_head,
    foot_high,
    head_high,
    small,
    write_foot,
    write_head,
)
from reports.page import GREY, INK, LINE, Page
from reports.period import as_of_line

MOST_MONTHS = 12
_ACROSS = 2
_CELL, _HIGH, _NUMBER = 66, 50, 22
_MONTH_HIGH = 6 * _HIGH + 96


@dataclass(frozen=True)
class CalendarData:
    """The months that are shown ("2023-01") and the counted patrols of each day of them; None where none is due."""

    months: tuple[str, ...]
    days: dict[date, int | None]


def calendar_data(figures: Figures) -> CalendarData:
    """The days of the last twelve months of the period; a day to come has no number."""
    months = tuple(figures["by_month"])[-MOST_MONTHS:]
    dates = (date(int(m[:4]), int(m[5:]), n) for m in months for n in range(1, _length(m) + 1))
    return CalendarData(months, {day: _times(day, figures) for day in dates})


def calendar_chart(figures: Figures, language: str) -> bytes:
    """The calendar as PNG, two months beside one another."""
    data = calendar_data(figures)
    scale = classes(n for n in data.days.values() if n)
    head, foot = figures_head(figures, language), small([as_of_line(figures, language)])
    rows = -(-len(data.months) // _ACROSS)
    with Page(WIDE, round(head_high(head) + 70 + rows * _MONTH_HIGH + foot_high(foot))) as page:
        write_head(page, head)
        write_foot(page, foot)
        legend(page, scale, head_high(head), say(language, "report.legend.day"))
        for place, month in enumerate(data.months):
            x = MARGIN + place % _ACROSS * (INNER - 7 * _CELL)
            _month(page, month, data, scale, x, head_high(head) + 70 + place // _ACROSS * _MONTH_HIGH, language)
        return page.png()


def legend(page: Page, scale: Classes, y: float, words: str) -> None:
    """The classes in one line."""
    page.write(MARGIN, y + 24, words, SMALL, GREY)
    step = INNER * 0.78 / 5
    for place, (label, colour) in enumerate(scale.rows()):
        x = MARGIN + INNER * 0.22 + place * step
        page.box(x, y, 30, 30, colour)
        page.write(x + 38, y + 24, label, SMALL)


def _month(page: Page, month: str, data: CalendarData, scale: Classes, x: float, y: float, language: str) -> None:
    page.write(x, y + TEXT, month_with_year(month, language), TEXT)
    for place, name in enumerate(say(language, "report.weekdays").split()):
        page.write(x + (place + 0.5) * _CELL, y + 68, name, _NUMBER, GREY, "center")
    for week, days in enumerate(calendar.Calendar().monthdatescalendar(int(month[:4]), int(month[5:]))):
        for place, day in enumerate(days):
            if f"{day:%Y-%m}" == month:
                _day(page, data.days[day], scale, x + place * _CELL, y + 78 + week * _HIGH)


def _day(page: Page, n: int | None, scale: Classes, x: float, y: float) -> None:
    page.box(x, y, _CELL - 4, _HIGH - 4, LINE if n is None else scale.colour(n))
    if n is None:
        page.box(x + 2, y + 2, _CELL - 8, _HIGH - 8, "white")
    elif n:
        page.write(x + _CELL / 2 - 2, y + 32, f"{n:,}", _NUMBER, "white" if scale.is_dark(n) else INK, "center")


def _times(day: date, figures: Figures) -> int | None:
    n: int = figures["by_day"].get(day.isoformat(), 0)
    return n if n or first_day(figures) <= day <= reached_day(figures) else None


def _length(month: str) -> int:
    return calendar.monthrange(int(month[:4]), int(month[5:]))[1]
