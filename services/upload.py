"""Files that the office sends into the chat (来件): offered, read, shown, confirmed, imported; each step is kept."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import Session

from models.area import Area
from models.message import FileRef, Message
from models.upload import Upload
from rules.backoff import wait_to_fetch
from services.person import Person
from services.refused import Refused

KINDS = ("grids", "roster")
FETCH_FOR = timedelta(hours=1)
"""How long a file is asked for again that its platform does not give."""


def district_of(session: Session, person: Person) -> str:
    """The district for which a person may import; raises `Refused` for anybody but the office of a district."""
    districts = [code for code in person.offices if session.get_one(Area, code).level == "district"]
    if not districts:
        raise Refused("upload.not_yours")
    return districts[0]


def offer(
    session: Session, message: Message, file: FileRef, account_id: int, area_code: str, valid_from: date,
    kind: str | None, now: datetime,
) -> Upload:  # fmt: skip
    """Keep a file that came; with its kind it waits to be read, else to be told what it is."""
    row = Upload(
        account_id=account_id, channel=message.channel, chat_id=message.chat_id, kind=kind, area_code=area_code,
        name=file.name[:120] or "–", ref=file.ref, sha256=file.sha256, size=file.size, valid_from=valid_from,
        state="to_read" if kind else "offered", tries=0, received_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def move(session: Session, upload_id: int, account_id: int, before: str, after: str, kind: str | None = None) -> Upload:
    """Take a file a step on; raises `Refused` where it is not the person's, or does not stand at that step."""
    row = session.get(Upload, upload_id)
    if row is None or row.account_id != account_id or row.state != before:
        raise Refused("upload.gone")
    row.state, row.kind = after, kind or row.kind
    session.flush()
    return row


def waiting(session: Session, channels: Sequence[str], now: datetime) -> int | None:
    """The file that is to be read or imported next: one that is here, or that one of the channels can fetch."""
    return session.scalars(_waiting(channels, now).limit(1)).first()


def claimed(session: Session, upload_id: int) -> Upload | None:
    """The file, held until the transaction ends, while it still waits."""
    held = select(Upload).where(Upload.id == upload_id, Upload.state.in_(("to_read", "confirmed")))
    return session.scalars(held.with_for_update(skip_locked=True)).first()


def fetched(session: Session, upload_id: int, sha256: str, size: int) -> None:
    """Note that a file is here."""
    row = session.get_one(Upload, upload_id)
    row.sha256, row.size, row.next_try_at = sha256, size, None


def fetch_failed(session: Session, upload_id: int, now: datetime, retryable: bool) -> Upload | None:
    """Note a fetch that failed; gives the file when it was the last one."""
    row = session.get_one(Upload, upload_id)
    row.tries += 1
    if retryable and now - row.received_at < FETCH_FOR:
        row.next_try_at = now + wait_to_fetch(row.tries)
        return None
    row.state = "refused"
    return row


def _waiting(channels: Sequence[str], now: datetime) -> Select[int]:
    due = or_(Upload.next_try_at.is_(None), Upload.next_try_at <= now)
    here = or_(Upload.sha256.is_not(None), Upload.channel.in_(channels))
    # The first condition is the index's own, so that the index is used.
    return select(Upload.id).where(text("state IN ('to_read', 'confirmed')"), due, here).order_by(Upload.id)
