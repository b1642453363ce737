"""Health (运行状况): what waits, what is stuck, how old the oldest is; numbers only, no personal data."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.base import Base
from models.count import Count
from models.house import Beat
from models.inbox import Inbox
from models.outbox import Outbox
from models.photo import Photo
from models.reminder import Reminder


@dataclass(frozen=True, slots=True)
class Queue:
    """An inbox or outbox: how much waits, how much needs a person, since when the oldest waits."""

    waiting: int
    stuck: int
    """Parked deliveries, or messages that cannot be sent for good."""
    oldest_at: datetime | None

    def oldest_s(self, now: datetime) -> float:
        """The age of the oldest that waits; 0 where none does."""
        return 0.0 if self.oldest_at is None else age_s(self.oldest_at, now)


def inbox_queue(session: Session) -> Queue:
    """The inbox; stuck are the parked."""
    return _queue(session, Inbox, Inbox.state == "waiting", Inbox.state == "parked", Inbox.received_at)


def outbox_queue(session: Session) -> Queue:
    """The outbox; stuck are the failed."""
    return _queue(session, Outbox, Outbox.state == "waiting", Outbox.state == "failed", Outbox.created_at)


def beats(session: Session) -> list[Beat]:
    """The beats of all loops, by name."""
    return list(session.scalars(select(Beat).order_by(Beat.loop)))


def missing(found: Iterable[str], expected: Collection[str]) -> list[str]:
    """The loops that are expected and have no beat; `send.local` is a beat of `send`, unless it is expected itself."""
    return sorted(set(expected) - {name if name in expected else name.partition(".")[0] for name in found})


def patrols_of_year(session: Session, year: int) -> dict[str, int]:
    """Patrols of a local year by verdict: `counted`, `awaiting_review`, or the reason why not."""
    months = Count.month.between(f"{year}-01", f"{year}-12")
    return _numbers(session, Count.verdict, func.sum(Count.n), months)


def photos_by_state(session: Session) -> dict[str, int]:
    """Photos by state."""
    return _numbers(session, Photo.state, func.count(), Photo.id > 0)


def reminders(session: Session, late_at: datetime) -> tuple[int, int]:
    """How many reminders are planned, and how many of them were due before an instant."""
    planned = select(func.count()).select_from(Reminder).where(Reminder.state == "planned")
    return session.scalar(planned) or 0, session.scalar(planned.where(Reminder.due_at < late_at)) or 0


def age_s(then: datetime, now: datetime) -> float:
    """Seconds since an instant; never negative."""
    return max(0.0, (now - then).total_seconds())


def _queue(
    session: Session, table: type[Base], waiting: ColumnElement[bool], stuck: ColumnElement[bool],
    since: InstrumentedAttribute[datetime],
) -> Queue:  # fmt: skip
    # A replay's deliveries arrived in the past that they tell of: their age says nothing of now.
    live = case((table.__table__.c.channel != "replay", since))
    number, oldest = session.execute(select(func.count(), func.min(live)).select_from(table).where(waiting)).one()
    parked = session.scalar(select(func.count()).select_from(table).where(stuck)) or 0
    return Queue(number, parked, oldest)


def _numbers(
    session: Session, of: InstrumentedAttribute[str], number: ColumnElement[int], where: ColumnElement[bool]
) -> dict[str, int]:
    rows = session.execute(select(of, number).where(where).group_by(of).order_by(of))
    return {name: int(n) for name, n in rows if n}
