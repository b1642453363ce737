"""How fast we may speak (发送节奏), and which process may do what only one may (租约)."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Pace(Base):
    """When the next message may go: to one chat, or with an empty chat to the whole channel."""

    __tablename__ = "pace"

    channel: Mapped[str] = mapped_column(primary_key=True)

    chat_id: Mapped[str] = mapped_column(primary_key=True)

    next_at: Mapped[datetime]


class Lease(Base):
    """What only one process may do at a time, such as polling; a process that dies loses it by the passing of time."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)

    owner: Mapped[str]

    until_at: Mapped[datetime]


class PlatformFile(Base):
    """What a platform calls a file that it has already: it need not be sent twice."""

    __tablename__ = "platform_file"

    channel: Mapped[str] = mapped_column(primary_key=True)

    sha256: Mapped[str] = mapped_column(primary_key=True)

    file_ref: Mapped[str]

    kept_at: Mapped[datetime]
