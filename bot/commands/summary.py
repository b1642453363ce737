"""`xunlin summary` (年报)."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from bot.commands import opening, typed
from bot.commands.printing import write
from bot.settings import Settings, read_settings
from models.area import Area
from models.engine import reading, transaction
from reports import render
from reports.chart import level_month_chart
from reports.sentence import annual_sentence
from reports.text import summary_text
from rules.localtime import local_date
from services import annual, apart, audit, ledger, problem_figures, summary
from services.refused import Refused

app = typer.Typer()
_FILES = {"docx": ("annual_document", annual.report), "xlsx": ("annual_workbook", ledger.gather)}
"""What is a file: its report, and the figures that it needs."""


@app.command("summary")
def of_period(
    year: Annotated[int | None, typer.Option(help="Calendar year.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    street: Annotated[str | None, typer.Option(help="Code of one street.")] = None,
    grids: Annotated[int | None, typer.Option(help="xlsx: by the grids of this year [of the period].")] = None,
    format: Annotated[str, typer.Option(help="text, json, png, docx or xlsx.")] = "text",
    out: Annotated[Path | None, typer.Option(help="File to write to.")] = None,
) -> None:
    """The annual summary: the sentence and its figures."""
    settings = read_settings()
    span = typed.span(settings, year, start, end)
    engine = opening.current(settings)
    with reading(engine) as session:
        area = typed.area(session, street)
        gather = _gather(format, typed.division(session, grids, area))
        figures = gather(session, span, area, settings.zone, _now())
        figures["sentence"] = annual_sentence(figures, settings.language)
        if "problem_handling" not in figures:
            figures["problem_handling"] = problem_figures.figures(session, span, area, _now())
        # The ledger is read while it is written.
        printed = _printed(settings, figures, format)
    if format in _FILES:
        with transaction(engine) as session:
            audit.by_operator(session, "summary.exported", f"summary:{span.start}..{span.end}:{format}", _now())
    write(printed, out)


def _now() -> datetime:
    return datetime.now(UTC)


def _gather(format: str, division: date | None) -> Callable[..., dict[str, Any]]:
    if format == "xlsx":
        return partial(ledger.gather, division=division)
    return _FILES[format][1] if format in _FILES else _with_apart


def _with_apart(session: Session, span: summary.Span, area: Area, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    beside = apart.figures(session, span, area, local_date(now, zone))
    return {**summary.figures(session, span, area, zone, now), **beside}


def _printed(settings: Settings, figures: dict[str, Any], format: str) -> bytes:
    if format == "json":
        return (json.dumps(figures, ensure_ascii=False, indent=1) + "\n").encode()
    if format == "text":
        return (summary_text(figures, settings.language).rstrip("\n") + "\n").encode()
    if format == "png":
        return level_month_chart(figures, settings.language)
    if format in _FILES:
        return render(_FILES[format][0], figures, settings.language, settings.report_template).data
    raise Refused("cli.bad_format", format=format[:20])
