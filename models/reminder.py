"""Reminders (提醒): one row each, planned for a period, and what became of it."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Reminder(Base):
    """The reminder or the follow-up of a duty, a post and a period; there is never a second one."""

    __tablename__ = "reminder"
    # No foreign keys: a week of the whole country is a million rows, and their origins are never deleted.
    __table_args__ = (
        UniqueConstraint("duty_id", "post_id", "grid_code", "period_start", "kind"),
        Index("ix_reminder_due", "due_at", **only("state = 'planned'")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    duty_id: Mapped[int] = mapped_column(Identity)

    post_id: Mapped[int] = mapped_column(Identity)

    grid_code: Mapped[str]
    """The grid of a duty that is owed in one grid; empty for all others."""

    period_start: Mapped[date]

    kind: Mapped[str]
    """`reminder` or `followup`."""

    chief_id: Mapped[int] = mapped_column(Identity)

    opens_on: Mapped[date]
    """Patrols from this day count for the duty."""

    closes_on: Mapped[date]

    owed: Mapped[int]
    """Pro rata where the post holds for a part of the period."""

    due_at: Mapped[datetime | None]
    """None where the period has no day on which anybody may be reminded."""

    expires_at: Mapped[datetime | None]

    state: Mapped[str]
    """`planned`, `said`, `settled` (the duty was done), `missed` (too late) or `skipped`."""

    reason: Mapped[str | None]
    """Why it was not said: `done`, `expired`, `not_sent`, `paused`, `leave`, `later`, `no_account`, …"""

    settled_at: Mapped[datetime | None]

    taps: Mapped[int] = mapped_column(default=0)
    """How often one of its buttons was pressed: what it cost the person."""


class Plan(Base):
    """That the reminders of a duty's period were planned, and from which edition of roster, grids and rules."""

    __tablename__ = "plan"

    duty_id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)

    period_start: Mapped[date] = mapped_column(primary_key=True)

    edition: Mapped[str]

    planned_at: Mapped[datetime]

    rows: Mapped[int]
