"""What arrived, as it arrived (收件箱)."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Inbox(Base):
    """One delivery that was acknowledged; kept, so that every figure can be traced to what was sent."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "key"),
        Index("ix_inbox_waiting", "chat", "id", **only("state = 'waiting'")),
        Index("ix_inbox_waiting_id", "id", **only("state = 'waiting'")),
        Index("ix_inbox_parked", "id", **only("state = 'parked'")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    key: Mapped[str]
    """What makes two deliveries the same one, by the rule of the channel."""

    chat: Mapped[str]
    """Messages of one chat are worked on in their order; chats wait for nobody else."""

    raw: Mapped[str]

    received_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(default="waiting")
    """`waiting`, `done`, or `parked` after the last try."""

    tries: Mapped[int] = mapped_column(default=0)

    next_try_at: Mapped[datetime | None]

    error: Mapped[str | None]
    """The last failure in one line, without what the person wrote."""

    done_at: Mapped[datetime | None]


class Redelivery(Base):
    """A delivery that had arrived before: it changes nothing, and it can be counted."""

    __tablename__ = "redelivery"
    __table_args__ = (Index("ix_redelivery_inbox", "inbox_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    inbox_id: Mapped[int] = mapped_column(Identity)

    delivered_at: Mapped[datetime]
