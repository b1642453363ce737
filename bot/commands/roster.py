"""`xunlin roster` (花名册)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell
from bot.commands.rebook import hint_rebook
from bot.settings import Settings, read_settings
from locales import say, words

if TYPE_CHECKING:
    from services.roster import Finding, RosterChanges

app = typer.Typer(name="roster", no_args_is_help=True, help="The roster of chiefs.")


@app.command("import")
def import_(
    file: Path,
    valid_from: Annotated[str | None, typer.Option(help="First day of the posts, such as 2023-01-01 [today].")] = None,
    dry_run: Annotated[bool, typer.Option(help="Print what would be done and do nothing.")] = False,
) -> None:
    """Import the roster from .xlsx or .csv as a clerk makes it."""
    from bot.loading import load_roster

    settings = read_settings()
    engine = opening.current(settings)
    sheet, changes = load_roster(engine, file, typed.day(valid_from) or typed.today(settings), dry_run)
    _tell_findings(settings, [*sheet.findings, *changes.repairs, *changes.left_out])
    _tell_people(settings, changes)
    _tell_changes(settings, changes, dry_run)
    if not dry_run:
        hint_rebook(settings, engine, typed.day(valid_from))


def _tell_findings(settings: Settings, findings: "list[Finding]") -> None:
    for one in sorted(findings, key=lambda found: (found.row, found.column)):
        column = words(settings.language, f"roster.column.{one.column}")[0] if one.column else "–"
        value, mended = one.value if one.value is not None else "", one.mended if one.mended is not None else ""
        kind = say(settings.language, f"roster.kind.{one.kind}")
        tell(settings, "cli.finding", row=one.row, column=column, kind=kind, value=value, mended=mended)


def _tell_people(settings: Settings, changes: "RosterChanges") -> None:
    for one in changes.details:
        column = words(settings.language, f"roster.column.{one.column}")[0] if one.column else ""
        key, old, new = f"cli.roster_{one.what}", one.old or "–", one.new or "–"
        tell(settings, key, code=one.code, name=one.name, column=column, old=old, new=new)
    for held in changes.held:
        tell(settings, "cli.roster_held", code=held.code, name=held.name, row=held.row)


def _tell_changes(settings: Settings, changes: "RosterChanges", dry_run: bool) -> None:
    tell(
        settings, "cli.roster_dry" if dry_run else "cli.roster", added=len(changes.added), changed=len(changes.changed),
        ended=len(changes.ended), unchanged=changes.unchanged, left_out=len(changes.left_out),
    )  # fmt: skip
