"""`xunlin grids` (网格)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell, write
from bot.commands.rebook import hint_rebook
from bot.settings import read_settings
from services.refused import Refused

app = typer.Typer(name="grids", no_args_is_help=True, help="Grids and their re-divisions.")


@app.command("import")
def import_(
    file: Path,
    valid_from: Annotated[str | None, typer.Option(help="First day of the division, such as 2024-01-01.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="CSV of old to new grids.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Print what would be done and do nothing.")] = False,
) -> None:
    """Import grids from GeoJSON, KML, Shapefile (.zip) or GPKG; a re-division closes the old versions."""
    from bot.loading import load_grids

    settings = read_settings()
    engine = opening.current(settings)
    changes = load_grids(engine, file, typed.day(valid_from), mapping, typed.today(settings), dry_run)
    tell(
        settings, "cli.grids_dry" if dry_run else "cli.grids", opened=len(changes.opened), closed=len(changes.closed),
        unchanged=changes.unchanged,
    )  # fmt: skip
    if not dry_run:
        hint_rebook(settings, engine, typed.day(valid_from))


@app.command("export")
def export(
    kind: Annotated[str, typer.Option("--format", help="geojson, kml, shp (packed), gpkg or csv.")] = "geojson",
    out: Annotated[Path | None, typer.Option(help="The file to write [stdout].")] = None,
    on: Annotated[str | None, typer.Option(help="The day whose division it is [today].")] = None,
    street: Annotated[str | None, typer.Option(help="Code of one street [the district].")] = None,
) -> None:
    """Export the grids of a day, in WGS-84, as an import reads them."""
    from models.engine import transaction
    from reports.grid_layer import KINDS, grid_layer
    from services import audit, grid_export

    settings = read_settings()
    if kind not in KINDS:
        raise Refused("cli.bad_layer_format", format=kind[:20], known=", ".join(KINDS))
    day = typed.day(on) or typed.today(settings)
    with transaction(opening.current(settings)) as session:
        found = grid_export.features(session, typed.area(session, street), day)
        if not found:
            raise Refused("grids.none_on", day=day.isoformat())
        audit.by_operator(session, "grids.exported", f"grids:{day}", datetime.now(UTC))
    write(grid_layer(kind, found), out)
    if out:
        tell(settings, "cli.grids_exported", n=len(found), file=str(out))


@app.command("areas")
def areas(streets: Path, communities: Path) -> None:
    """Load the tables of streets (with their short forms) and communities."""
    from bot.loading import load_area_tables

    settings = read_settings()
    tell(settings, "cli.areas", n=load_area_tables(opening.current(settings), streets, communities))
