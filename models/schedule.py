"""Schedules (提醒时间): who set which time for whom; the nearest setting wins, what it leaves open is inherited."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Schedule(Base):
    """A setting for a level of a district, a street, a grid or a chief."""

    __tablename__ = "schedule"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    scope: Mapped[str]
    """`level`, `street`, `grid` or `chief`."""

    key: Mapped[str]
    """District code and level (`110102:community`), street code, grid code, or the chief's id."""

    weekday: Mapped[int | None]
    """1 is Monday."""

    minute: Mapped[int | None]
    """Minute of the local day."""

    quiet_from: Mapped[int | None]

    quiet_to: Mapped[int | None]

    days_off: Mapped[bool | None]
    """Whether reminders may come on days off."""

    paused_until: Mapped[date | None]
    """Only a chief's: no reminder until the end of this day."""

    pause_reason: Mapped[str | None]

    account_id: Mapped[int | None] = mapped_column(Identity)
    """Who set it last."""

    set_at: Mapped[datetime]


class Digest(Base):
    """The weekly digest (周报) of an office account: at its own time, or not at all."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("channel", "user_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    user_id: Mapped[str]

    enabled: Mapped[bool] = mapped_column(default=True)

    weekday: Mapped[int]

    minute: Mapped[int]

    next_at: Mapped[datetime | None]
    """None until the clock has set it."""
