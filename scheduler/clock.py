"""The clock (时钟): APScheduler's ticks, which only wake what the tables ask for."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from models.engine import reading
from scheduler import audits, digests, drafts, emergencies, meeting_tasks
from scheduler.plans import plan_due
from services import reminder

TICK_S = 2
"""How often the clock looks; ten minutes are kept to within this."""
PLAN_S = 20
"""How often it looks whether a period began: reminders are planned within this after midnight."""

log = structlog.get_logger()

Wake = Callable[[], None]


def start_clock(engine: Engine, zone: ZoneInfo, work: Wake, remind: Wake, audit_chat: str = "") -> BackgroundScheduler:
    """A running clock; `work` is called after a tick that put something into the inbox, `remind` when one is due."""
    # Planning a country takes a minute, in which drafts must not wait: a thread of its own.
    pools = {"default": ThreadPoolExecutor(1), "plan": ThreadPoolExecutor(1)}
    clock = BackgroundScheduler(timezone=UTC, executors=pools)
    steady = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    clock.add_job(_tick, "interval", (engine, zone, work, audit_chat), seconds=TICK_S, **steady)
    clock.add_job(
        _plan, "interval", (clock, engine, zone, remind), seconds=PLAN_S, executor="plan",
        next_run_time=datetime.now(UTC), **steady,
    )  # fmt: skip
    clock.start()
    return clock


def _tick(engine: Engine, zone: ZoneInfo, work: Wake, audit_chat: str) -> None:
    now = datetime.now(UTC)
    try:
        asked = drafts.ask_for_due(engine, now)
        asked += digests.ask_for_due(engine, zone, now)
        asked += emergencies.ask_for_over(engine, now)
        asked += meeting_tasks.ask_for_due(engine, zone, now)
        asked += audits.ask_for_anchor(engine, audit_chat, zone, now)
        if asked:
            work()
        audits.chain_noted(engine)
    except SQLAlchemyError as error:
        # The next tick finds the same rows: nothing is lost by a database that is away for a while.
        log.warning("clock_failed", error=type(error).__name__)


def _plan(clock: BackgroundScheduler, engine: Engine, zone: ZoneInfo, remind: Wake) -> None:
    try:
        plan_due(engine, zone, datetime.now(UTC))
        with reading(engine) as session:
            due_at = reminder.next_due_at(session)
    except SQLAlchemyError as error:
        log.warning("plan_failed", error=type(error).__name__)
        return
    if due_at is not None:
        # Only a ring: what is due is asked of the rows, which may have changed by then.
        clock.add_job(remind, DateTrigger(due_at), id="remind", replace_existing=True, misfire_grace_time=None)
