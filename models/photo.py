"""Photos (照片): what was sent, what was stored, what the picture says."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Photo(Base):
    """One photo that a person sent; the file is stored by its hash."""

    __tablename__ = "photo"
    __table_args__ = (
        Index(
            "ix_photo_waiting", "id",
            **only("state IN ('to_fetch', 'stored')"),
        ),
        Index("ix_photo_sha256", "sha256"),
        Index("ix_photo_chat", "channel", "chat_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    chat_id: Mapped[str]

    ref: Mapped[str]
    """How the channel names the file."""

    state: Mapped[str]
    """`to_fetch`, `stored` (not opened yet), `checked`, `bad` (cannot be opened) or `gone` (cannot be had)."""

    error: Mapped[str | None]
    """The key of the sentence that says what is wrong with it."""

    original: Mapped[bool] = mapped_column(default=False)
    """The bytes of the camera, not a picture that the chat encoded again."""

    sha256: Mapped[str | None]

    size: Mapped[int | None]

    width: Mapped[int | None]

    height: Mapped[int | None]

    taken_on: Mapped[str | None]
    """The camera's own date and time, which knows no zone."""

    exif_lon: Mapped[float | None]

    exif_lat: Mapped[float | None]

    phash: Mapped[str | None]

    unique_ref: Mapped[str | None]
    """How the channel names the picture itself, whoever sends it."""

    sm3: Mapped[str | None]
    """The SM3 hash of the bytes as received, beside SHA-256."""

    md5: Mapped[str | None]
    """The MD5 sum of the bytes as received, where a phone may have announced it."""

    next_try_at: Mapped[datetime | None]
    """When a fetch that failed is tried again."""

    same_as: Mapped[int | None] = mapped_column(Identity)
    """An earlier photo that shows the same picture: a hint for the office, never a verdict."""

    missed_at: Mapped[datetime | None]
    """When the office was told that it is still missing."""

    tries: Mapped[int] = mapped_column(default=0)

    lease_until: Mapped[datetime | None]

    received_at: Mapped[datetime]
