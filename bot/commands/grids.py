"""`xunlin grids` (网格)."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell
from bot.commands.rebook import hint_rebook
from bot.settings import read_settings

app = typer.Typer(name="grids", no_args_is_help=True, help="Grids and their re-divisions.")


@app.command("import")
def import_(
    file: Path,
    valid_from: Annotated[str | None, typer.Option(help="First day of the division, such as 2024-01-01.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="CSV of old to new grids.")] = None,
) -> None:
    """Import grids from GeoJSON in WGS-84; a re-division closes the old versions."""
    from bot.loading import load_grids

    settings = read_settings()
    engine = opening.current(settings)
    changes = load_grids(engine, file, typed.day(valid_from), mapping, typed.today(settings))
    tell(settings, "cli.grids", opened=len(changes.opened), closed=len(changes.closed), unchanged=changes.unchanged)
    hint_rebook(settings, engine, typed.day(valid_from))


@app.command("areas")
def areas(streets: Path, communities: Path) -> None:
    """Load the tables of streets (with their short forms) and communities."""
    from bot.loading import load_area_tables

    settings = read_settings()
    tell(settings, "cli.areas", n=load_area_tables(opening.current(settings), streets, communities))
