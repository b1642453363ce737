"""`xunlin duties` (任务): what is owed, by whom, and on which days people work."""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell
from bot.settings import read_settings
from models.engine import reading, transaction
from models.policy import Duty
from rules.duty import Rule, Season
from services import audit, duty, workday
from services.refused import Refused

_OPTIONS = {"period": "--period", "times": "--times", "window": "--window", "valid_to": "--valid-to"}
"""The options by what a rule calls them; whatever else it finds wrong is the season."""

app = typer.Typer(
    name="duties", no_args_is_help=True,
    help="Duties: how often chiefs must patrol, and the days on which they work.",
)  # fmt: skip


@app.command("list")
def list_(
    day: Annotated[str | None, typer.Option("--on", help="Day on which they hold [today].")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A line a duty.")] = False,
) -> None:
    """The duties in force on a day."""
    settings = read_settings()
    with reading(opening.current(settings)) as session:
        rows = [_columns(row) for row in duty.listed(session, typed.day(day) or typed.today(settings))]
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(f"{k}={v}" for k, v in row.items() if v))


@app.command("add")
def add(
    period: Annotated[str, typer.Option(help="week, month, quarter, half_year, year or season.")],
    level: Annotated[str, typer.Option(help="district, street or community.")] = "community",
    times: Annotated[int, typer.Option(help="How often in a period.")] = 1,
    area: Annotated[str | None, typer.Option(help="Code of the district or street that owes it.")] = None,
    post: Annotated[int | None, typer.Option(help="Id of the only post that owes it.")] = None,
    grid: Annotated[str | None, typer.Option(help="Code of the grid in which it is owed.")] = None,
    window: Annotated[str | None, typer.Option(help="Days of the period, such as 1-10.")] = None,
    season: Annotated[str | None, typer.Option(help="Such as 11-01..05-31.")] = None,
    valid_from: Annotated[str | None, typer.Option(help="First day [today].")] = None,
    valid_to: Annotated[str | None, typer.Option(help="Last day.")] = None,
    source: Annotated[str, typer.Option(help="The rule or regulation that it follows.")] = "",
) -> None:
    """Add a duty; of two for the same kind of period the narrower one holds: post, grid, street, district, all."""
    settings = read_settings()
    since = typed.day(valid_from) or typed.today(settings)
    try:
        rule = Rule(period, times, since, typed.day(valid_to), _window(window), _season(season))
    except ValueError as error:
        raise Refused("cli.bad_duty", option=_OPTIONS.get(str(error), "--season")) from None
    if rule.valid_to and rule.valid_to < rule.valid_from:
        raise Refused("cli.days_reversed_of", first="--valid-from", last="--valid-to")
    wanted = duty.Wanted(rule, level, area, post, grid, source)
    with transaction(opening.current(settings)) as session:
        duty_id = duty.add(session, wanted).id
        audit.by_operator(session, "duty.added", f"duty:{duty_id}", datetime.now(UTC))
    tell(settings, "cli.duty_added", id=duty_id, since=since)


@app.command("end")
def end(
    duty_id: Annotated[int, typer.Argument(metavar="ID")],
    day: Annotated[str | None, typer.Option("--on", help="Its last day [today].")] = None,
) -> None:
    """End a duty; the row stays."""
    settings = read_settings()
    last = typed.day(day) or typed.today(settings)
    with transaction(opening.current(settings)) as session:
        duty.end(session, duty_id, last)
        audit.by_operator(session, "duty.ended", f"duty:{duty_id}", datetime.now(UTC))
    tell(settings, "cli.duty_ended", id=duty_id, day=last)


@app.command("workday")
def workday_(
    day: Annotated[str, typer.Argument(metavar="DAY")],
    works: Annotated[bool, typer.Option("--works/--off", help="Whether people work on it.")] = True,
) -> None:
    """Say of a day that people work on it or not, where the holidays were not announced yet or differ here."""
    settings = read_settings()
    today = typed.today(settings)
    with transaction(opening.current(settings)) as session:
        workday.correct(session, typed.day(day) or today, works, today, settings.zone)
        audit.by_operator(session, "workday.corrected", f"workday:{typed.day(day)}", datetime.now(UTC))
    tell(settings, "cli.workday_works" if works else "cli.workday_off", day=day)


def _columns(row: Duty) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in Duty.__table__.columns}
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}


def _window(text: str | None) -> tuple[int, int] | None:
    if not text:
        return None
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        raise ValueError("window")
    return int(first), int(last or first)


def _season(text: str | None) -> Season | None:
    first, _, last = (text or "").partition("..")
    return Season(first, last) if text else None
