"""`xunlin migrate` (升级)."""

import typer

from bot.commands.printing import tell
from bot.settings import read_settings
from models.engine import open_engine
from models.migrate import upgrade

app = typer.Typer()


@app.command("migrate")
def migrate() -> None:
    """Bring the database to this version."""
    settings = read_settings()
    tell(settings, "cli.migrated" if upgrade(open_engine(settings.database_url)) else "cli.migrated_before")
