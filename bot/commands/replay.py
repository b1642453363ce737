"""`xunlin replay` (回放)."""

from pathlib import Path

import typer
from sqlalchemy import Engine

from bot.commands import opening
from bot.commands.printing import tell
from bot.commands.progress import bar
from bot.lock import only_process
from bot.settings import read_settings
from models.engine import reading
from services import inbox
from services.refused import Refused

app = typer.Typer()


@app.command("replay")
def replay(file: Path) -> None:
    """Send deliveries (.jsonl, .jsonl.gz) through the real intake, in the order given."""
    from bot import intake

    settings = read_settings()
    opening.check_there(settings)
    with only_process(settings):
        engine = opening.current(settings)
        before = _parked(engine)
        with bar(settings, None) as progress:
            done = intake.replay(engine, settings, file, progress)
        parked = _parked(engine) - before
    if not done:
        raise Refused("replay.empty", name=file.name)
    tell(settings, "cli.replayed_parked" if parked else "cli.replayed", n=done, parked=parked)


def _parked(engine: Engine) -> int:
    with reading(engine) as session:
        return inbox.parked_count(session, "replay")
