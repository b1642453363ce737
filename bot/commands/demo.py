"""`xunlin demo` (演示)."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import Engine

from bot.commands import opening
from bot.commands.progress import bar
from bot.commands.serving import serve as serve_
from bot.door import open_door
from bot.lock import only_process
from bot.settings import Settings, read_settings
from locales import say
from models.area import Area
from models.engine import reading
from reports.sentence import annual_sentence
from services import summary

_DELIVERIES = 15_235
_LOOPS = {"work", "send", "media", "clock", "web"}

app = typer.Typer()


@app.command("demo")
def demo(
    port: Annotated[int | None, typer.Option(help="Port of the local web chat [8080].")] = None,
    fresh: Annotated[bool, typer.Option(help="Begin again with an empty demo.")] = False,
    serve: Annotated[bool, typer.Option(help="Serve the local web chat when the demo is ready.")] = True,
) -> None:
    """Xicheng's year 2023 replayed through the real intake; then the local web chat, until Ctrl-C."""
    settings = read_settings(**({"http_port": port} if port is not None else {}))
    # First of all: who must choose another port should not wait for the year to be loaded.
    door = open_door(settings) if serve else None
    with only_process(settings):
        engine = _loaded(settings, fresh)
        print(_sentence(engine, settings), flush=True)
        if door:
            # Whoever comes before the pages are served waits a moment, and is not refused.
            door.listen()
            address = f"http://{settings.http_host}:{settings.http_port}/"
            print(say(settings.language, "cli.serving", address=address), flush=True)
            serve_(engine, settings, _LOOPS, door, is_demo=True)


def _loaded(settings: Settings, fresh: bool) -> Engine:
    # Imported here: the intake is not needed by the other commands, which should start at once.
    from bot.demo import check_is_demo, load, remove_demo

    check_is_demo(settings)
    if fresh:
        remove_demo(settings)
    engine = opening.migrated(settings)
    with bar(settings, _DELIVERIES) as progress:
        load(engine, settings, progress)
    return engine


def _sentence(engine: Engine, settings: Settings) -> str:
    from bot.demo import DISTRICT

    with reading(engine) as session:
        area = session.get_one(Area, DISTRICT)
        figures = summary.figures(session, summary.year_span(2023), area, settings.zone, datetime.now(UTC))
    return annual_sentence(figures, settings.language)
