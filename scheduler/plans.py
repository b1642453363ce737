"""Plans that are due (到时的计划): reminders are planned when a period begins, or when their grounds changed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from models.bulk import run_long
from models.engine import reading, transaction
from rules.localtime import local_date
from services import downtime, lease, plan, workday


def plan_due(engine: Engine, zone: ZoneInfo, now: datetime) -> int:
    """Plan what is not planned yet; and record what passed unseen; gives how many reminders were written or moved."""
    today = local_date(now, zone)
    with reading(engine) as session:
        filled = workday.is_filled(session, today, zone)
        if filled and not plan.is_stale(session, today):
            return 0
    with transaction(engine) as session:
        # Another process that plans holds this row until its commit; whoever waited finds that all is planned. All of
        # them are one owner: a lease of a clock that ran ahead would keep everybody from planning until it is reached.
        lease.take(session, "plan", "plan", now, timedelta(0))
        if not workday.is_filled(session, today, zone):
            workday.fill(session, today, zone)
        run_long(session)
        return downtime.record(session, today, zone, now) + plan.plan_all(session, today, now)
