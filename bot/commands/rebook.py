"""`xunlin rebook` (重新归属)."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from sqlalchemy import Engine

from bot.commands import opening, typed
from bot.commands.printing import tell
from bot.settings import Settings, read_settings
from models.engine import reading, transaction
from services import audit
from services import rebook as rebooking
from services.rebook import Rebooked
from services.refused import Refused

app = typer.Typer()


class _DryRun(Exception):  # noqa: N818 - not an error: the way out of a transaction that is not to be kept
    pass


@app.command("rebook")
def rebook(
    start: Annotated[str, typer.Option("--from", help="First day, such as 2024-01-01.")],
    end: Annotated[str, typer.Option("--to", help="Last day.")],
    dry_run: Annotated[bool, typer.Option(help="Print what would change and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Book and judge patrols again after roster, grids or policies of past days were changed; each leaves an event."""
    settings = read_settings()
    first, last = typed.day(start), typed.day(end)
    if first is None or last is None:
        raise Refused("cli.both_days")
    if last < first:
        raise Refused("cli.days_reversed")
    changed = _rebooked(opening.current(settings), first, last, dry_run)
    if as_json:
        print(json.dumps({"changed": [asdict(row) for row in changed], "kept": not dry_run}, ensure_ascii=False))
    else:
        _tell(settings, changed, dry_run)


def hint_rebook(settings: Settings, engine: Engine, day: date | None) -> None:
    """Say that an import for a past day has not changed the patrols since; nothing where there are none."""
    with reading(engine) as session:
        n = rebooking.since(session, day) if day else 0
    if n:
        tell(settings, "cli.rebook_hint", n=n, day=day, today=typed.today(settings))


def _rebooked(engine: Engine, first: date, last: date, dry_run: bool) -> list[Rebooked]:
    try:
        with transaction(engine) as session:
            changed = rebooking.rebook(session, first, last, datetime.now(UTC))
            if dry_run:
                raise _DryRun
            audit.by_operator(session, "patrols.rebooked", f"patrols:{first}..{last}", datetime.now(UTC))
    except _DryRun:
        return changed
    return changed


def _tell(settings: Settings, changed: list[Rebooked], dry_run: bool) -> None:
    for row in changed:
        print(json.dumps(asdict(row), ensure_ascii=False))
    found = Counter(row.cause for row in changed)
    tell(
        settings, "cli.rebook_dry" if dry_run else "cli.rebooked", n=len(changed), roster=found[rebooking.ROSTER],
        grids=found[rebooking.GRIDS], policy=found[rebooking.POLICY],
    )  # fmt: skip
