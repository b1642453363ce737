"""Charts (统计图) as PNG, for a telephone: every bar carries its number, no reading needs colour."""

from collections.abc import Mapping, Sequence
from typing import Any

from locales import say
from locales.dates import month_name
from reports.chart_data import MOST_BARS, ChartData, Number, Series, count_data, largest, level_month_data, street_data
from reports.figures import LEVELS, Figures
from reports.frame import (
    INNER,
    MARGIN,
    SMALL,
    TEXT,
    WIDE,
    figures_head,
    foot_high,
    head_high,
    head_of,
    small,
    write_foot,
    write_head,
)
from reports.lines import fitted
from reports.page import GREY, INK, LINE, Page, text_width
from reports.period import as_of_line

HIGH = 1350
ROW, BAR = 58, 34
COLOURS_OF_LEVELS = dict(zip(LEVELS, ("#D55E00", "#0072B2", "#009E73"), strict=True))
"""Okabe and Ito's colours, told apart by colour-blind readers."""
PLAIN = "#009E73"


def level_month_chart(figures: Figures, language: str) -> bytes:
    """Counts by level and month: three panels under one another, each with its own scale."""
    data = level_month_data(figures)
    head = figures_head(figures, language)
    foot = small([say(language, "report.own_scale"), as_of_line(figures, language)])
    with Page(WIDE, HIGH) as page:
        write_head(page, head)
        write_foot(page, foot)
        top, bottom = head_high(head) - 10, HIGH - foot_high(foot) - 80
        high = (bottom - top) / len(data.series)
        for place, series in enumerate(data.series):
            _panel(page, series, top + place * high, high, language)
        _months(page, data.labels, bottom + 34, language)
        return page.png()


def street_chart(figures: Figures, language: str) -> bytes:
    """Counts by street: a bar of the three levels one after the other, with every number printed beside it."""
    data = street_data(figures, language)
    head, foot = figures_head(figures, language), small([as_of_line(figures, language)])
    high = head_high(head) + (len(data.labels) + 2) * ROW + foot_high(foot)
    with Page(WIDE, round(high)) as page:
        write_head(page, head)
        write_foot(page, foot)
        _street_rows(page, data, head_high(head), language)
        return page.png()


def count_chart(table: Mapping[str, Any], language: str) -> bytes:
    """The answer to a count: `title`, `rows` of (label, value), and a `note` on what was counted and when."""
    data = count_data(table, language)
    head = head_of(table["title"], "" if data.labels else say(language, "report.no_rows"))
    foot = small([table.get("note", "")])
    with Page(WIDE, round(head_high(head) + len(data.labels) * ROW + foot_high(foot))) as page:
        write_head(page, head)
        write_foot(page, foot)
        _count_rows(page, data, head_high(head))
        return page.png()


def _panel(page: Page, series: Series, top: float, high: float, language: str) -> None:
    name = say(language, f"report.column.{series.key}")
    page.box(MARGIN, top + 18, 26, 26, COLOURS_OF_LEVELS[series.key])
    page.write(MARGIN + 40, top + 43, name, TEXT)
    total = say(language, "report.times", number=f"{series.total:,}")
    page.write(WIDE - MARGIN, top + 43, total, TEXT, align="right")
    floor, step = top + high - 10, INNER / max(len(series.values), 1)
    tallest = high - 110 if _roomy(series.values) else high - 140
    for place, value in enumerate(series.values):
        if value is not None:
            _column(page, MARGIN + (place + 0.5) * step, floor, value, tallest / largest([series]), step, series)
    page.box(MARGIN, floor, INNER, 2, LINE)


def _column(page: Page, x: float, floor: float, value: Number, scale: float, step: float, series: Series) -> None:
    wide, high = min(step * 0.62, 90), value * scale
    page.box(x - wide / 2, floor - high, wide, high, COLOURS_OF_LEVELS[series.key])
    if _roomy(series.values):
        page.write(x, floor - high - 9, f"{value:,}", SMALL, align="center")
    else:
        page.write(x + SMALL * 0.36, floor - high - 9, f"{value:,}", min(SMALL, step * 0.95), turn=90)


def _months(page: Page, labels: Sequence[str], y: float, language: str) -> None:
    step, every = INNER / max(len(labels), 1), 1 if _roomy(labels) else 3
    for place, label in enumerate(labels):
        x = MARGIN + (place + 0.5) * step
        if place % every == 0:
            page.write(x, y, _month(label, language), SMALL, align="center")
        if place == 0 or label[5:] == "01":
            _year(page, x, y, label, labels)


def _month(label: str, language: str) -> str:
    return month_name(int(label[5:]), language) if label[5:] else label


def _year(page: Page, x: float, y: float, label: str, labels: Sequence[str]) -> None:
    if label[5:] and labels[0][:4] != labels[-1][:4]:
        page.write(x, y + SMALL * 1.3, label[:4], SMALL, GREY, "center")


def _roomy(bars: Sequence[object]) -> bool:
    return len(bars) <= 13


def _street_rows(page: Page, data: ChartData, top: float, language: str) -> None:
    table = _street_table(data)
    words = [say(language, f"report.column.{column}") for column in ("total", *COLOURS_OF_LEVELS)]
    right = _columns([words, *(numbers for _, numbers in table)])
    left = MARGIN + _label_wide([label for label, _ in table])
    room = right[0] - text_width(f"{table[-1][1][0]:,}", SMALL) - 16 - left
    scale = room / max([numbers[0] for _, numbers in table[:-1]] + [1])
    _street_heads(page, words, right, top + SMALL)
    for place, (label, numbers) in enumerate([*table[:-1], (words[0], table[-1][1])]):
        y = top + (place + 0.8) * ROW
        _row_label(page, label, left, y)
        _numbers(page, right, y, numbers)
        if place < len(data.labels):
            _stack(page, left, y, [number * scale for number in numbers[1:]])
    page.box(MARGIN, top + (len(data.labels) + 0.8) * ROW, INNER, 2, LINE)


def _street_table(data: ChartData) -> list[tuple[str, list[Number]]]:
    columns = [_known(series.values) for series in data.series]
    rows = [(label, [sum(row), *row]) for label, row in zip(data.labels, zip(*columns, strict=True), strict=True)]
    totals = [series.total for series in data.series]
    return [*rows, ("", [sum(totals), *totals])]


def _columns(rows: Sequence[Sequence[object]]) -> list[float]:
    """Where each column of numbers ends on its right, wide enough for its widest cell."""
    wide = [max(text_width(_cell(cell), SMALL) for cell in column) for column in zip(*rows, strict=True)]
    return [WIDE - MARGIN - sum(wide[place + 1 :]) - 26 * (len(wide) - 1 - place) for place in range(len(wide))]


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int | float) else str(cell)


def _street_heads(page: Page, words: Sequence[str], right: Sequence[float], y: float) -> None:
    page.write(right[0], y, words[0], SMALL, GREY, "right")
    for word, x, colour in zip(words[1:], right[1:], COLOURS_OF_LEVELS.values(), strict=True):
        page.write(x, y, word, SMALL, GREY, "right")
        page.box(x - text_width(word, SMALL), y + 8, text_width(word, SMALL), 8, colour)


def _stack(page: Page, x: float, y: float, widths: Sequence[float]) -> None:
    for wide, colour in zip(widths, COLOURS_OF_LEVELS.values(), strict=True):
        page.box(x, y + (ROW - BAR) / 2, wide, BAR, colour)
        x += wide


def _numbers(page: Page, right: Sequence[float], y: float, values: Sequence[Number]) -> None:
    for place, (x, value) in enumerate(zip(right, values, strict=True)):
        page.write(x, y + ROW / 2 + SMALL * 0.36, f"{value:,}", SMALL, GREY if place else INK, "right")


def _known(values: Sequence[Number | None]) -> list[Number]:
    return [value or 0 for value in values]


def _count_rows(page: Page, data: ChartData, top: float) -> None:
    values = _known(data.series[0].values)
    left = MARGIN + _label_wide(data.labels)
    room = WIDE - MARGIN - left - max([text_width(f"{value:,}", SMALL) for value in values] + [0]) - 14
    # The rest of many is no row like the others: it has its number, and does not press the others flat.
    scale = max([*values[:MOST_BARS], 1])
    for place, (label, value) in enumerate(zip(data.labels, values, strict=True)):
        y, wide = top + place * ROW, room * value / scale if place < MOST_BARS else 0
        _row_label(page, label, left, y)
        page.box(left, y + (ROW - BAR) / 2, wide, BAR, PLAIN)
        page.write(left + wide + 14, y + ROW / 2 + SMALL * 0.36, f"{value:,}", SMALL)


def _label_wide(labels: Sequence[str]) -> float:
    widest = max([text_width(label, SMALL) for label in labels] + [0])
    return min(widest, INNER * 0.42) + 20


def _row_label(page: Page, label: str, left: float, y: float) -> None:
    page.write(MARGIN, y + ROW / 2 + SMALL * 0.36, fitted(label, SMALL, left - MARGIN - 20), SMALL)
