"""The clock (时钟): APScheduler's ticks, which only wake what the tables ask for."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from scheduler.drafts import ask_for_due

TICK_S = 2
"""How often the clock looks; ten minutes are kept to within this."""

log = structlog.get_logger()


def start_clock(engine: Engine, woken: Callable[[], None]) -> BackgroundScheduler:
    """A running clock; `woken` is called after a tick that put something into the inbox."""
    clock = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    clock.add_job(
        _tick, "interval", (engine, woken), seconds=TICK_S, coalesce=True, max_instances=1, misfire_grace_time=None
    )
    clock.start()
    return clock


def _tick(engine: Engine, woken: Callable[[], None]) -> None:
    try:
        if ask_for_due(engine, datetime.now(UTC)):
            woken()
    except SQLAlchemyError as error:
        # The next tick finds the same rows: nothing is lost by a database that is away for a while.
        log.warning("clock_failed", error=type(error).__name__)
