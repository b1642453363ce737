"""Voice messages and videos (录音、录像): kept beside a patrol, never opened."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, text, update
from sqlalchemy.orm import Session

from models.draft import Draft
from models.message import Message
from models.recording import Recording
from rules.backoff import wait_to_fetch

FETCH_FOR = timedelta(days=3)
"""So long WeCom keeps a file; Telegram keeps it longer."""


def keep(session: Session, message: Message, account_id: int, draft: Draft | None) -> None:
    """Keep a recording that is to be fetched, with the patrol that is in the making."""
    session.add(
        Recording(
            channel=message.channel, chat_id=message.chat_id, account_id=account_id, inbox_id=message.inbox_id,
            draft_id=draft.id if draft else None, kind=message.data["recording"], ref=message.data["ref"],
            received_at=message.received_at,
        )
    )  # fmt: skip
    session.flush()


def to_fetch(session: Session, channels: Sequence[str], now: datetime, limit: int) -> list[tuple[int, str, str]]:
    """The recordings of some channels that wait to be fetched: id, channel, and the channel's word for the file."""
    due = or_(Recording.next_try_at.is_(None), Recording.next_try_at <= now)
    # The first condition is the index's own, so that the index is used.
    here = (text("state = 'to_fetch'"), Recording.channel.in_(channels), due)
    rows = select(Recording.id, Recording.channel, Recording.ref).where(*here).order_by(Recording.id).limit(limit)
    return [(recording_id, channel, ref) for recording_id, channel, ref in session.execute(rows)]


def fetched(session: Session, recording_id: int, sha256: str, size: int) -> None:
    """Note that the file is stored."""
    values = {"state": "stored", "sha256": sha256, "size": size, "next_try_at": None}
    session.execute(update(Recording).where(Recording.id == recording_id).values(values))


def fetch_failed(session: Session, recording_id: int, now: datetime, retryable: bool) -> None:
    """Note a fetch that failed; the recording is gone when it cannot pass, or when the platform keeps it no more."""
    row = session.get_one(Recording, recording_id)
    row.tries += 1
    if retryable and now - row.received_at < FETCH_FOR:
        row.next_try_at = now + wait_to_fetch(row.tries)
    else:
        row.state = "gone"
