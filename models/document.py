"""Documents (文件) that people sent: minutes of a meeting, the paper of an order; kept as they are, never opened."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Document(Base):
    """One document or picture; the file is stored by its hash."""

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_waiting", "id", **only("state = 'to_fetch'")),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)

    inbox_id: Mapped[int] = mapped_column(Identity)

    name: Mapped[str]

    kind: Mapped[str]
    """`file` or `picture`."""

    ref: Mapped[str | None]
    """How the channel names the file, where its bytes did not come with the message."""

    state: Mapped[str]
    """`to_fetch`, `stored` or `gone`."""

    sha256: Mapped[str | None]

    size: Mapped[int | None]

    tries: Mapped[int] = mapped_column(default=0, server_default="0")

    next_try_at: Mapped[datetime | None]

    received_at: Mapped[datetime]
