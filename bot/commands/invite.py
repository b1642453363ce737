"""`xunlin invite` (邀请码)."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.commands import opening
from bot.settings import read_settings
from models.chief import Chief
from models.engine import transaction
from services.invite import issue
from services.refused import Refused

app = typer.Typer()


@app.command("invite")
def invite(
    chiefs: Annotated[list[str] | None, typer.Argument(help="Codes of chiefs.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everybody on the roster.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help='A line a code: {"chief": …, "code": …}.')] = False,
) -> None:
    """One-use invite codes; a code is shown once and stored as a hash."""
    settings = read_settings()
    if not chiefs and not all_:
        raise Refused("cli.invite_whom")
    with transaction(opening.current(settings)) as session:
        people = _people(session, chiefs or [], all_)
        codes = [(chief.code, chief.name, issue(session, chief, datetime.now(UTC))) for chief in people]
    for code, name, secret in codes:
        print(json.dumps({"chief": code, "code": secret}) if as_json else f"{code}\t{name}\t{secret}")


def _people(session: Session, codes: list[str], everybody: bool) -> Sequence[Chief]:
    wanted = select(Chief).order_by(Chief.code)
    people = session.scalars(wanted if everybody else wanted.where(Chief.code.in_(codes))).all()
    if missing := set(codes) - {chief.code for chief in people}:
        raise Refused("cli.chief_unknown", code=sorted(missing)[0])
    return people
