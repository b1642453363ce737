"""Photos that a phone announced (预告照片): the MD5 sums come first, the pictures as messages of their own."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class AnnouncedPhoto(Base):
    """One photo that a person chose in the chat's own camera or album, and what became of it."""

    __tablename__ = "announced_photo"
    __table_args__ = (
        Index("ix_announced_photo_waiting", "account_id", **only("state = 'waiting'")),
        Index("ix_announced_photo_photo", "photo_id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    inbox_id: Mapped[int] = mapped_column(Identity)

    draft_id: Mapped[int | None] = mapped_column(Identity)
    """The patrol in the making that it was chosen for."""

    md5: Mapped[str]
    """Of the bytes on the phone, in lower-case hexadecimal."""

    sent_at: Mapped[datetime]

    received_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(default="waiting")
    """`waiting`, `same` (came byte by byte), `re_encoded` (came, and the chat had encoded it again) or `missing`."""

    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id"))
    """The photo that came for it."""
