"""The command line (命令行): `python -m bot`."""

import asyncio
import json
import logging
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from bot.commands import demo as demo_
from bot.commands import duties, load
from bot.lock import only_process
from bot.settings import Settings, read_settings
from locales import say, words
from models.area import Area
from models.chief import Chief
from models.engine import open_engine, reading, transaction
from models.migrate import NewerSchemaError, is_current, upgrade
from reports.chart import level_month_chart
from reports.sentence import annual_sentence
from reports.text import summary_text
from rules.localtime import local_date
from services import count, invite, office, summary
from services.refused import Refused
from services.roster import RosterChanges
from services.summary import Span

_DELIVERIES = 15_235
_SIGNS = {"ok": "✓", "warn": "!", "bad": "✗"}

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Xunlin: patrols of forest chiefs, recorded in the chat, counted, explained.",
)  # fmt: skip
grids = typer.Typer(no_args_is_help=True, help="Grids and their re-divisions.")
roster = typer.Typer(no_args_is_help=True, help="The roster of chiefs.")
offices = typer.Typer(no_args_is_help=True, help="Office accounts and their areas.")
app.add_typer(grids, name="grids")
app.add_typer(roster, name="roster")
app.add_typer(offices, name="office")
app.add_typer(duties.duties, name="duties")

errors = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="Port of the local web chat [8080].")] = None,
    fresh: Annotated[bool, typer.Option(help="Begin again with an empty demo.")] = False,
    serve: Annotated[bool, typer.Option(help="Serve the local web chat when the demo is ready.")] = True,
) -> None:
    """Xicheng's year 2023 replayed through the real intake; then the local web chat, until Ctrl-C."""
    settings = read_settings(**({"http_port": port} if port is not None else {}))
    with only_process(settings):
        engine = _migrated(settings)
        demo_.check_is_demo(engine)
        if fresh:
            engine.dispose()
            demo_.remove_demo(settings)
            engine = _migrated(settings)
        with _bar(settings, _DELIVERIES) as progress:
            demo_.load(engine, settings, progress)
        with reading(engine) as session:
            area = session.get_one(Area, demo_.DISTRICT)
            figures = summary.figures(session, summary.year_span(2023), area, settings.zone, datetime.now(UTC))
        print(annual_sentence(figures, settings.language), flush=True)
        if serve:
            address = f"http://{settings.http_host}:{settings.http_port}/"
            print(say(settings.language, "cli.serving", address=address), flush=True)
            _serve(engine, settings, {"work", "send", "media", "clock", "web"}, is_demo=True)


@app.command()
def run(
    only: Annotated[str, typer.Option(help="Some of the loops: receive,work,send,media,clock,web.")] = "",
) -> None:
    """Everything from the settings in one process, or the named loops of a larger deployment."""
    from bot.serve import LOOPS

    settings = read_settings()
    loops = {name.strip() for name in only.split(",") if name.strip()} or set(LOOPS)
    if unknown := loops - set(LOOPS):
        raise Refused("cli.unknown_loop", name=sorted(unknown)[0], known=", ".join(LOOPS))
    with only_process(settings):
        engine = _migrated(settings) if settings.embedded else _current(settings)
        with transaction(engine) as session:
            office.add_admins(session, settings.admins, datetime.now(UTC))
        _serve(engine, settings, loops, is_demo=False)


@app.command()
def migrate() -> None:
    """Bring the database to this version."""
    settings = read_settings()
    _say(settings, "cli.migrated" if upgrade(open_engine(settings.database_url)) else "cli.migrated_before")


@grids.command("import")
def grids_import(
    file: Path,
    valid_from: Annotated[str | None, typer.Option(help="First day of the division, such as 2024-01-01.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="CSV of old to new grids.")] = None,
) -> None:
    """Import grids from GeoJSON in WGS-84; a re-division closes the old versions."""
    settings = read_settings()
    engine = _current(settings)
    changes = load.load_grids(engine, file, _day(valid_from), mapping, _today(settings))
    _say(settings, "cli.grids", opened=len(changes.opened), closed=len(changes.closed), unchanged=changes.unchanged)


@grids.command("areas")
def grids_areas(streets: Path, communities: Path) -> None:
    """Load the tables of streets (with their short forms) and communities."""
    settings = read_settings()
    _say(settings, "cli.areas", n=load.load_area_tables(_current(settings), streets, communities))


@roster.command("import")
def roster_import(
    file: Path,
    valid_from: Annotated[str | None, typer.Option(help="First day of the posts, such as 2023-01-01 [today].")] = None,
    dry_run: Annotated[bool, typer.Option(help="Print what would be done and do nothing.")] = False,
) -> None:
    """Import the roster from .xlsx or .csv as a clerk makes it."""
    settings = read_settings()
    engine = _current(settings)
    sheet, changes = load.load_roster(engine, file, _day(valid_from) or _today(settings), dry_run)
    _print_roster(settings, [*sheet.findings, *changes.repairs, *changes.left_out], changes, dry_run)


@app.command()
def replay(file: Path) -> None:
    """Send deliveries (.jsonl, .jsonl.gz) through the real intake, in the order given."""
    settings = read_settings()
    with only_process(settings):
        engine = _current(settings)
        with _bar(settings, None) as progress:
            done = load.replay(engine, settings, file, progress)
    _say(settings, "cli.replayed", n=done)


@app.command("summary")
def summary_command(
    year: Annotated[int | None, typer.Option(help="Calendar year.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    street: Annotated[str | None, typer.Option(help="Code of one street.")] = None,
    format: Annotated[str, typer.Option(help="text, json or png.")] = "text",
    out: Annotated[Path | None, typer.Option(help="File to write to.")] = None,
) -> None:
    """The annual summary: the sentence and its figures."""
    settings = read_settings()
    span = _span(settings, year, start, end)
    engine = _current(settings)
    with reading(engine) as session:
        area = _area(session, street)
        figures = summary.figures(session, span, area, settings.zone, datetime.now(UTC))
    figures["sentence"] = annual_sentence(figures, settings.language)
    _write(_printed(settings, figures, format), out)


@app.command("recount")
def recount(
    repair: Annotated[bool, typer.Option(help="Mend the kept counts and list what was changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Prove the kept counts against the patrols; exit code 1 where they differ."""
    settings = read_settings()
    with transaction(_current(settings)) as session:
        wrong = count.repair(session) if repair else count.differences(session)
    rows = [{"key": {n: getattr(k, n) for n in k.__slots__}, "kept": kept, "true": true} for k, kept, true in wrong]
    if as_json:
        print(json.dumps({"differences": rows, "repaired": repair}, ensure_ascii=False))
    else:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        _say(
            settings,
            "cli.recount_right" if not wrong else "cli.repaired" if repair else "cli.recount_wrong",
            n=len(rows),
        )
    if wrong and not repair:
        raise typer.Exit(1)


@app.command("invite")
def invite_command(
    chiefs: Annotated[list[str] | None, typer.Argument(help="Codes of chiefs.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everybody on the roster.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help='A line a code: {"chief": …, "code": …}.')] = False,
) -> None:
    """One-use invite codes; a code is shown once and stored as a hash."""
    settings = read_settings()
    with transaction(_current(settings)) as session:
        wanted = select(Chief).order_by(Chief.code)
        people = session.scalars(wanted if all_ else wanted.where(Chief.code.in_(chiefs or []))).all()
        if missing := set(chiefs or []) - {chief.code for chief in people}:
            raise Refused("cli.chief_unknown", code=sorted(missing)[0])
        codes = [(chief.code, chief.name, invite.issue(session, chief, datetime.now(UTC))) for chief in people]
    for code, name, secret in codes:
        print(json.dumps({"chief": code, "code": secret}) if as_json else f"{code}\t{name}\t{secret}")


@offices.command("add")
def office_add(account: Annotated[str, typer.Argument(metavar="CHANNEL:ID")], area: str) -> None:
    """Give an account the office of a district or street, by its code."""
    settings = read_settings()
    with transaction(_current(settings)) as session:
        new = office.add(session, *_account(account), area, datetime.now(UTC))
    _say(settings, "cli.office_added" if new else "cli.office_had", account=account, area=area)


@offices.command("list")
def office_list() -> None:
    """All office accounts."""
    with reading(_current(read_settings())) as session:
        for row in office.listed(session):
            print(f"{row.channel}:{row.user_id}\t{row.area_code}")


@offices.command("remove")
def office_remove(account: Annotated[str, typer.Argument(metavar="CHANNEL:ID")]) -> None:
    """Take an account's offices away."""
    settings = read_settings()
    with transaction(_current(settings)) as session:
        office.remove(session, *_account(account), datetime.now(UTC))
    _say(settings, "cli.office_removed", account=account)


@app.command("backup")
def backup_command(
    target: Annotated[Path, typer.Argument(metavar="DIR")], as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Back the database, photos and files up into a new folder of DIR, with a manifest of hashes."""
    from bot.operations.backup import backup

    settings = read_settings()
    manifest = backup(settings, target, datetime.now(UTC))
    if as_json:
        print(json.dumps({"folder": str(target / manifest.name), "files": len(manifest.files)}))
    else:
        _say(settings, "cli.backed_up", folder=target / manifest.name, n=len(manifest.files))


@app.command("restore")
def restore_command(
    source: Annotated[Path, typer.Argument(metavar="DIR")],
    force: Annotated[
        bool, typer.Option(help="Replace data that is there; it is kept beside, under a dated name.")
    ] = False,
) -> None:
    """Restore a backup: everything is verified before anything is switched."""
    from bot.operations.restore import restore

    settings = read_settings()
    with only_process(settings):
        restore(settings, source, datetime.now(UTC), force)
    _say(settings, "cli.restored", folder=source)


@app.command("doctor")
def doctor_command(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Look at everything that can be wrong and say what to do; exit code 1 where something is."""
    from bot.operations.doctor import State, doctor, shown

    settings = read_settings()
    checks = doctor(settings, datetime.now(UTC))
    if as_json:
        print(
            json.dumps([{"name": c.name, "state": c.state.value, "text": c.text} for c in checks], ensure_ascii=False)
        )
    else:
        for name, value in shown(settings):
            print(f"{name}={value}")
        for check in checks:
            print(f"{_SIGNS[check.state.value]} {check.text}")
    if any(check.state is State.BAD for check in checks):
        raise typer.Exit(1)


def main() -> None:
    """Run a command; what goes wrong is one clear line and an exit code."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app(prog_name="xunlin")
    except Refused as refusal:
        _fail(say(_language(), refusal.key, **refusal.fields))
    except ValueError as error:
        _fail(str(error))
    except NewerSchemaError:
        _fail(say(_language(), "cli.newer_schema"))
    except OperationalError as error:
        _fail(say(_language(), "cli.database_away", why=str(error.orig).splitlines()[0]))
    except KeyboardInterrupt:
        sys.exit(130)


def _language() -> str:
    try:
        return read_settings().language
    except ValueError:
        return "zh_CN"


def _fail(line: str) -> None:
    errors.print(line, style=None, markup=False)
    sys.exit(1)


def _say(settings: Settings, key: str, /, **fields: object) -> None:
    print(say(settings.language, key, **fields))


def _migrated(settings: Settings) -> Engine:
    engine = open_engine(settings.database_url)
    upgrade(engine)
    return engine


def _current(settings: Settings) -> Engine:
    engine = open_engine(settings.database_url)
    if settings.embedded:
        upgrade(engine)
    elif not is_current(engine):
        raise Refused("cli.migrate_first")
    return engine


def _serve(engine: Engine, settings: Settings, loops: set[str], *, is_demo: bool) -> None:
    # Imported here: the web server is not needed by the other commands, which should start at once.
    from bot.serve import serve

    asyncio.run(serve(engine, settings, loops, demo=is_demo))
    engine.dispose()


class _Progress:
    def __init__(self, bar: Progress, total: int | None, label: str) -> None:
        self.bar, self.task = bar, bar.add_task(label, total=total)

    def __enter__(self) -> Any:
        self.bar.start()
        return lambda n: self.bar.advance(self.task, n)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()


def _bar(settings: Settings, total: int | None) -> AbstractContextManager[Any]:
    if not sys.stderr.isatty():
        return nullcontext(lambda n: None)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=errors
    )
    return _Progress(bar, total, say(settings.language, "cli.replaying"))


def _today(settings: Settings) -> date:
    return local_date(datetime.now(UTC), settings.zone)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("cli.bad_day", text=str(text)[:20]) from None


def _span(settings: Settings, year: int | None, start: str | None, end: str | None) -> Span:
    first, last = _day(start), _day(end)
    if first and last:
        if last < first:
            raise Refused("cli.days_reversed")
        return Span(first, last)
    if first or last:
        raise Refused("cli.both_days")
    year = year or _today(settings).year
    if not 2000 <= year <= 2100:
        raise Refused("cli.bad_year", year=year)
    return summary.year_span(year)


def _area(session: Any, street: str | None) -> Area:
    if street:
        area = session.get(Area, street)
        if area is None or area.level != "street":
            raise Refused("cli.street_unknown", code=street[:20])
        return area  # type: ignore[no-any-return]
    districts = session.scalars(select(Area).where(Area.level == "district")).all()
    if len(districts) != 1:
        raise Refused("cli.no_district")
    return districts[0]  # type: ignore[no-any-return]


def _printed(settings: Settings, figures: dict[str, Any], format: str) -> bytes:
    if format == "json":
        return (json.dumps(figures, ensure_ascii=False, indent=1) + "\n").encode()
    if format == "text":
        return (summary_text(figures, settings.language).rstrip("\n") + "\n").encode()
    if format == "png":
        return level_month_chart(figures, settings.language)
    raise Refused("cli.bad_format", format=format[:20])


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise Refused("cli.cannot_write", path=str(out), why=error.strerror) from None


def _account(text: str) -> tuple[str, str]:
    channel, _, user = text.partition(":")
    if not channel or not user:
        raise Refused("cli.bad_account", text=text[:40])
    return channel, user


def _print_roster(settings: Settings, findings: list[Any], changes: RosterChanges, dry_run: bool) -> None:
    for one in sorted(findings, key=lambda found: (found.row, found.column)):
        column = words(settings.language, f"roster.column.{one.column}")[0] if one.column else "–"
        value, mended = one.value if one.value is not None else "", one.mended if one.mended is not None else ""
        kind = say(settings.language, f"roster.kind.{one.kind}")
        _say(settings, "cli.finding", row=one.row, column=column, kind=kind, value=value, mended=mended)
    _say(
        settings, "cli.roster_dry" if dry_run else "cli.roster", added=len(changes.added), changed=len(changes.changed),
        ended=len(changes.ended), unchanged=changes.unchanged, left_out=len(changes.left_out),
    )  # fmt: skip


if __name__ == "__main__":
    main()
