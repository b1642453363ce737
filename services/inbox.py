"""The inbox (收件箱): taking a delivery, claiming it for work, settling it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, aliased

from models.inbox import Inbox, Redelivery
from models.upsert import insert_or
from rules.backoff import MAX_TRIES, wait_after


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a channel hands over: its raw text, the key that makes it unique, the chat whose order it keeps."""

    channel: str
    key: str
    chat: str
    raw: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that was claimed for work."""

    id: int
    channel: str
    key: str
    chat: str
    raw: str
    received_at: datetime
    tries: int


def receive(session: Session, deliveries: Sequence[Delivery]) -> list[int]:
    """Store deliveries and give the ids of those that are new; a repeated one leaves a `Redelivery`."""
    if not deliveries:
        return []
    rows = [_row(delivery) for delivery in deliveries]
    statement = insert_or(session, Inbox).on_conflict_do_nothing(index_elements=["channel", "key"])
    new = session.execute(statement.returning(Inbox.id, Inbox.channel, Inbox.key), rows).all()
    if len(new) < len(deliveries):
        _note_repeats(session, deliveries, Counter((row.channel, row.key) for row in new))
    return sorted(row.id for row in new)


def claim(session: Session, now: datetime, limit: int) -> list[Waiting]:
    """The oldest waiting deliveries, one a chat: each the first of its chat; locked until the transaction ends."""
    earlier = aliased(Inbox)
    before = select(earlier.id).where(earlier.chat == Inbox.chat, earlier.state == "waiting", earlier.id < Inbox.id)
    first = (
        select(Inbox.id, Inbox.channel, Inbox.key, Inbox.chat, Inbox.raw, Inbox.received_at, Inbox.tries)
        .where(Inbox.state == "waiting", ~before.exists())
        .where((Inbox.next_try_at.is_(None)) | (Inbox.next_try_at <= now))
        .order_by(Inbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Waiting(*row) for row in session.execute(first)]


def settle(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Mark deliveries as worked on."""
    if ids:
        session.execute(update(Inbox).where(Inbox.id.in_(ids)).values(state="done", done_at=now, error=None))


def fail(session: Session, waiting: Waiting, error: str, now: datetime) -> bool:
    """Note a failure and set the next try; True when it was the last one and the delivery is parked."""
    tries = waiting.tries + 1
    parked = tries >= MAX_TRIES
    session.execute(
        update(Inbox)
        .where(Inbox.id == waiting.id)
        .values(tries=tries, error=error, state="parked" if parked else "waiting", next_try_at=now + wait_after(tries))
    )
    return parked


def park(session: Session, waiting: Waiting, error: str) -> None:
    """Park a delivery that nobody can read: it is kept as it came, and its chat goes on."""
    parked = {"tries": waiting.tries + 1, "error": error, "state": "parked"}
    session.execute(update(Inbox).where(Inbox.id == waiting.id).values(parked))


def id_of(session: Session, channel: str, key: str) -> int:
    """The id of a delivery that is known."""
    return session.execute(select(Inbox.id).where(Inbox.channel == channel, Inbox.key == key)).scalar_one()


def erase(session: Session, ids: Sequence[int]) -> None:
    """Erase what was sent, where the person refused that it be kept; that something was sent stays."""
    session.execute(update(Inbox).where(Inbox.id.in_(ids)).values(raw="{}"))


def waiting_count(session: Session) -> int:
    """How many deliveries wait for work."""
    return session.scalar(select(func.count()).select_from(Inbox).where(Inbox.state == "waiting")) or 0


def waits(session: Session, channel: str) -> bool:
    """Whether a delivery of a channel waits for work."""
    waiting = select(Inbox.id).where(Inbox.state == "waiting", Inbox.channel == channel)
    return session.scalar(waiting.limit(1)) is not None


def next_try(session: Session, channel: str, now: datetime) -> datetime | None:
    """When the next delivery of a channel that failed is to be tried again, after `now`."""
    later = (Inbox.state == "waiting") & (Inbox.channel == channel) & (Inbox.next_try_at > now)
    return session.scalar(select(func.min(Inbox.next_try_at)).where(later))


def parked_count(session: Session, channel: str) -> int:
    """How many deliveries of a channel are parked."""
    parked = (Inbox.state == "parked") & (Inbox.channel == channel)
    return session.scalar(select(func.count()).select_from(Inbox).where(parked)) or 0


def _row(delivery: Delivery) -> dict[str, object]:
    return {
        "channel": delivery.channel, "key": delivery.key, "chat": delivery.chat, "raw": delivery.raw,
        "received_at": delivery.received_at, "state": "waiting", "tries": 0,
    }  # fmt: skip


def _note_repeats(session: Session, deliveries: Sequence[Delivery], new: Counter[tuple[str, str]]) -> None:
    for delivery in deliveries:
        key = (delivery.channel, delivery.key)
        if new[key]:
            new[key] -= 1
            continue
        known = select(Inbox.id).where(Inbox.channel == delivery.channel, Inbox.key == delivery.key)
        repeat = {"inbox_id": session.scalar(known), "delivered_at": delivery.received_at}
        session.execute(insert(Redelivery).values(repeat))
