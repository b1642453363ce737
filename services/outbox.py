"""The outbox (发件箱): what is to be said, who may say it now, what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.message import Button, Message, Priority, Reply
from models.outbox import Outbox
from rules.backoff import wait_after
from services.refused import Refused

_INSERT = Outbox.__table__.insert()  # type: ignore[attr-defined]

LEASE = timedelta(minutes=2)
"""How long a sender may hold a message before another takes it."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that a sender holds."""

    id: int
    channel: str
    chat_id: str
    body: dict[str, Any]
    tries: int
    patrol_id: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A reply with the chat that it goes to."""

    channel: str
    chat_id: str
    reply: Reply
    said_at: datetime
    priority: Priority = Priority.ANSWER

    @classmethod
    def of(cls, message: Message, reply: Reply, now: datetime) -> "Said":
        """A reply to a message: in its chat, or where the reply itself says."""
        channel, chat_id = reply.to or (message.channel, message.chat_id)
        return cls(channel, chat_id, reply, now)


def put(session: Session, said: Iterable[Said]) -> None:
    """Write what is to be sent, in its order."""
    rows = [
        {
            "channel": one.channel, "chat_id": one.chat_id, "priority": one.priority.value, "body": one.reply.body(),
            "state": "waiting", "created_at": one.said_at, "tries": 0, "draft_id": one.reply.draft_id,
            "patrol_id": one.reply.patrol_id,
        }
        for one in said
    ]  # fmt: skip
    if rows:
        session.connection().execute(_INSERT, rows)


def drop_prompts(session: Session, draft_id: int) -> None:
    """Drop what a draft still wanted to ask: its receipt has overtaken it."""
    prompts = (Outbox.draft_id == draft_id) & (Outbox.state == "waiting") & (Outbox.lease_until.is_(None))
    session.execute(update(Outbox).where(prompts).values(state="dropped"))


def lease(session: Session, channel: str, now: datetime, limit: int) -> list[Leased]:
    """Take the next messages of a channel, answers first, for as long as `LEASE`."""
    free = (Outbox.lease_until.is_(None)) | (Outbox.lease_until <= now)
    first = (
        select(Outbox.id, Outbox.channel, Outbox.chat_id, Outbox.body, Outbox.tries, Outbox.patrol_id)
        .where(Outbox.channel == channel, Outbox.state == "waiting", free)
        .order_by(Outbox.priority, Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    leased = [Leased(*row) for row in session.execute(first)]
    if leased:
        ids = [row.id for row in leased]
        session.execute(update(Outbox).where(Outbox.id.in_(ids)).values(lease_until=now + LEASE))
    return leased


def sent(session: Session, ids: Sequence[int], now: datetime, platform_id: str | None = None) -> None:
    """Mark messages as sent."""
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_(ids))
        .values(state="sent", sent_at=now, platform_id=platform_id, lease_until=None, error=None)
    )


def put_off(session: Session, leased: Leased, error: str, now: datetime, wait: timedelta | None = None) -> None:
    """Give a message back after a failure that may pass; it is tried again after the wait."""
    tries = leased.tries + 1
    session.execute(
        update(Outbox)
        .where(Outbox.id == leased.id)
        .values(tries=tries, error=error, lease_until=now + (wait or wait_after(tries)))
    )


def give_up(session: Session, leased: Leased, error: str, now: datetime) -> None:
    """Note that a message cannot be sent, for good."""
    session.execute(
        update(Outbox).where(Outbox.id == leased.id).values(state="failed", error=error, lease_until=None, sent_at=None)
    )


def pressed(session: Session, outbox_id: int, place: int, channel: str, chat_id: str) -> Button:
    """The button at a place of one of our messages in this very chat; raises `Refused` where there is none."""
    body = session.scalar(
        select(Outbox.body).where(Outbox.id == outbox_id, Outbox.channel == channel, Outbox.chat_id == chat_id)
    )
    buttons = [button for row in (body or {}).get("buttons", ()) for button in row]
    if not 0 <= place < len(buttons):
        raise Refused("chat.button_unknown")
    return Button(**buttons[place])


def spend(session: Session, outbox_id: int, now: datetime) -> bool:
    """Use up the buttons of a message; False when they had been used before."""
    fresh = update(Outbox).where(Outbox.id == outbox_id, Outbox.spent_at.is_(None)).values(spent_at=now)
    return session.execute(fresh).rowcount == 1  # type: ignore[attr-defined, no-any-return]
