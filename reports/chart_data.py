"""What a chart shows (图表数据): plain numbers, taken from the figures before anything is drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from locales import say
from reports.figures import LEVELS, Figures, is_due
from reports.text import street_name

MOST_BARS = 30
MOST_MONTHS = 36
Number = int | float


@dataclass(frozen=True)
class Series:
    """One row of bars; `values` holds None where there is nothing to show yet."""

    key: str
    values: tuple[Number | None, ...]

    @property
    def total(self) -> Number:
        return sum(value for value in self.values if value is not None)


@dataclass(frozen=True)
class ChartData:
    """The labels of the bars and one series a level."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]


def level_month_data(figures: Figures) -> ChartData:
    """Counts by level and month ("2023-01"), None for a month to come; by year where the months would be too many."""
    months = figures["by_month"]
    if len(months) > MOST_MONTHS:
        months = _by_year(months)
    rows = [row if len(month) == 4 or is_due(month, figures) else None for month, row in months.items()]
    return ChartData(tuple(months), _levels(rows))


def street_data(figures: Figures, language: str) -> ChartData:
    """Counts by level and street, in the order of the figures: streets are not ranked."""
    streets = figures["by_street"]
    names = tuple(street_name(code, row, language) for code, row in streets.items())
    return ChartData(names, _levels(streets.values()))


def count_data(table: Mapping[str, Any], language: str) -> ChartData:
    """The rows of an answer in their order; what comes after the thirtieth is summed up in one row."""
    rows = [(str(label), value) for label, value in table["rows"]]
    rest = rows[MOST_BARS:]
    if rest:
        label = say(language, "report.rest", count=len(rest))
        rows = [*rows[:MOST_BARS], (label, sum(value for _, value in rest))]
    return ChartData(tuple(label for label, _ in rows), (Series("total", tuple(value for _, value in rows)),))


def _levels(rows: Iterable[Mapping[str, int] | None]) -> tuple[Series, ...]:
    kept = list(rows)
    return tuple(Series(level, tuple(None if row is None else row[level] for row in kept)) for level in LEVELS)


def _by_year(months: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    years: dict[str, dict[str, int]] = {}
    for month, row in months.items():
        year = years.setdefault(month[:4], dict.fromkeys(LEVELS, 0))
        for level in LEVELS:
            year[level] += row[level]
    return years


def largest(series: Sequence[Series]) -> Number:
    """The largest value of all, at least 1 so that a scale exists."""
    return max([value for one in series for value in one.values if value is not None] + [1])
