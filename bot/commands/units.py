"""`xunlin units` (承办单位)."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell
from bot.settings import read_settings
from locales import say
from models.engine import reading, transaction
from services import unit

app = typer.Typer(name="units", no_args_is_help=True, help="Units that problems are assigned to.")


@app.command("add")
def add(
    kind: Annotated[str, typer.Argument(help="maintenance, property, urban, police, hotline or other.")],
    name: Annotated[str | None, typer.Argument(help="What it is called; without one, by its kind.")] = None,
    area: Annotated[str | None, typer.Option(help="Code of the district or street it serves; none: all.")] = None,
    account: Annotated[str | None, typer.Option(metavar="CHANNEL:ID", help="Whose account acts for it.")] = None,
    needs_order: Annotated[
        bool, typer.Option("--needs-order", help="Every assignment names its order number.")
    ] = False,
) -> None:
    """Add a unit."""
    settings = read_settings()
    who = typed.account(account) if account else None
    with transaction(opening.current(settings)) as session:
        made = unit.add(session, kind, name, area, datetime.now(UTC), needs_order=needs_order, account=who)
        number = made.id
    tell(settings, "cli.unit_added", id=number)


@app.command("list")
def list_() -> None:
    """All units."""
    settings = read_settings()
    with reading(opening.current(settings)) as session:
        for row in unit.listed(session):
            name = row.name or say(settings.language, f"unit.kind.{row.kind}")
            who = f"{row.channel}:{row.user_id}" if row.channel else "-"
            print(row.id, row.kind, name, row.area_code or "-", who, sep="\t")


@app.command("remove")
def remove(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Offer a unit no more; what it did stays."""
    settings = read_settings()
    with transaction(opening.current(settings)) as session:
        unit.remove(session, number, datetime.now(UTC))
    tell(settings, "cli.unit_removed", id=number)
