"""Links to the live map (一张图链接): one use each, kept only as a hash; a used one is the session it opened."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class MapLink(Base):
    """A one-use link that the chat gave to an office account."""

    __tablename__ = "map_link"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)

    code_hash: Mapped[str] = mapped_column(unique=True)

    created_at: Mapped[datetime]

    used_at: Mapped[datetime | None]

    ended_at: Mapped[datetime | None]
    """When a newer link took its place, or when the person left the map."""
