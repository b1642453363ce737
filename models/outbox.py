"""What we have to say, until it is said (发件箱)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Outbox(Base):
    """One message to one chat, written in the commit that made it necessary."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting", "channel", "priority", "id",
            **only("state = 'waiting'"),
        ),
        Index("ix_outbox_chat", "channel", "chat_id", "priority", "id", **only("state = 'waiting'")),
        Index("ix_outbox_platform", "channel", "chat_id", "platform_id", **only("platform_id IS NOT NULL")),
        Index("ix_outbox_failed", "id", **only("state = 'failed'")),
        Index("ix_outbox_draft", "draft_id", **only("draft_id IS NOT NULL")),
        Index("ix_outbox_patrol", "patrol_id", **only("patrol_id IS NOT NULL")),
        Index("ix_outbox_problem", "problem_id", **only("problem_id IS NOT NULL")),
        Index("ix_outbox_late", "not_after", **only("state = 'waiting' AND not_after IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    chat_id: Mapped[str]

    priority: Mapped[str]
    """`models.message.Priority`: answers go before reminders."""

    body: Mapped[dict[str, Any]]
    """`models.message.Reply.body`; a button is named by this row's id and its place."""

    state: Mapped[str] = mapped_column(default="waiting")
    """`waiting`, `sent`, `dropped` (overtaken by its receipt) or `failed` (for good)."""

    created_at: Mapped[datetime]

    not_before: Mapped[datetime | None]
    """When it may go at the earliest: a prompt waits a moment for the rest of an album."""

    not_after: Mapped[datetime | None]
    """From when it would only disturb: it is dropped then, and its reminder recorded as missed."""

    lease_until: Mapped[datetime | None]
    """While a sender holds it; a sender that dies gives it back by the passing of time."""

    tries: Mapped[int] = mapped_column(default=0)

    error: Mapped[str | None]

    sent_at: Mapped[datetime | None]

    platform_id: Mapped[str | None]
    """The platform's id of the message that was sent."""

    draft_id: Mapped[int | None] = mapped_column(Identity)

    patrol_id: Mapped[int | None] = mapped_column(Identity)

    reminder_id: Mapped[int | None] = mapped_column(Identity)

    problem_id: Mapped[int | None] = mapped_column(Identity)
    """The problem that it speaks of: what answers it joins that problem."""

    spent_at: Mapped[datetime | None]
    """When one of its buttons was used up."""
