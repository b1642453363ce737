"""One loop of a process (循环): round after round until the stop, with a beat that shows that it comes round."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine

from bot.bell import Bell
from bot.faults import fault_of
from models.engine import transaction
from services import beat

IDLE_S = 0.2
"""How long a loop without work waits for its bell before it looks again: another process has no bell of ours."""
GATHER_S = 0.02
"""How long what comes in under load is gathered: a commit costs as much for one as for many, and nobody notices."""
_AFTER_FAULT_S = 1.0
_BEAT_S = 15

Round = Callable[[datetime], Awaitable[int]]
"""One round at an instant; gives how much it did."""

log = structlog.get_logger()


def in_thread(tick: Callable[[datetime], int]) -> Round:
    """A synchronous round, run in a thread."""
    return lambda now: asyncio.to_thread(tick, now)


async def spin(
    engine: Engine, name: str, tick: Round, stop: asyncio.Event, bell: Bell, after: Callable[[], None] | None = None
) -> None:
    """Run rounds until `stop`; `after` is called when a round did something."""
    last_beat, fault = float("-inf"), None
    while not stop.is_set():
        did, error = await _round(name, tick, known=fault)
        now = asyncio.get_running_loop().time()
        if error != fault or now - last_beat > _BEAT_S:
            last_beat, fault = now, error
            await asyncio.to_thread(note_beat, engine, name, error)
        if did and after:
            after()
        if not did:
            await bell.wait(_AFTER_FAULT_S if error else IDLE_S)


def note_beat(engine: Engine, name: str, error: str | None) -> None:
    """Write that a loop came round; a beat that cannot be written shows by its age."""
    try:
        with transaction(engine) as session:
            beat.beat(session, name, datetime.now(UTC), error)
    except Exception as failure:
        log.warning("beat_failed", loop=name, error=type(failure).__name__)


async def _round(name: str, tick: Round, known: str | None) -> tuple[int, str | None]:
    try:
        return await tick(datetime.now(UTC)), None
    except Exception as failure:
        # Only loops catch everything: the database may be away; it is tried again and seen in /healthz.
        error = fault_of(failure)
        if error != known:
            log.warning("loop_failed", loop=name, error=error)
        return 0, error
