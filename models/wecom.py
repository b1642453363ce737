"""What all processes must share to speak with WeCom (企业微信): its token, the nonces seen, what was sent to whom."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class WecomToken(Base):
    """The access token of one app (访问令牌); a new one makes the old one useless sooner or later."""

    __tablename__ = "wecom_token"

    app: Mapped[str] = mapped_column(primary_key=True)
    """Corporation and agent."""

    token: Mapped[str]

    renew_at: Mapped[datetime]
    """From here on somebody should fetch the next one."""

    expires_at: Mapped[datetime]


class WecomNonce(Base):
    """A nonce of a callback (随机数) and the delivery that it came with."""

    __tablename__ = "wecom_nonce"
    __table_args__ = (Index("ix_wecom_nonce_seen", "seen_at"),)

    nonce: Mapped[str] = mapped_column(primary_key=True)

    key: Mapped[str]

    seen_at: Mapped[datetime]


class WecomSending(Base):
    """One request that sends one piece of a message to one member (发送记录): counted, because the surplus vanishes."""

    __tablename__ = "wecom_sending"
    __table_args__ = (
        Index("ix_wecom_sending_member", "user_id", "begun_at"), Index("ix_wecom_sending_outbox", "outbox_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    user_id: Mapped[str]

    outbox_id: Mapped[int] = mapped_column(Identity)

    place: Mapped[int]
    """Which piece of the message: a long text is several."""

    begun_at: Mapped[datetime]

    done_at: Mapped[datetime | None]
    """When WeCom had taken it; a piece that is done is not sent again with the rest."""


class WecomCard(Base):
    """A card of a draft that can still be updated without a click (可更新卡片): its code is good once, for 72 hours."""

    __tablename__ = "wecom_card"

    outbox_id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)

    draft_id: Mapped[int] = mapped_column(Identity)

    user_id: Mapped[str]

    code: Mapped[str]
    """The response code that WeCom gave when it took the card."""

    sent_at: Mapped[datetime]
