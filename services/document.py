"""Documents (文件): kept as they were sent, fetched where the platform still holds them, never opened."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from models.document import Document
from models.message import Message
from rules.backoff import wait_to_fetch

FETCH_FOR = timedelta(days=3)
"""How long a document is asked for again."""
LONGEST_NAME = 120


def keep(session: Session, message: Message, account_id: int) -> list[Document]:
    """Keep the pictures and the file of a message."""
    about = {
        "channel": message.channel, "account_id": account_id, "inbox_id": message.inbox_id,
        "received_at": message.received_at,
    }  # fmt: skip
    kept = [
        Document(**about, kind="picture", name=_name(one.name or "photo.jpg"), ref=None if one.sha256 else one.ref,
                 sha256=one.sha256, size=one.size, state="stored" if one.sha256 else "to_fetch")
        for one in message.photos
    ]  # fmt: skip
    if file := message.file:
        state = "stored" if file.sha256 else "to_fetch" if file.ref else "gone"
        kept.append(
            Document(**about, kind="file", name=_name(file.name or "file"), ref=file.ref, sha256=file.sha256,
                     size=file.size, state=state)
        )  # fmt: skip
    session.add_all(kept)
    session.flush()
    return kept


def to_fetch(session: Session, channels: Sequence[str], now: datetime, limit: int) -> list[tuple[int, str, str]]:
    """The documents that wait to be fetched: id, channel, and the channel's word for the file."""
    due = or_(Document.next_try_at.is_(None), Document.next_try_at <= now)
    # The first condition is the index's own, so that the index is used.
    here = (text("state = 'to_fetch'"), Document.channel.in_(channels), due)
    rows = session.execute(
        select(Document.id, Document.channel, Document.ref).where(*here).order_by(Document.id).limit(limit)
    )
    return [(id_, channel, ref or "") for id_, channel, ref in rows]


def fetched(session: Session, document_id: int, sha256: str, size: int) -> None:
    """Note that the bytes are stored."""
    row = session.get_one(Document, document_id)
    row.state, row.sha256, row.size, row.next_try_at = "stored", sha256, size, None


def fetch_failed(session: Session, document_id: int, now: datetime, retryable: bool) -> Document | None:
    """Note a fetch that failed; gives the document when that was the last try and it is gone."""
    row = session.get_one(Document, document_id)
    row.tries += 1
    if retryable and now - row.received_at < FETCH_FOR:
        row.next_try_at = now + wait_to_fetch(row.tries)
        return None
    row.state = "gone"
    return row


def _name(name: str) -> str:
    # What no file's name holds anywhere.
    return "".join(char for char in name if char.isprintable() and char not in '\\/:*?"<>|')[-LONGEST_NAME:] or "file"
