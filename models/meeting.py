"""Dispatch meetings (调度会): counted apart from patrols."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Meeting(Base):
    """A dispatch meeting that was held."""

    __tablename__ = "meeting"
    __table_args__ = (
        Index("uq_meeting_inbox", "inbox_id", unique=True),
        Index("ix_meeting_held", "area_code", "held_on"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))

    held_at: Mapped[datetime]

    held_on: Mapped[date]

    title: Mapped[str]

    place: Mapped[str | None]

    attendees: Mapped[int | None]

    note: Mapped[str | None]

    chair: Mapped[str | None]
    """Who chaired it, by name."""

    topics: Mapped[str | None]

    resolutions: Mapped[str | None]

    chief_id: Mapped[int | None] = mapped_column(ForeignKey("chief.id"))

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    registered_at: Mapped[datetime]

    inbox_id: Mapped[int] = mapped_column(Identity)

    voided_at: Mapped[datetime | None]
    """Set when it was taken back; the row stays."""
