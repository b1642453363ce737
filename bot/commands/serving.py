"""Serving until it is stopped (运行)."""

import asyncio
from socket import socket

from sqlalchemy import Engine

from bot.settings import Settings


def serve(engine: Engine, settings: Settings, loops: set[str], door: socket | None, *, is_demo: bool) -> None:
    """Run the named loops until Ctrl-C or SIGTERM; the pages are served at the door."""
    # Imported here: the web server is not needed by the other commands, which should start at once.
    from bot.serve import serve

    asyncio.run(serve(engine, settings, loops, demo=is_demo, door=door))
    engine.dispose()
