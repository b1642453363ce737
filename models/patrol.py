"""Patrols (巡林) and what was decided about them later."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Patrol(Base):
    """A submitted patrol; never deleted, and only its verdict and its late parts move, each move with an event."""

    __tablename__ = "patrol"
    __table_args__ = (
        Index("uq_patrol_inbox", "inbox_id", unique=True),
        Index("ix_patrol_chief_time", "chief_id", "patrolled_at"),
        Index(
            "ix_patrol_chief_counted", "chief_id", "patrolled_at",
            **only("verdict = 'counted'"),
        ),
        Index("ix_patrol_post_counted", "post_id", "patrolled_on", **only("verdict = 'counted'")),
        Index("ix_patrol_grid_counted", "grid_version_id", "patrolled_on", **only("verdict = 'counted'")),
        Index("ix_patrol_problem", "grid_version_id", **only("problem_type IS NOT NULL")),
        Index("ix_patrol_street_time", "street_code", "patrolled_on", "id"),
        Index("ix_patrol_day", "patrolled_on", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    number: Mapped[str] = mapped_column(unique=True)
    """Receipt number `XL-YYYY-NNNNNN` of the local year."""

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"))

    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))

    level: Mapped[str | None]
    """The post's level at the time of the patrol."""

    grid_version_id: Mapped[int | None] = mapped_column(ForeignKey("grid_version.id"))

    street_code: Mapped[str | None]
    """The street it is booked to: its grid's, else the post's only one."""

    patrolled_at: Mapped[datetime]
    """When the location was sent, else the first part."""

    patrolled_on: Mapped[date]
    """The local date of `patrolled_at`: it chooses year, month, policy, post and grid version."""

    submitted_at: Mapped[datetime]

    lon: Mapped[float | None]

    lat: Mapped[float | None]

    accuracy_m: Mapped[float | None]

    forwarded: Mapped[bool]
    """The position was forwarded from another chat."""

    outside_m: Mapped[float | None]
    """How far the point lies outside the own area; 0 inside."""

    photos: Mapped[int]

    note: Mapped[str | None]

    problem_type: Mapped[str | None]

    problem_severity: Mapped[str | None]

    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policy.id"))

    verdict: Mapped[str]
    """`counted`, `not_counted` or `awaiting_review`."""

    reason: Mapped[str | None]
    """Why it is not counted (`rules.evidence.Reason`)."""

    withdrawn_at: Mapped[datetime | None]

    voided_at: Mapped[datetime | None]

    ruling: Mapped[str | None]
    """What the office decided against the rules: `accepted`; none where the rules stand."""

    inbox_id: Mapped[int] = mapped_column(Identity)
    """The delivery that it came from, or that opened its draft."""

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class PatrolEvent(Base):
    """A change to a patrol after its submission: who, when, why, from what to what."""

    __tablename__ = "patrol_event"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    patrol_id: Mapped[int] = mapped_column(ForeignKey("patrol.id"), index=True)

    happened_at: Mapped[datetime]

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who did it; none where it followed from another change."""

    what: Mapped[str]
    """`withdrawn`, `photo_added`, `note_added`, `judged_again`, `accepted`, `voided`, `roster_changed`, `grids_changed`
    or `policy_changed`."""

    before: Mapped[str]

    after: Mapped[str]

    why: Mapped[str | None]

    moved: Mapped[dict[str, Any] | None]
    """What the patrol is booked under, where that changed: `post`, `level`, `grid`, `street`, `policy`, old and new."""


class ReceiptYear(Base):
    """The last receipt number given in a local year (SQLite; PostgreSQL has a sequence a year)."""

    __tablename__ = "receipt_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)

    last: Mapped[int]
