"""`xunlin backup` and `xunlin restore` (备份、恢复)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.printing import tell
from bot.lock import only_process
from bot.settings import Settings, read_settings

app = typer.Typer()


@app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR")], as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Back the database, photos and files up into a new folder of DIR, with a manifest of hashes."""
    from bot.operations.backup import backup

    settings = read_settings()
    manifest = backup(settings, target, datetime.now(UTC))
    _note(settings, "backup.made", f"backup:{manifest.name}")
    if as_json:
        print(json.dumps({"folder": str(target / manifest.name), "files": len(manifest.files)}))
    else:
        tell(settings, "cli.backed_up", folder=target / manifest.name, n=len(manifest.files))


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="DIR")],
    force: Annotated[
        bool, typer.Option(help="Replace data that is there; it is kept beside, under a dated name.")
    ] = False,
) -> None:
    """Restore a backup: everything is verified before anything is switched."""
    from bot.operations.restore import restore

    settings = read_settings()
    with only_process(settings):
        done = restore(settings, source, datetime.now(UTC), force)
        _note(settings, "backup.restored", f"backup:{source.absolute().name}")
    tell(settings, "cli.restored", folder=source)
    for place in done.kept:
        tell(settings, "cli.restored_kept", place=place)
    if done.outdated:
        tell(settings, "cli.restored_older")


def _note(settings: Settings, what: str, object: str) -> None:
    from models.engine import open_engine, transaction
    from models.migrate import is_current
    from services import audit

    engine = open_engine(settings.database_url)
    try:
        # An older database has no audit yet; it begins with its next migration.
        if is_current(engine):
            with transaction(engine) as session:
                audit.by_operator(session, what, object, datetime.now(UTC))
    finally:
        engine.dispose()
