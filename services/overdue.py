"""What is overdue (逾期): by area, never by person; and what the weekly digest says."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.patrol import Patrol
from models.policy import Duty
from models.reminder import Reminder
from rules.duty import Stretch, stretch_on
from services import duty as duties
from services.owing import Only, owing


@dataclass(frozen=True, slots=True)
class Row:
    """A street's posts that owed a duty: how many in all, how many did it, how many of the rest are on leave."""

    street_code: str
    street: str
    owing: int
    done: int
    on_leave: int

    @property
    def missing(self) -> int:
        """How many did not do it."""
        return self.owing - self.done


@dataclass(frozen=True, slots=True)
class Report:
    """A duty in a stretch, by street; `missing` are the areas that are left, as (street, area)."""

    duty: Duty
    stretch: Stretch
    rows: tuple[Row, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def owing(self) -> int:
        """How many posts owed it."""
        return sum(row.owing for row in self.rows)

    @property
    def done(self) -> int:
        """How many posts did it."""
        return sum(row.done for row in self.rows)


def closed(session: Session, area_code: str, today: date) -> list[Report]:
    """The last closed period of every duty of an area, those where something is left."""
    found = []
    for duty in duties.listed(session, area_code=area_code):
        running = stretch_on(duties.rule_of(duty), today)
        before = running.start - timedelta(days=1) if running else today
        stretch = stretch_on(duties.rule_of(duty), before)
        if stretch and stretch.end < today:
            found.append(report(session, duty, stretch, area_code))
    return [one for one in found if one.missing]


def at(session: Session, area_code: str, day: date, today: date) -> list[Report]:
    """Every duty of an area in its period around a date, done or not; none whose period has not ended is left out."""
    found = []
    for duty in duties.listed(session, area_code=area_code):
        stretch = stretch_on(duties.rule_of(duty), day)
        if stretch and stretch.opens_on <= today:
            found.append(report(session, duty, stretch, area_code))
    return [one for one in found if one.owing]


def report(session: Session, duty: Duty, stretch: Stretch, area_code: str) -> Report:
    """A duty in a stretch, by street."""
    owed = owing(session, duty, stretch, stretch.closes_on, Only(area_code=area_code)).alias("o")
    left = owed.c.done < owed.c.owed
    on_leave = _on_leave(duty, stretch, owed.c.post_id)
    counts = session.execute(
        select(
            owed.c.street_code, func.count(), _sum(~left), _sum(and_(left, on_leave)),
        ).where(owed.c.owed > 0).group_by(owed.c.street_code)
    ).all()  # fmt: skip
    names = duties.known_areas(session, [row[0] for row in counts if row[0]])
    rows = tuple(
        Row(code or "", names.get(code or "", ""), n, done, leave)
        for code, n, done, leave in sorted(counts, key=lambda row: row[0] or "")
    )
    missing = session.execute(
        select(owed.c.street_code, Area.name)
        .join(Area, Area.code == owed.c.area_code)
        .where(owed.c.owed > 0, left, ~on_leave)
        .group_by(owed.c.street_code, Area.code, Area.name)
        .order_by(Area.code)
    )
    return Report(duty, stretch, rows, tuple((names.get(code or "", ""), name) for code, name in missing))


def problems(session: Session, area_code: str, start: date, end: date) -> int:
    """How many patrols of an area noted a problem between two dates."""
    noted = select(func.count()).select_from(Patrol).where(Patrol.problem_type.is_not(None))
    here = Patrol.street_code.startswith(area_code)
    return session.scalar(noted.where(here, Patrol.patrolled_on.between(start, end))) or 0


def _on_leave(duty: Duty, stretch: Stretch, post_id: ColumnElement[int]) -> ColumnElement[bool]:
    return exists().where(
        Reminder.duty_id == duty.id, Reminder.post_id == post_id, Reminder.period_start == stretch.start,
        Reminder.reason == "leave",
    )  # fmt: skip


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(cast(case((condition, 1), else_=0), Integer)), 0)
