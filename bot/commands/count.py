"""`xunlin count` (统计)."""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from bot.commands import opening, typed
from bot.settings import Settings, read_settings
from locales import say
from locales.dates import full_date, month_with_year, span_name
from models.area import Area
from models.engine import reading
from reports.table import aligned
from services import measure, tally
from services.measure import How, Measured
from services.refused import Refused
from services.summary import Span

app = typer.Typer()


@app.command("count")
def of_period(
    year: Annotated[int | None, typer.Option(help="Calendar year.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    area: Annotated[str | None, typer.Option(help="Code of a street or a community [the district].")] = None,
    by: Annotated[str, typer.Option(help="level, street, month or grid.")] = "level",
    unit: Annotated[str, typer.Option(help="person_times, outings or persons.")] = measure.PERSON_TIMES,
    grids: Annotated[int | None, typer.Option(help="By the grids of this year [of the day of each patrol].")] = None,
    levels: Annotated[
        str, typer.Option(help="then or now: the levels of the day of the patrol, or of today.")
    ] = "then",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Counted patrols of a period and an area, as 统计 answers in the chat."""
    settings = read_settings()
    _check(by, tally.GROUPS)
    _check(unit, measure.UNITS)
    _check(levels, ("then", "now"))
    span = typed.span(settings, year, start, end)
    with reading(opening.current(settings)) as session:
        here = typed.any_area(session, area)
        how = How(unit, typed.division(session, grids, here), levels == "now")
        found = measure.counted(session, span, here, by, how, settings.zone, datetime.now(UTC))
    rows = [{"key": row.key, "name": _name(settings, by, row, how), "n": row.n} for row in found.rows]
    if as_json:
        print(json.dumps(_told(span, here, by, how, found, rows), ensure_ascii=False))
    else:
        _print(settings, span, here, how, found, rows)


def _check(said: str, known: tuple[str, ...]) -> None:
    if said not in known:
        raise Refused("cli.not_one_of", text=said[:20], known=", ".join(known))


def _told(span: Span, area: Area, by: str, how: How, found: Measured, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "from": span.start.isoformat(), "to": span.end.isoformat(), "area": {"code": area.code, "name": area.name},
        "by": by, "unit": how.unit, "grids_since": _iso(how.division), "levels": "now" if how.level_now else "then",
        "total": found.total, "rows": rows,
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _print(settings: Settings, span: Span, area: Area, how: How, found: Measured, rows: list[dict[str, Any]]) -> None:
    tongue = settings.language
    period = span_name(span.start, span.end, tongue)
    print(say(tongue, f"count.answer.{how.unit}", area=area.name, period=period, total=f"{found.total:,}"))
    if how.division:
        print(say(tongue, "count.means.division", day=full_date(how.division, tongue)))
    total = (say(tongue, "count.total"), f"{found.total:,}")
    print(aligned([*((row["name"], f"{row['n']:,}") for row in rows), total]))


def _name(settings: Settings, by: str, row: tally.Row, how: How) -> str:
    if row.label:
        return row.label
    if by == "month":
        return month_with_year(row.key, settings.language)
    if row.key == tally.NONE:
        key = "count.no_post_now" if how.level_now and by == "level" else "level.unassigned"
        return say(settings.language, "count.unassigned" if by == "street" else key)
    return say(settings.language, f"level.{row.key}")
