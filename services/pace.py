"""Pace (发送节奏): how many messages a channel may send now, kept in rows so that all processes share one limit."""

from datetime import datetime, timedelta
from math import floor

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.pace import Pace
from models.upsert import insert_or

BURST = timedelta(seconds=0.12)
"""What a rested channel may send at once: with a steady 25 a second, never more than 28 in any second. Telegram
takes 30; the rest is for what a connection that is being opened brings together."""
_WHOLE = ""


def reserve(session: Session, channel: str, per_second: float, most: int, now: datetime) -> int:
    """How many messages, up to `most`, may go now; they are taken from the channel's allowance, whose row is locked."""
    locked = select(Pace.next_at).where(Pace.channel == channel, Pace.chat_id == _WHOLE).with_for_update()
    gap = timedelta(seconds=1 / per_second)
    # A slow channel saves up one message, or it would never send any; not quite two, so that it sends none in a pair.
    rested = now - max(BURST, 1.9 * gap)
    start = max(session.scalar(locked) or rested, rested)
    allowed = min(most, floor((now - start) / gap + 1e-9))
    if allowed > 0:
        hold(session, channel, _WHOLE, start + allowed * gap)
    return max(allowed, 0)


def give_back(session: Session, channel: str, per_second: float, n: int) -> None:
    """Return what was reserved and not used."""
    row = session.get(Pace, (channel, _WHOLE), with_for_update=True)
    if row is not None and n:
        row.next_at -= n * timedelta(seconds=1 / per_second)


def hold(session: Session, channel: str, chat_id: str, until: datetime) -> None:
    """Let nothing go to a chat before an instant; with an empty chat, nothing on the whole channel."""
    values = {"channel": channel, "chat_id": chat_id, "next_at": until}
    statement = insert_or(session, Pace).values(values)
    later = statement.on_conflict_do_update(
        index_elements=["channel", "chat_id"], set_={"next_at": until}, where=Pace.__table__.c.next_at < until
    )
    session.execute(later)
