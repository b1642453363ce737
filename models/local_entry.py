"""The local web chat as its page shows it (本地聊天)."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class LocalEntry(Base):
    """One line of a local web chat (本地聊天), as the page shows it."""

    __tablename__ = "local_entry"
    __table_args__ = (Index("ix_local_entry_chat", "chat_id", "id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    chat_id: Mapped[str]

    inbox_id: Mapped[int | None] = mapped_column(Identity, unique=True)

    outbox_id: Mapped[int | None] = mapped_column(Identity, unique=True)

    body: Mapped[str]
    """JSON as the page receives it."""

    at: Mapped[datetime]
