"""The annual report in Word (年报 .docx): sentence, reading, tables, charts, and how it was counted."""

from pathlib import Path

from locales import say
from locales.dates import month_with_year
from reports import apart, problem_section, reading
from reports.calendar_chart import calendar_chart
from reports.chart import level_month_chart, street_chart
from reports.figures import LEVELS, Figures, is_due
from reports.method import (
    method_lines,
    minutes_rows,
    not_counted_rows,
    reproducing,
    workload_rows,
    workload_text,
)
from reports.official import Official
from reports.period import area_name, as_of_line, period_name, title
from reports.sentence import annual_sentence
from reports.text import COLUMNS, counted_rate, street_name


def annual_document(figures: Figures, language: str, template: Path | None = None) -> bytes:
    """The report as .docx, in the office's own template where one is given."""
    page = Official(language, template)
    page.title(say(language, "report.document.title", area=area_name(figures), period=period_name(figures, language)))
    page.heading(say(language, "report.document.overview"))
    page.text(annual_sentence(figures, language))
    page.heading(say(language, "report.document.reading"))
    for key, said in (("change", reading.change), ("months", reading.months), ("problems", reading.problems)):
        page.heading(say(language, f"report.document.{key}"), 2)
        page.text(said(figures, language))
    _tables(page, figures, language)
    apart.document_sections(page, figures, language, 4)
    _charts(page, figures, language)
    if problem_section.KEY in figures:
        _problem_handling(page, figures, language)
    page.new_page()
    _method(page, figures, language)
    return page.bytes()


def _tables(page: Official, figures: Figures, language: str) -> None:
    page.heading(say(language, "report.document.tables"))
    for place, (key, rows) in enumerate(
        (("by_level", _by_level), ("by_street", _by_street), ("by_month", _by_month)), 1
    ):
        caption = say(language, "report.document.table", number=place, text=say(language, f"report.{key}"))
        page.table(caption, rows(figures, language))


def _problem_handling(page: Official, figures: Figures, language: str) -> None:
    page.heading(say(language, "report.problem_handling"))
    page.text(problem_section.sentence(figures, language))
    if figures[problem_section.KEY]["reported"]:
        page.table(say(language, "report.problem.by_type"), problem_section.by_type(figures, language))
        page.table(say(language, "report.problem.by_street"), problem_section.by_street(figures, language))


def _charts(page: Official, figures: Figures, language: str) -> None:
    page.heading(say(language, "report.document.charts"))
    alt = title(figures, language)
    for draw, high_mm in ((level_month_chart, 150), (street_chart, 150), (calendar_chart, 215)):
        page.picture(draw(figures, language), alt, high_mm)


def _method(page: Official, figures: Figures, language: str) -> None:
    page.heading(say(language, "report.method"))
    page.heading(say(language, "report.document.rules"), 2)
    for line in method_lines(figures, language):
        page.item(line)
    page.heading(say(language, "report.not_counted"), 2)
    page.table(say(language, "report.document.left_out"), not_counted_rows(figures, language), (110, 46))
    page.text(counted_rate(figures, language))
    page.heading(say(language, "report.document.workload"), 2)
    page.text(workload_text(language))
    page.table(say(language, "report.document.workload"), workload_rows(figures, language))
    page.table(say(language, "report.document.minutes"), minutes_rows(figures, language))
    page.heading(say(language, "report.document.source"), 2)
    page.text(as_of_line(figures, language), ragged=True)
    page.text(say(language, "report.document.reproduce", command=reproducing(figures)), ragged=True)


def _by_level(figures: Figures, language: str) -> list[list[str]]:
    rows = [[say(language, "report.column.level"), say(language, "report.column.times")]]
    rows += [[say(language, f"report.column.{one}"), f"{figures['counted'][one]:,}"] for one in COLUMNS]
    if figures["meetings"] is not None:
        rows.append([say(language, "report.column.meetings"), f"{figures['meetings']:,}"])
    if figures.get("referrals"):
        rows.append([say(language, "report.column.referrals"), f"{figures['referrals']:,}"])
    return rows


def _by_street(figures: Figures, language: str) -> list[list[str]]:
    streets = [[street_name(code, row, language), *_numbers(row)] for code, row in figures["by_street"].items()]
    return [_head("street_name", language), *streets, _total(figures, language)]


def _by_month(figures: Figures, language: str) -> list[list[str]]:
    held = figures["meetings_by_month"]
    rows = [_head("month", language)]
    for month, row in figures["by_month"].items():
        if is_due(month, figures):
            rows.append([month_with_year(month, language), *_numbers(row)])
    rows.append(_total(figures, language))
    if held is not None:
        own = [*(held[month] for month in figures["by_month"] if is_due(month, figures)), figures["meetings"]]
        rows = [[*rows[0], say(language, "report.column.meetings")]] + [
            [*row, f"{n:,}"] for row, n in zip(rows[1:], own, strict=True)
        ]
    return rows


def _head(first: str, language: str) -> list[str]:
    return [say(language, f"report.column.{name}") for name in (first, *LEVELS, "total")]


def _numbers(row: Figures) -> list[str]:
    return [f"{row[name]:,}" for name in COLUMNS]


def _total(figures: Figures, language: str) -> list[str]:
    return [say(language, "report.column.total"), *_numbers(figures["counted"])]
