"""Voice messages and videos (录音、录像), kept as they are beside a patrol."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Recording(Base):
    """One voice message or video that a person sent; the file is stored by its hash and never opened."""

    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_waiting", "id", **only("state = 'to_fetch'")),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    chat_id: Mapped[str]

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)

    inbox_id: Mapped[int] = mapped_column(Identity)

    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"), index=True)
    """The patrol in the making that it came with."""

    kind: Mapped[str]
    """`voice` or `video`."""

    ref: Mapped[str]
    """How the channel names the file."""

    state: Mapped[str] = mapped_column(default="to_fetch")
    """`to_fetch`, `stored` or `gone`."""

    sha256: Mapped[str | None]

    size: Mapped[int | None]

    tries: Mapped[int] = mapped_column(default=0)

    next_try_at: Mapped[datetime | None]

    received_at: Mapped[datetime]
