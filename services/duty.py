"""Duties (巡林任务): what a chief owes in the period of a date, and what was done of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.patrol import Patrol
from services.policy import duties_on
from services.post import posts_on


@dataclass(frozen=True, slots=True)
class Progress:
    """How many patrols count in the running period, and how many are asked for."""

    period: str
    done: int
    owed: int


def progress(session: Session, chief_id: int, day: date) -> list[Progress]:
    """A chief's progress in every duty of the posts held on a local date."""
    levels = {post.level for post in posts_on(session, chief_id, day)}
    duties = [duty for level in sorted(levels) for duty in duties_on(session, level, day)]
    return [
        Progress(duty.period, counted_between(session, chief_id, *bounds(duty.period, day)), duty.times)
        for duty in duties
    ]


def counted_between(session: Session, chief_id: int, start: date, end: date) -> int:
    """How many patrols of a chief count between two local dates, both inclusive."""
    counted = (
        select(func.count())
        .select_from(Patrol)
        .where(Patrol.chief_id == chief_id, Patrol.verdict == "counted", Patrol.patrolled_on.between(start, end))
    )
    return session.scalar(counted) or 0


def bounds(period: str, day: date) -> tuple[date, date]:
    """The first and last day of the week, month, quarter, half-year or year of a date."""
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[period]
    first = (day.month - 1) // months * months + 1
    start = date(day.year, first, 1)
    after = date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return start, after - timedelta(days=1)
