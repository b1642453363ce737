"""`xunlin roster` (花名册)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell
from bot.commands.rebook import hint_rebook
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from services.roster import RosterChanges

app = typer.Typer(name="roster", no_args_is_help=True, help="The roster of chiefs.")


@app.command("import")
def import_(
    file: Path,
    valid_from: Annotated[str | None, typer.Option(help="First day of the posts, such as 2023-01-01 [today].")] = None,
    dry_run: Annotated[bool, typer.Option(help="Print what would be done and do nothing.")] = False,
) -> None:
    """Import the roster from .xlsx or .csv as a clerk makes it."""
    from bot.loading import load_roster
    from bot.roster_words import finding_lines, people_lines

    settings = read_settings()
    engine = opening.current(settings)
    sheet, changes = load_roster(engine, file, typed.day(valid_from) or typed.today(settings), dry_run)
    language = settings.language
    for line in (*finding_lines(language, sheet, changes), *people_lines(language, changes)):
        print(line)
    _tell_changes(settings, changes, dry_run)
    if not dry_run:
        hint_rebook(settings, engine, typed.day(valid_from))


def _tell_changes(settings: Settings, changes: "RosterChanges", dry_run: bool) -> None:
    tell(
        settings, "cli.roster_dry" if dry_run else "cli.roster", added=len(changes.added), changed=len(changes.changed),
        ended=len(changes.ended), unchanged=changes.unchanged, left_out=len(changes.left_out),
    )  # fmt: skip
