"""Reading the figures (统计数字): the plain dictionary that `summary --format json` prints."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rules.level import COUNTED_LEVELS

Figures = Mapping[str, Any]
"""The keys of DESIGN section 3 with `as_of` (ISO instant), `closed` (bool) and `area` (code, name)."""

LEVELS = tuple(level.value for level in COUNTED_LEVELS)
UNASSIGNED = "unassigned"


def as_of(figures: Figures) -> datetime:
    """The instant of the figures in their own time zone."""
    return datetime.fromisoformat(figures["as_of"]).astimezone(ZoneInfo(figures["timezone"]))


def first_day(figures: Figures) -> date:
    """The first local date of the period."""
    return date(figures["year"], 1, 1) if figures["year"] else date.fromisoformat(figures["from"])


def last_day(figures: Figures) -> date:
    """The last local date of the period."""
    return date(figures["year"], 12, 31) if figures["year"] else date.fromisoformat(figures["to"])


def reached_day(figures: Figures) -> date:
    """The last local date that the figures reach: the period's end, or the day of the figures while it is open."""
    last = last_day(figures)
    return last if figures["closed"] else min(last, as_of(figures).date())


def whole_year(figures: Figures) -> int | None:
    """The calendar year that was asked for, or None where the period was named by its days."""
    year: int | None = figures["year"]
    return year


def is_due(month: str, figures: Figures) -> bool:
    """Whether a month such as "2023-01" is to be shown: it has begun, or it holds patrols although it has not."""
    has_begun = date.fromisoformat(f"{month}-01") <= reached_day(figures)
    return has_begun or figures["by_month"][month]["total"] > 0
