"""Duties on the command line (任务命令): what is owed, by whom, and on which days people work."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from bot.settings import Settings, read_settings
from locales import say
from models.engine import open_engine, transaction
from models.migrate import is_current, upgrade
from models.policy import Duty
from rules.duty import Rule, Season
from rules.localtime import local_date
from services import duty, workday
from services.refused import Refused

duties = typer.Typer(
    no_args_is_help=True, help="Duties: how often chiefs must patrol, and the days on which they work."
)


@duties.command("list")
def duties_list(
    day: Annotated[str | None, typer.Option("--on", help="Day on which they hold [today].")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A line a duty.")] = False,
) -> None:
    """The duties in force on a day."""
    settings = read_settings()
    with _transaction(settings) as session:
        rows = [_columns(row) for row in duty.listed(session, _day(day) or _today(settings))]
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(f"{k}={v}" for k, v in row.items() if v))


@duties.command("add")
def duties_add(
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
    since = _day(valid_from) or _today(settings)
    try:
        rule = Rule(period, times, since, _day(valid_to), _window(window), _season(season))
    except ValueError as error:
        raise Refused("duty.not_understood", text=f"--{error}"[:40]) from None
    wanted = duty.Wanted(rule, level, area, post, grid, source)
    with _transaction(settings) as session:
        row = duty.add(session, wanted)
        print(say(settings.language, "cli.duty_added", id=row.id, since=row.valid_from))


@duties.command("end")
def duties_end(
    duty_id: Annotated[int, typer.Argument(metavar="ID")],
    day: Annotated[str | None, typer.Option("--on", help="Its last day [today].")] = None,
) -> None:
    """End a duty; the row stays."""
    settings = read_settings()
    with _transaction(settings) as session:
        row = duty.end(session, duty_id, _day(day) or _today(settings))
        print(say(settings.language, "cli.duty_ended", id=row.id, day=row.valid_to))


@duties.command("workday")
def duties_workday(
    day: Annotated[str, typer.Argument(metavar="DAY")],
    works: Annotated[bool, typer.Option("--works/--off", help="Whether people work on it.")] = True,
) -> None:
    """Say of a day that people work on it or not, where the holidays were not announced yet or differ here."""
    settings = read_settings()
    with _transaction(settings) as session:
        workday.correct(session, _day(day) or _today(settings), works, _today(settings), settings.zone)
    print(say(settings.language, "cli.workday_works" if works else "cli.workday_off", day=day))


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session]:
    engine = open_engine(settings.database_url)
    try:
        if settings.embedded:
            upgrade(engine)
        elif not is_current(engine):
            raise Refused("cli.migrate_first")
        with transaction(engine) as session:
            yield session
    finally:
        engine.dispose()


def _columns(row: Duty) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in Duty.__table__.columns}
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}


def _today(settings: Settings) -> date:
    return local_date(datetime.now(UTC), settings.zone)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("cli.bad_day", text=str(text)[:20]) from None


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
