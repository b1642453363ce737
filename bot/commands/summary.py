"""`xunlin summary` (年报)."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import opening, typed
from bot.commands.printing import write
from bot.settings import Settings, read_settings
from models.engine import reading
from reports import render
from reports.chart import level_month_chart
from reports.sentence import annual_sentence
from reports.text import summary_text
from services import annual, ledger, summary
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
    with reading(opening.current(settings)) as session:
        area = typed.area(session, street)
        figures = _gather(format, typed.division(session, grids, area))(
            session, span, area, settings.zone, datetime.now(UTC)
        )
        figures["sentence"] = annual_sentence(figures, settings.language)
        # The ledger is read while it is written.
        printed = _printed(settings, figures, format)
    write(printed, out)


def _gather(format: str, division: date | None) -> Callable[..., dict[str, Any]]:
    if format == "xlsx":
        return partial(ledger.gather, division=division)
    return _FILES[format][1] if format in _FILES else summary.figures


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
