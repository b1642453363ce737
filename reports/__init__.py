"""What is printed (报表): figures in, files out."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from locales import say
from reports.annual_document import annual_document
from reports.annual_workbook import annual_workbook
from reports.calendar_chart import calendar_chart
from reports.case_pack import Read, case_pack
from reports.chart import count_chart, level_month_chart, street_chart
from reports.figures import Figures
from reports.grid_map import grid_map
from reports.period import area_name, period_name
from reports.problem_pair import problem_pair
from reports.sentence import annual_sentence

_PNG, _JSON, _ZIP = "image/png", "application/json", "application/zip"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOT_IN_A_NAME = '\\/:*?"<>|'
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Rendered:
    """A file ready to be sent."""

    data: bytes
    filename: str
    mime: str
    caption: str | None = None
    """What the report says in words."""


def render(name: str, figures: Figures, language: str, template: Path | None = None) -> Rendered:
    """The named report of these figures; `template` is the office's .docx; raises `ValueError` for an unknown name."""
    if name not in _REPORTS:
        raise ValueError(f"unknown report {name!r}; known: {', '.join(_REPORTS)}")
    draw, call, ending, mime = _REPORTS[name]
    stem = say(language, f"report.file.{name}", **call(figures, language))
    caption = annual_sentence(figures, language) if name == "level_month_chart" else None
    if name == "annual_document":
        draw = partial(annual_document, template=template)
    return Rendered(draw(figures, language), f"{_safe(stem) or name}.{ending}", mime, caption)


def render_pack(record: Figures, language: str, read: Read) -> Rendered:
    """The case pack of a referral, with the photos that `read` finds."""
    stem = say(language, "report.file.case_pack", number=record["referral"]["number"])
    return Rendered(case_pack(record, language, read), f"{_safe(stem)}.zip", _ZIP)


def own_data(data: Figures, language: str) -> bytes:
    """A person's own data as JSON that a person can read."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _of_area(figures: Figures, language: str) -> dict[str, str]:
    return {"area": area_name(figures), "period": period_name(figures, language)}


def _of_table(table: Figures, language: str) -> dict[str, str]:
    return {"title": table["title"]}


def _of_problem(figures: Figures, language: str) -> dict[str, str]:
    return {"number": figures["number"]}


def _plain(data: Figures, language: str) -> dict[str, str]:
    return {}


def _safe(stem: str) -> str:
    kept = (" " if char in _NOT_IN_A_NAME or unicodedata.category(char)[0] == "C" else char for char in stem)
    return "_".join("".join(kept).split())[:_LONGEST_NAME].strip("._")


_Draw = Callable[[Figures, str], bytes]
_Call = Callable[[Figures, str], dict[str, str]]
_REPORTS: dict[str, tuple[_Draw, _Call, str, str]] = {
    "level_month_chart": (level_month_chart, _of_area, "png", _PNG),
    "street_chart": (street_chart, _of_area, "png", _PNG),
    "count_chart": (count_chart, _of_table, "png", _PNG),
    "calendar_chart": (calendar_chart, _of_area, "png", _PNG),
    "grid_map": (grid_map, _of_area, "png", _PNG),
    "annual_document": (annual_document, _of_area, "docx", _DOCX),
    "annual_workbook": (annual_workbook, _of_area, "xlsx", _XLSX),
    "problem_pair": (problem_pair, _of_problem, "png", _PNG),
    "own_data": (own_data, _plain, "json", _JSON),
}
