"""Published summaries (公布的总结): frozen with their figures, so that a later number can be explained."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Snapshot(Base):
    """A summary as it was published; never changed, and never deleted."""

    __tablename__ = "snapshot"
    __table_args__ = (Index("ix_snapshot_asked", "area_code", "start_on", "end_on", "id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))

    start_on: Mapped[date]

    end_on: Mapped[date]

    figures: Mapped[dict[str, Any]]
    """What `summary --format json` printed, with the counting policies of the period."""

    digest: Mapped[str]
    """SHA-256 of the figures as JSON with sorted keys."""

    published_at: Mapped[datetime]

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    last_patrol_id: Mapped[int] = mapped_column(Identity)
    """What came later has a higher id: one instant may hold several messages."""

    last_event_id: Mapped[int] = mapped_column(Identity)

    last_meeting_id: Mapped[int] = mapped_column(Identity)
