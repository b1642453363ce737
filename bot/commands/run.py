"""`xunlin run` (运行)."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.commands import opening
from bot.commands.printing import note
from bot.commands.serving import serve
from bot.door import open_door
from bot.lock import only_process
from bot.settings import Settings, read_settings
from models.engine import transaction
from services import office
from services.refused import Refused

app = typer.Typer()


@app.command("run")
def run(
    only: Annotated[str, typer.Option(help="Some of the loops: receive,work,send,media,clock,web.")] = "",
) -> None:
    """Everything from the settings in one process, or the named loops of a larger deployment."""
    settings = read_settings()
    loops = _loops(only)
    door = open_door(settings) if "web" in loops else None
    with only_process(settings):
        engine = opening.migrated(settings) if settings.embedded else opening.current(settings)
        with transaction(engine) as session:
            office.add_admins(session, settings.admins, datetime.now(UTC))
        tell_start(settings, loops)
        serve(engine, settings, loops, door, is_demo=False)


def tell_start(settings: Settings, loops: set[str]) -> None:
    """One line on stderr: the address, the channels and the loops."""
    address = f"http://{settings.http_host}:{settings.http_port}/" if "web" in loops else "–"
    channels = [name for name, on in _switches(settings) if on]
    note(settings, "cli.running", address=address, channels=", ".join(channels) or "–", loops=", ".join(sorted(loops)))


def _switches(settings: Settings) -> tuple[tuple[str, object], ...]:
    return (
        ("telegram", settings.telegram_token), ("wecom", settings.wecom_corp_id), ("local", settings.local_chat),
    )  # fmt: skip


def _loops(only: str) -> set[str]:
    from bot.serve import LOOPS

    loops = {name.strip() for name in only.split(",") if name.strip()} or set(LOOPS)
    if unknown := loops - set(LOOPS):
        raise Refused("cli.unknown_loop", name=sorted(unknown)[0], known=", ".join(LOOPS))
    return loops
