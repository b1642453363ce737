"""`xunlin doctor` (体检)."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from bot.operations.doctor import Check

_SIGNS = {"ok": "✓", "warn": "!", "bad": "✗"}

app = typer.Typer()


@app.command("doctor")
def doctor(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Look at everything that can be wrong and say what to do; exit code 1 where something is."""
    from bot.operations.doctor import State, doctor

    settings = read_settings()
    checks = doctor(settings, datetime.now(UTC))
    if as_json:
        rows = [{"name": c.name, "state": c.state.value, "text": c.text} for c in checks]
        print(json.dumps(rows, ensure_ascii=False))
    else:
        _print(settings, checks)
    if any(check.state is State.BAD for check in checks):
        raise typer.Exit(1)


def _print(settings: Settings, checks: "list[Check]") -> None:
    from bot.operations.doctor import shown

    for name, value in shown(settings):
        print(f"{name}={value}")
    for check in checks[1:]:  # the first is the settings, which stand above
        print(f"{_SIGNS[check.state.value]} {check.text}")
