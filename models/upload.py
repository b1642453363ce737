"""Files that the office sends into the chat to be imported (来件): read, shown as a summary, confirmed, imported."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class Upload(Base):
    """One file; nothing of it is in force before its summary was confirmed."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_waiting", "id", **only("state IN ('to_read', 'confirmed')")),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)

    channel: Mapped[str]

    chat_id: Mapped[str]

    kind: Mapped[str | None]
    """`grids` or `roster`; none until the office has said which."""

    area_code: Mapped[str]
    """The district whose office sent it."""

    name: Mapped[str]

    ref: Mapped[str | None]
    """How the channel names the file."""

    sha256: Mapped[str | None]
    """None until it was fetched."""

    size: Mapped[int]

    valid_from: Mapped[date]
    """From which local date it is to hold."""

    state: Mapped[str]
    """`offered`, `to_read`, `shown`, `confirmed`, then `done`, `dropped` or `refused`."""

    digest: Mapped[str | None]
    """What the summary said would change; an import that would do something else is shown again."""

    tries: Mapped[int] = mapped_column(default=0)

    next_try_at: Mapped[datetime | None]

    received_at: Mapped[datetime]

    done_at: Mapped[datetime | None]
