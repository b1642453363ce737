"""Photos (照片): which wait to be opened, and what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, text, update
from sqlalchemy.orm import Session

from models.photo import Photo
from rules.backoff import wait_to_fetch
from services import consent, hint, person
from services.hint import Stored

LEASE = timedelta(minutes=1)
"""How long a checker may hold a photo before another takes it."""


_FACTS = ("width", "height", "phash", "taken_on", "exif_lon", "exif_lat")
# Built once: every photo asks for them.
_TABLE: Any = Photo.__table__
_ONE = _TABLE.update().where(_TABLE.c.id == bindparam("photo"))
_FETCHED = _ONE.values(
    sha256=bindparam("sha"), sm3=bindparam("its_sm3"), md5=bindparam("its_md5"), size=bindparam("bytes"),
    state="stored", lease_until=None, next_try_at=None,
)  # fmt: skip
_CHECKED = _ONE.values(
    {**{name: bindparam(name) for name in (*_FACTS, "error", "state", "same_as")}, "lease_until": None}
)


FETCH_FOR = timedelta(days=3)
"""How long a photo is asked for again: so long WeCom keeps it; the office is told after a day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A photo to be fetched: its channel's word for it."""

    id: int
    channel: str
    chat_id: str
    ref: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A photo whose bytes were fetched and lie in the store."""

    wanted: Wanted
    sha256: str
    sm3: str
    size: int
    md5: str | None
    """Only where a phone may have announced it."""


def forget_leases(session: Session) -> None:
    """Give back what a process that died had taken; only where no other process works on this database."""
    session.execute(update(Photo).where(Photo.lease_until.is_not(None)).values(lease_until=None))


def any_waiting(session: Session, now: datetime) -> bool:
    """Whether a photo waits to be opened."""
    return session.scalar(_waiting(now).with_only_columns(Photo.id).limit(1)) is not None


def lease(session: Session, now: datetime, limit: int) -> list[Stored]:
    """Take photos that were stored and not opened yet."""
    waiting = _waiting(now).with_only_columns(Photo.id, Photo.channel, Photo.chat_id, Photo.sha256)
    return [Stored(row.id, row.channel, row.chat_id, row.sha256 or "") for row in _taken(session, waiting, now, limit)]


def give_back(session: Session, photo_ids: Sequence[int]) -> None:
    """Give back what was taken and not opened: another look takes it at once."""
    session.execute(update(Photo).where(Photo.id.in_(photo_ids)).values(lease_until=None))


def any_to_fetch(session: Session, channels: Sequence[str], now: datetime) -> bool:
    """Whether a photo waits to be fetched from one of the channels."""
    return session.scalar(_to_fetch(channels, now).with_only_columns(Photo.id).limit(1)) is not None


def lease_to_fetch(session: Session, channels: Sequence[str], now: datetime, limit: int) -> list[Wanted]:
    """Take photos that their platform still keeps."""
    waiting = _to_fetch(channels, now).with_only_columns(Photo.id, Photo.channel, Photo.chat_id, Photo.ref)
    return [Wanted(*row) for row in _taken(session, waiting, now, limit)]


def fetched(session: Session, photos: Sequence[Fetched]) -> None:
    """Note that the bytes of photos are stored; they wait to be opened."""
    rows = [
        {"photo": one.wanted.id, "sha": one.sha256, "its_sm3": one.sm3, "its_md5": one.md5, "bytes": one.size}
        for one in photos
    ]
    if rows:
        session.connection().execute(_FETCHED, rows)


def fetch_failed(
    session: Session, photo_id: int, now: datetime, retryable: bool, wait: timedelta | None = None
) -> bool:
    """Note a fetch that failed; False when it was the last one: the photo is gone, and its patrol stands."""
    photo = session.get_one(Photo, photo_id)
    photo.tries += 1
    photo.lease_until = None
    if retryable and now - photo.received_at < FETCH_FOR:
        photo.next_try_at = now + (wait or wait_to_fetch(photo.tries))
        return True
    photo.state, photo.error = "gone", "gone"
    return False


def missing(session: Session, before: datetime) -> Sequence[Photo]:
    """Photos of before an instant that are still to be fetched, of which the office was not told yet."""
    # What is still to be fetched has an index of its own, whose condition stands here as it is there.
    late = (text("state IN ('to_fetch', 'stored')"), Photo.state == "to_fetch")
    query = select(Photo).where(*late, Photo.received_at <= before, Photo.missed_at.is_(None))
    return session.scalars(query.order_by(Photo.id)).all()


def note_facts(session: Session, stored: Stored, facts: Mapping[str, Any]) -> None:
    """Write down what a photo is, or why it cannot be opened; the patrol stands either way."""
    placed = facts.get("exif_lon") is not None and _may_be_placed(session, stored)
    values = {name: facts.get(name) for name in _FACTS}
    if not placed:
        values["exif_lon"] = values["exif_lat"] = None
    same = hint.same_as(session, stored, facts.get("phash"))
    state = "bad" if facts.get("bad") else "checked"
    row = {**values, "error": facts.get("bad"), "state": state, "same_as": same, "photo": stored.id}
    session.connection().execute(_CHECKED, row)


def erase_positions(session: Session, photo_ids: Sequence[int]) -> None:
    """Forget where the camera says that photos were taken; the files stay as they were sent."""
    session.execute(update(Photo).where(Photo.id.in_(photo_ids)).values(exif_lon=None, exif_lat=None))


def _taken(session: Session, waiting: Any, now: datetime, limit: int) -> Sequence[Any]:
    rows = session.execute(waiting.order_by(Photo.id).limit(limit).with_for_update(skip_locked=True)).all()
    if rows:
        taken = update(Photo).where(Photo.id.in_([row.id for row in rows])).values(lease_until=now + LEASE)
        session.connection().execute(taken)
    return rows


def _may_be_placed(session: Session, photo: Stored) -> bool:
    # What the camera knows of the place is a position like any other.
    who = person.of_chat(session, photo.channel, photo.chat_id)
    return who is not None and consent.answer_of(session, who.id) is True


def _to_fetch(channels: Sequence[str], now: datetime) -> Select[Photo]:
    free = or_(Photo.lease_until.is_(None), Photo.lease_until <= now)
    due = or_(Photo.next_try_at.is_(None), Photo.next_try_at <= now)
    # The first condition is the index's own, so that the index is used.
    here = (text("state IN ('to_fetch', 'stored')"), Photo.state == "to_fetch", Photo.channel.in_(channels))
    return select(Photo).where(*here, free, due)


def _waiting(now: datetime) -> Select[Photo]:
    free = (Photo.lease_until.is_(None)) | (Photo.lease_until <= now)
    # The first condition is the index's own, so that the index is used.
    return select(Photo).where(text("state IN ('to_fetch', 'stored')"), Photo.state == "stored", free)
