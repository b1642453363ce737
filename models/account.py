"""Who speaks in a chat (账号): a platform's user, and the chief or office behind it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Account(Base):
    """One user of one channel."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("channel", "user_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    user_id: Mapped[str]

    chat_id: Mapped[str]

    chief_id: Mapped[int | None] = mapped_column(ForeignKey("chief.id"), index=True)

    language: Mapped[str | None]
    """The language chosen by the person; none means the house's."""

    created_at: Mapped[datetime]

    awaiting: Mapped[str | None]
    """What the next free text answers, such as `feedback`; none when nothing was asked."""

    awaiting_data: Mapped[dict[str, Any] | None]

    blocked_at: Mapped[datetime | None]
    """When the person blocked us or left; nothing is sent until they speak again."""

    spoke_at: Mapped[datetime | None]
    """When the person last spoke here, to the hour: of several accounts the latest one is reminded."""

    plain_choices: Mapped[bool | None]
    """Buttons are written as a numbered list, because the person said so; none as long as nothing was said."""

    sees_buttons: Mapped[bool | None]
    """Whether the app in which the person last wrote shows buttons; none as long as nothing told."""

    hinted_at: Mapped[datetime | None]
    """When the person was told what to do where no buttons show."""

    wrong_codes: Mapped[int] = mapped_column(default=0)

    wrong_codes_since: Mapped[datetime | None]


class Office(Base):
    """An office account (林长办): what it may see is its area and below."""

    __tablename__ = "office"
    __table_args__ = (UniqueConstraint("channel", "user_id", "area_code"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    channel: Mapped[str]

    user_id: Mapped[str]

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))

    added_at: Mapped[datetime]

    removed_at: Mapped[datetime | None]


class Invite(Base):
    """A one-use code for one chief, kept only as its hash."""

    __tablename__ = "invite"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    code_hash: Mapped[str] = mapped_column(unique=True)

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"), index=True)

    created_at: Mapped[datetime]

    used_at: Mapped[datetime | None]

    ended_at: Mapped[datetime | None]
    """Set when a newer code took its place."""


class Consent(Base):
    """An answer to the notice about location (位置授权), with the version of the text that was shown."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)

    text_version: Mapped[str]

    agreed: Mapped[bool]

    answered_at: Mapped[datetime]


class Feedback(Base):
    """A complaint or suggestion (意见)."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)

    text: Mapped[str]

    said_at: Mapped[datetime]
