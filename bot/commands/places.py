"""`xunlin places` (地点)."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import opening
from bot.commands.printing import tell
from bot.settings import read_settings
from services.refused import Refused

app = typer.Typer(name="places", no_args_is_help=True, help="Places that the map shows beside the grids.")


@app.command("import")
def import_(
    file: Path,
    kind: Annotated[str, typer.Option(help="What they are: park.")] = "park",
) -> None:
    """Import parks from GeoJSON points in WGS-84; one whose code is known takes the new facts."""
    from bot.loading import load_places
    from services.place import IMPORTED

    settings = read_settings()
    if kind not in IMPORTED:
        raise Refused("cli.bad_place_kind", kind=kind[:20], known=", ".join(IMPORTED))
    tell(settings, "cli.places", n=load_places(opening.current(settings), file, kind))
