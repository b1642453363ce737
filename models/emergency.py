"""Emergencies (应急): a message to all chiefs of some areas, and what they answered."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Emergency(Base):
    """A flood, storm or snow (汛情、大风、暴雪) that the office announced; it ends by itself."""

    __tablename__ = "emergency"
    __table_args__ = (Index("ix_emergency_open", "ends_at", **only("ended_at IS NULL")),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    kind: Mapped[str]

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))

    text: Mapped[str | None]

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    opened_at: Mapped[datetime | None]
    """When the chiefs were called; none until the office has confirmed it."""

    ends_at: Mapped[datetime]

    ended_at: Mapped[datetime | None]

    called: Mapped[int]
    """How many chiefs the message went to."""


class EmergencyAnswer(Base):
    """A chief's latest answer in an emergency."""

    __tablename__ = "emergency_answer"

    emergency_id: Mapped[int] = mapped_column(ForeignKey("emergency.id"), primary_key=True)

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"), primary_key=True)

    answer: Mapped[str]
    """`safe` or `danger`."""

    answered_at: Mapped[datetime]
