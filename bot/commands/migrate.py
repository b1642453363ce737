"""`xunlin migrate` (升级)."""

from datetime import UTC, datetime

import typer

from bot.commands.printing import tell
from bot.lock import only_process
from bot.settings import read_settings

app = typer.Typer()


@app.command("migrate")
def migrate() -> None:
    """Bring the database to this version; an embedded one is copied first."""
    from bot.upgrading import bring_up

    settings = read_settings()
    with only_process(settings):
        done = bring_up(settings, datetime.now(UTC))
    if done.kept:
        tell(settings, "cli.kept_before", file=done.kept)
    tell(settings, "cli.migrated" if done.changed else "cli.migrated_before")
