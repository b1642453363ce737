"""A patrol in the making (草稿), and the parts that people send for it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Draft(Base):
    """What a chief has sent so far; at most one is open for an account."""

    __tablename__ = "draft"
    __table_args__ = (
        Index("uq_draft_open", "account_id", unique=True, **only("state = 'open'")),
        Index("ix_draft_due", "due_at", **only("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"))

    state: Mapped[str] = mapped_column(default="open")
    """`open`, `submitted`, `cancelled` or `expired`."""

    opened_at: Mapped[datetime]

    due_at: Mapped[datetime]
    """When the clock asks for it: ten minutes after the receipt of the last part, a day for a draft of words alone."""

    asked_at: Mapped[datetime | None]
    """When the clock asked; none until then."""

    grid_version_id: Mapped[int | None] = mapped_column(ForeignKey("grid_version.id"))
    """The grid chosen by hand, where a position was refused."""

    problem_type: Mapped[str | None]
    """The catalogue's word for the problem, as the patrol keeps it."""

    kind: Mapped[str] = mapped_column(default="patrol")
    """`patrol`, or `problem` for a report (上报) of its own."""

    problem_code: Mapped[str | None]
    """A code of `problem_type`."""

    problem_severity: Mapped[str | None]
    """The urgency that was chosen; none leaves it to the type."""

    found_on_patrol_id: Mapped[int | None] = mapped_column(Identity)
    """A patrol that was submitted before its problem was reported."""

    problem_id: Mapped[int | None] = mapped_column(Identity)
    """The problem that was made of it."""

    patrol_id: Mapped[int | None] = mapped_column(Identity)


class Part(Base):
    """One thing sent for a patrol: a position, a photo or words."""

    __tablename__ = "part"
    __table_args__ = (
        Index("ix_part_draft", "draft_id"),
        Index("ix_part_patrol", "patrol_id"),
        Index("ix_part_problem", "problem_id", **only("problem_id IS NOT NULL")),
        Index("ix_part_group", "group_id", **only("group_id IS NOT NULL")),
        Index("ix_part_message", "message_ref", **only("message_ref IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))

    patrol_id: Mapped[int | None] = mapped_column(Identity)

    problem_id: Mapped[int | None] = mapped_column(Identity)
    """The problem that it was sent for: of its report, or added to it later."""

    inbox_id: Mapped[int] = mapped_column(Identity)

    kind: Mapped[str]
    """`location`, `photo`, `text`, or `opened` (the word that opened the draft)."""

    sent_at: Mapped[datetime]

    received_at: Mapped[datetime]

    lon: Mapped[float | None]
    """WGS-84; erased when consent was refused."""

    lat: Mapped[float | None]

    accuracy_m: Mapped[float | None]

    forwarded: Mapped[bool] = mapped_column(default=False)

    text: Mapped[str | None]

    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id"))

    group_id: Mapped[str | None]
    """The album that a photo belongs to, as its channel names it: late ones join by it."""

    source: Mapped[str | None]
    """Where a position comes from: `device`, `picked`, `live`, `menu`, `page`; none where the channel does not tell."""

    datum: Mapped[str | None]
    """The datum of the position as it was sent: `wgs84` or `gcj02`."""

    raw_position: Mapped[str | None]
    """The digits as they were sent, `longitude,latitude`: their number is the least uncertainty."""

    live_until: Mapped[datetime | None]
    """Until when a live location moves."""

    message_ref: Mapped[str | None]
    """The platform's message, where its edits matter: words that are mended, the ticks of a live location."""


class TrackPoint(Base):
    """A tick of a live location (轨迹点), thinned; nothing depends on it."""

    __tablename__ = "track_point"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)

    at: Mapped[datetime]

    lon: Mapped[float]
    """WGS-84."""

    lat: Mapped[float]

    accuracy_m: Mapped[float | None]
