"""The annual figures in Excel (年报 .xlsx): a sheet a question, and every record behind the numbers."""

from collections.abc import Iterator
from typing import Any

from locales import say
from locales.dates import month_with_year
from reports import apart, problem_section
from reports.figures import LEVELS, Figures, is_due
from reports.method import method_lines, reproducing
from reports.period import as_of_line, title
from reports.sentence import annual_sentence
from reports.text import COLUMNS, street_name
from reports.workbook import Cell, Workbook

Rows = Iterator[list[Cell]]


def annual_workbook(figures: Figures, language: str) -> bytes:
    """The workbook: 汇总, 街道, 月度, 网格, 任务完成, 明细, 不计入, 问题, 会议."""
    book = Workbook()
    for name, (columns, rows) in {**_SHEETS, **apart.sheets(figures)}.items():
        heads = [(_column(column, language), wide) for column, wide in columns]
        book.sheet(say(language, f"report.sheet.{name}"), heads, rows(figures, language))
    return book.bytes()


def _overview(figures: Figures, language: str) -> Rows:
    yield [title(figures, language), None]
    yield [annual_sentence(figures, language), None]
    for level in COLUMNS:
        yield [_column(level, language), figures["counted"][level]]
    if figures["meetings"] is not None:
        yield [_column("meetings", language), figures["meetings"]]
    yield from apart.overview(figures, language)
    if figures.get("referrals"):
        yield [_column("referrals", language), figures["referrals"]]
    for reason, n in figures["not_counted"].items():
        left_out = say(language, "report.not_counted_row", reason=say(language, f"report.reason.{reason}"))
        yield [left_out, n]
    if problem_section.KEY in figures:
        yield [problem_section.sentence(figures, language), None]
    for line in (*method_lines(figures, language), as_of_line(figures, language), reproducing(figures)):
        yield [line, None]


def _streets(figures: Figures, language: str) -> Rows:
    for code, row in figures["by_street"].items():
        yield [street_name(code, row, language), *(row[level] for level in COLUMNS)]
    yield [_column("total", language), *(figures["counted"][level] for level in COLUMNS)]


def _months(figures: Figures, language: str) -> Rows:
    held = figures["meetings_by_month"]
    for month, row in figures["by_month"].items():
        if is_due(month, figures):
            numbers = [row[level] for level in COLUMNS]
            yield [month_with_year(month, language), *numbers, held[month] if held is not None else None]
    yield [_column("total", language), *(figures["counted"][level] for level in COLUMNS), figures["meetings"]]


def _grids(figures: Figures, language: str) -> Rows:
    for row in figures["grids"]:
        name = row["name"] or say(language, "level.unassigned")
        yield [row["code"], name, row["street"], row["n"], row["from"], row["to"]]


def _fulfilment(figures: Figures, language: str) -> Rows:
    for row in figures["fulfilment"]:
        rate = float(row["done"] / row["owed"])
        yield [row["street"], _level(row, language), row["owed"], row["done"], rate]


def _records(figures: Figures, language: str) -> Rows:
    for row in figures["records"]:
        verdict = say(language, f"count.verdict.{row['verdict']}")
        yield [*_who(row, language), verdict, _reason(row, language), row["photos"], row["problem"], row["note"]]


def _left_out(figures: Figures, language: str) -> Rows:
    for row in figures["left_out"]:
        yield [*_who(row, language), _reason(row, language), row["photos"], row["problem"], row["note"]]


def _problems(figures: Figures, language: str) -> Rows:
    for row in figures.get("problem_records", ()):
        yield problem_section.record(row, language)


def _meetings(figures: Figures, language: str) -> Rows:
    for row in figures["held"]:
        yield [row["on"], row["title"], row["place"], row["attendees"], row["note"]]


def _who(row: dict[str, Any], language: str) -> list[Cell]:
    return [row["number"], row["at"], _level(row, language), row["chief"], row["street"], row["grid"]]


def _level(row: dict[str, Any], language: str) -> str:
    return say(language, f"level.{row['level']}") if row["level"] else say(language, "level.unassigned")


def _reason(row: dict[str, Any], language: str) -> str | None:
    return say(language, f"report.reason.{row['reason']}") if row["reason"] else None


def _column(name: str, language: str) -> str:
    return say(language, f"report.column.{name}")


_FIGURES = [(level, 10) for level in (*LEVELS, "total")]
_WHO = [("number", 18), ("when", 17), ("level", 9), ("chief", 10), ("street_name", 16), ("grid", 29)]
_MORE = [("photos", 7), ("problem", 14), ("note", 40)]
_SHEETS: dict[str, tuple[Any, Any]] = {
    "overview": ([("item", 90), ("number_of", 14)], _overview),
    "streets": ([("street_name", 18), *_FIGURES], _streets),
    "months": ([("month", 16), *_FIGURES, ("meetings", 10)], _months),
    "grids": (
        [("code", 18), ("grid", 29), ("street_name", 18), ("times", 10), ("valid_from", 12), ("valid_to", 12)], _grids,
    ),
    "fulfilment": ([("street_name", 18), ("level", 10), ("owed", 10), ("done", 12), ("rate", 10)], _fulfilment),
    "records": ([*_WHO, ("verdict", 12), ("reason", 24), *_MORE], _records),
    "left_out": ([*_WHO, ("reason", 24), *_MORE], _left_out),
    "problems": (
        [
            ("number", 18), ("when", 17), ("problem", 14), ("severity", 9), ("state", 14), ("chief", 10),
            ("street_name", 16), ("grid", 22), ("due", 17), ("closed_at", 17), ("overdue", 8), ("note", 40),
        ],
        _problems,
    ),
    "meetings": ([("on", 12), ("meeting", 40), ("place", 24), ("attendees", 10), ("note", 40)], _meetings),
}  # fmt: skip
