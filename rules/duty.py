"""Duties (巡林任务): the stretch of days in which one is owed, and how much of it a part of that stretch owes."""

from dataclasses import dataclass
from datetime import date, timedelta

PERIODS = ("week", "month", "quarter", "half_year", "year", "season")
SEASONAL = ("week", "month", "quarter", "season")
"""What a season may limit: in a half-year or year it would leave two stretches."""
MOST_TIMES = 31

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_ANY_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Season:
    """A season (季节) by its first and last day, `11-01` and `05-31`; it may run over New Year."""

    first: str
    last: str

    def __post_init__(self) -> None:
        _in_year(self.first, _ANY_LEAP_YEAR)
        _in_year(self.last, _ANY_LEAP_YEAR)

    def around(self, day: date) -> tuple[date, date] | None:
        """The season that a date lies in."""
        return next((span for span in self._near(day) if span[0] <= day <= span[1]), None)

    def within(self, start: date, end: date) -> tuple[date, date] | None:
        """The part of the days from `start` to `end` that lies in the season; the first one of two."""
        parts = ((max(first, start), min(last, end)) for first, last in self._near(start))
        return next((part for part in parts if part[0] <= part[1]), None)

    def _near(self, day: date) -> list[tuple[date, date]]:
        over = self.last < self.first
        years = range(day.year - 1, day.year + 2)
        return [(_in_year(self.first, year), _in_year(self.last, year + over)) for year in years]


@dataclass(frozen=True, slots=True)
class Rule:
    """How often something is owed; `window` are days of the period counted from 1 (1 to 10: its first ten days)."""

    period: str
    times: int
    valid_from: date
    valid_to: date | None = None
    window: tuple[int, int] | None = None
    season: Season | None = None

    def __post_init__(self) -> None:
        if self.period not in PERIODS:
            raise ValueError("period")
        if not 1 <= self.times <= MOST_TIMES:
            raise ValueError("times")
        if self.window and not 1 <= self.window[0] <= self.window[1] <= 366:
            raise ValueError("window")
        if (self.period == "season") > (self.season is not None) or (self.season and self.period not in SEASONAL):
            raise ValueError("season")
        # One day before the first: taken back before it began.
        if self.valid_to and (self.valid_from - self.valid_to).days > 1:
            raise ValueError("valid_to")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period of a rule: its days, those of them in which patrols count for it, and how many days a full one has."""

    start: date
    end: date
    opens_on: date
    closes_on: date
    full_days: int


def stretch_on(rule: Rule, day: date) -> Stretch | None:
    """The stretch of the period that a date lies in, or None where nothing is owed in it."""
    period = _period(rule, day)
    if period is None:
        return None
    first, last = _windowed(rule, *period)
    part = rule.season.within(first, last) if rule.season and first <= last else (first, last)
    if part is None:
        return None
    opens, closes = max(part[0], rule.valid_from), min(part[1], rule.valid_to or part[1])
    return Stretch(*period, opens, closes, (last - first).days + 1) if opens <= closes else None


def pro_rata(times: int, held_days: int, full_days: int) -> int:
    """How many of `times` are owed by who holds a post for a part of the days, rounded half up: 4 of 7 days owe 1 of 1.

    The project's decision: no regulation says how a part of a period is counted.
    """
    return (2 * times * held_days + full_days) // (2 * full_days)


def bounds(period: str, day: date) -> tuple[date, date]:
    """The first and last day of the week, month, quarter, half-year or year of a date."""
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    months = _MONTHS[period]
    first = (day.month - 1) // months * months + 1
    start = date(day.year, first, 1)
    after = date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return start, after - timedelta(days=1)


def _period(rule: Rule, day: date) -> tuple[date, date] | None:
    if rule.period == "season":
        return rule.season.around(day) if rule.season else None
    return bounds(rule.period, day)


def _windowed(rule: Rule, start: date, end: date) -> tuple[date, date]:
    if rule.window is None:
        return start, end
    first, last = (start + timedelta(days=n - 1) for n in rule.window)
    return first, min(last, end)


def _in_year(text: str, year: int) -> date:
    month, _, day = text.partition("-")
    if len(month) != 2 or len(day) != 2:
        raise ValueError("season")
    if text == "02-29":
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, int(month), int(day))
