"""`xunlin office` (林长办账号)."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell
from bot.settings import read_settings
from models.engine import reading, transaction
from services import office

app = typer.Typer(name="office", no_args_is_help=True, help="Office accounts and their areas.")


@app.command("add")
def add(account: Annotated[str, typer.Argument(metavar="CHANNEL:ID")], area: str) -> None:
    """Give an account the office of a district or street, by its code."""
    settings = read_settings()
    with transaction(opening.current(settings)) as session:
        new = office.add(session, *typed.account(account), area, datetime.now(UTC))
    tell(settings, "cli.office_added" if new else "cli.office_had", account=account, area=area)


@app.command("list")
def list_() -> None:
    """All office accounts."""
    with reading(opening.current(read_settings())) as session:
        for row in office.listed(session):
            print(f"{row.channel}:{row.user_id}\t{row.area_code}")


@app.command("remove")
def remove(account: Annotated[str, typer.Argument(metavar="CHANNEL:ID")]) -> None:
    """Take an account's offices away."""
    settings = read_settings()
    with transaction(opening.current(settings)) as session:
        office.remove(session, *typed.account(account), datetime.now(UTC))
    tell(settings, "cli.office_removed", account=account)
