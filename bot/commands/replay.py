"""`xunlin replay` (回放)."""

from pathlib import Path

import typer

from bot.commands import opening
from bot.commands.printing import tell
from bot.commands.progress import bar
from bot.lock import only_process
from bot.settings import read_settings

app = typer.Typer()


@app.command("replay")
def replay(file: Path) -> None:
    """Send deliveries (.jsonl, .jsonl.gz) through the real intake, in the order given."""
    from bot import intake

    settings = read_settings()
    with only_process(settings):
        engine = opening.current(settings)
        with bar(settings, None) as progress:
            done = intake.replay(engine, settings, file, progress)
    tell(settings, "cli.replayed", n=done)
