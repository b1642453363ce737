"""What WeCom's processes share (企业微信): nonces, the access token, what was sent to whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.upsert import insert_or
from models.wecom import WecomNonce, WecomSending, WecomToken

NONCES_FOR = timedelta(minutes=15)
"""How long a nonce is remembered: longer than a callback's timestamp may be off either way."""
SENDINGS_FOR = timedelta(hours=26)
"""How long it is remembered what was sent: longer than a message is tried."""
MEMBER_LIMITS = ((timedelta(minutes=1), 30), (timedelta(hours=1), 1000))
"""How many messages one member may get in a minute and in an hour; WeCom drops the surplus without a word."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token as the processes share it."""

    token: str
    renew_at: datetime
    expires_at: datetime


def remember_nonce(session: Session, nonce: str, key: str, now: datetime) -> bool:
    """Remember the nonce of a callback; False where it came with another delivery before."""
    values = {"nonce": nonce, "key": key, "seen_at": now}
    session.execute(insert_or(session, WecomNonce).values(values).on_conflict_do_nothing(index_elements=["nonce"]))
    return session.scalar(select(WecomNonce.key).where(WecomNonce.nonce == nonce)) == key


def token_of(session: Session, app: str) -> Token | None:
    """The access token of an app."""
    row = session.get(WecomToken, app)
    return Token(row.token, row.renew_at, row.expires_at) if row else None


def keep_token(session: Session, app: str, token: Token) -> None:
    """Keep a new access token in place of the old one."""
    session.merge(WecomToken(app=app, token=token.token, renew_at=token.renew_at, expires_at=token.expires_at))


def begin_sending(session: Session, user_id: str, outbox_id: int, place: int, now: datetime) -> timedelta | None:
    """Count a request to a member and give None; or how long to wait, where the member's limit is reached."""
    for span, most in MEMBER_LIMITS:
        times = select(WecomSending.begun_at).where(WecomSending.user_id == user_id, WecomSending.begun_at > now - span)
        oldest = session.scalar(times.order_by(WecomSending.begun_at.desc()).offset(most - 1).limit(1))
        if oldest is not None:
            return oldest + span - now
    session.add(WecomSending(user_id=user_id, outbox_id=outbox_id, place=place, begun_at=now))
    return None


def sending_done(session: Session, outbox_id: int, place: int, now: datetime) -> None:
    """Note that WeCom has taken a piece of a message."""
    done = (WecomSending.outbox_id == outbox_id) & (WecomSending.place == place)
    session.execute(update(WecomSending).where(done).values(done_at=now))


def pieces_done(session: Session, outbox_id: int) -> Collection[int]:
    """The pieces of a message that WeCom has taken already."""
    done = select(WecomSending.place).where(WecomSending.outbox_id == outbox_id, WecomSending.done_at.is_not(None))
    return set(session.scalars(done))


def forget_old(session: Session, now: datetime) -> None:
    """Forget nonces and sendings that nobody needs any more."""
    session.execute(delete(WecomNonce).where(WecomNonce.seen_at < now - NONCES_FOR))
    session.execute(delete(WecomSending).where(WecomSending.begun_at < now - SENDINGS_FOR))
