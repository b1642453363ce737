"""Photos (照片): which wait to be opened, and what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select, text, update
from sqlalchemy.orm import Session

from models.photo import Photo
from rules.backoff import wait_after
from services import consent, hint, person

LEASE = timedelta(minutes=1)
"""How long a checker may hold a photo before another takes it."""


FETCH_FOR = timedelta(days=3)
"""How long a photo is asked for again: so long WeCom keeps it; the office is told after a day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A photo to be fetched: its channel's word for it."""

    id: int
    channel: str
    chat_id: str
    ref: str


def forget_leases(session: Session) -> None:
    """Give back what a process that died had taken; only where no other process works on this database."""
    session.execute(update(Photo).where(Photo.lease_until.is_not(None)).values(lease_until=None))


def any_waiting(session: Session, now: datetime) -> bool:
    """Whether a photo waits to be opened."""
    return session.scalar(_waiting(now).with_only_columns(Photo.id).limit(1)) is not None


def lease(session: Session, now: datetime, limit: int) -> Sequence[Photo]:
    """Take photos that were stored and not opened yet."""
    waiting = _waiting(now).order_by(Photo.id).limit(limit).with_for_update(skip_locked=True)
    photos = session.scalars(waiting).all()
    for photo in photos:
        photo.lease_until = now + LEASE
    return photos


def any_to_fetch(session: Session, channels: Sequence[str], now: datetime) -> bool:
    """Whether a photo waits to be fetched from one of the channels."""
    return session.scalar(_to_fetch(channels, now).with_only_columns(Photo.id).limit(1)) is not None


def lease_to_fetch(session: Session, channels: Sequence[str], now: datetime, limit: int) -> list[Wanted]:
    """Take photos that their platform still keeps."""
    waiting = _to_fetch(channels, now).order_by(Photo.id).limit(limit).with_for_update(skip_locked=True)
    photos = session.scalars(waiting).all()
    for photo in photos:
        photo.lease_until = now + LEASE
    return [Wanted(photo.id, photo.channel, photo.chat_id, photo.ref) for photo in photos]


def fetched(session: Session, photo_id: int, size: int, hashes: Mapping[str, str]) -> None:
    """Note that a photo's bytes are stored, with their `sha256`, `sm3` and perhaps `md5`; it waits to be opened."""
    values = {**hashes, "size": size, "state": "stored", "lease_until": None, "next_try_at": None}
    session.execute(update(Photo).where(Photo.id == photo_id).values(values))


def fetch_failed(
    session: Session, photo_id: int, now: datetime, retryable: bool, wait: timedelta | None = None
) -> bool:
    """Note a fetch that failed; False when it was the last one: the photo is gone, and its patrol stands."""
    photo = session.get_one(Photo, photo_id)
    photo.tries += 1
    photo.lease_until = None
    if retryable and now - photo.received_at < FETCH_FOR:
        photo.next_try_at = now + (wait or wait_after(photo.tries))
        return True
    photo.state, photo.error = "gone", "gone"
    return False


def missing(session: Session, before: datetime) -> Sequence[Photo]:
    """Photos of before an instant that are still to be fetched, of which the office was not told yet."""
    # What is still to be fetched has an index of its own, whose condition stands here as it is there.
    late = (text("state IN ('to_fetch', 'stored')"), Photo.state == "to_fetch")
    query = select(Photo).where(*late, Photo.received_at <= before, Photo.missed_at.is_(None))
    return session.scalars(query.order_by(Photo.id)).all()


def note_facts(session: Session, photo_id: int, facts: Mapping[str, Any]) -> Photo:
    """Write down what a photo is, or why it cannot be opened; the patrol stands either way."""
    photo = session.get_one(Photo, photo_id)
    photo.lease_until = None
    photo.error = facts.get("bad")
    photo.state = "bad" if photo.error else "checked"
    for name in ("width", "height", "phash", "taken_on"):
        setattr(photo, name, facts.get(name))
    if _may_be_placed(session, photo):
        photo.exif_lon, photo.exif_lat = facts.get("exif_lon"), facts.get("exif_lat")
    hint.note_same(session, photo)
    return photo


def erase_positions(session: Session, photo_ids: Sequence[int]) -> None:
    """Forget where the camera says that photos were taken; the files stay as they were sent."""
    session.execute(update(Photo).where(Photo.id.in_(photo_ids)).values(exif_lon=None, exif_lat=None))


def _may_be_placed(session: Session, photo: Photo) -> bool:
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
