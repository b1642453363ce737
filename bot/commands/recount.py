"""`xunlin recount` (复核计数)."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.commands import opening
from bot.commands.printing import tell
from bot.settings import Settings, read_settings
from models.engine import transaction
from services import audit, count

app = typer.Typer()


@app.command("recount")
def recount(
    repair: Annotated[bool, typer.Option(help="Mend the kept counts and list what was changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Prove the kept counts against the patrols; exit code 1 where they differ."""
    settings = read_settings()
    with transaction(opening.current(settings)) as session:
        wrong = count.repair(session) if repair else count.differences(session)
        if repair and wrong:
            audit.by_operator(session, "counts.repaired", f"counts:{len(wrong)}", datetime.now(UTC))
    rows = [{"key": {n: getattr(k, n) for n in k.__slots__}, "kept": kept, "true": true} for k, kept, true in wrong]
    if as_json:
        print(json.dumps({"differences": rows, "repaired": repair}, ensure_ascii=False))
    else:
        _tell_rows(settings, rows, repair)
    if wrong and not repair:
        raise typer.Exit(1)


def _tell_rows(settings: Settings, rows: list[dict[str, Any]], repaired: bool) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    tell(
        settings,
        "cli.recount_right" if not rows else "cli.repaired" if repaired else "cli.recount_wrong",
        n=len(rows),
    )
