"""Downtime (停机): periods that passed while nobody planned leave their reminders, recorded as missed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.policy import Duty
from models.reminder import Plan
from rules.duty import Stretch, bounds, stretch_on
from rules.localtime import local_date
from services import duty as duties
from services import plan

LOOK_BACK = timedelta(days=366)
"""The table of workdays reaches a little further."""
MOST_PERIODS = 13
"""So many of the latest periods of a duty are recorded: a quarter of weeks, a year of months."""


def record(session: Session, today: date, zone: ZoneInfo, now: datetime) -> int:
    """Record the periods that began after the last plan and ended before today; gives how many rows that were.

    A statement a period; nothing where nobody ever planned: a new house has missed nothing. To be called before today's
    periods are planned.
    """
    # A plan of the future was made by a clock that was wrong.
    planned_at = session.scalar(select(func.max(Plan.planned_at)).where(Plan.planned_at <= now))
    if planned_at is None:
        return 0
    since = max(local_date(planned_at, zone) + timedelta(days=1), today - LOOK_BACK)
    return sum(
        plan.record_down(session, duty, stretch, now)
        for duty in duties.listed(session)
        for stretch in islice(_passed(duty, since, today), MOST_PERIODS)
    )


def _passed(duty: Duty, since: date, today: date) -> Iterator[Stretch]:
    """The stretches whose periods lie between two days, latest first."""
    rule, day = duties.rule_of(duty), today
    while day >= since:
        stretch = stretch_on(rule, day)
        if stretch and since <= stretch.start and stretch.end < today:
            yield stretch
        day = _start(duty, stretch, day) - timedelta(days=1)


def _start(duty: Duty, stretch: Stretch | None, day: date) -> date:
    if stretch:
        return stretch.start
    # Outside its season a duty has no period to step over.
    return day if duty.period == "season" else bounds(duty.period, day)[0]
