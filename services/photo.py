"""Photos (照片): which wait to be opened, and what was found."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from models.photo import Photo

LEASE = timedelta(minutes=2)
"""How long a checker may hold a photo before another takes it."""


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


def note_facts(session: Session, photo_id: int, facts: Mapping[str, Any]) -> Photo:
    """Write down what a photo is, or why it cannot be opened; the patrol stands either way."""
    photo = session.get_one(Photo, photo_id)
    photo.lease_until = None
    photo.error = facts.get("bad")
    photo.state = "bad" if photo.error else "checked"
    for name in ("width", "height", "phash", "taken_on", "exif_lon", "exif_lat"):
        setattr(photo, name, facts.get(name))
    return photo


def _waiting(now: datetime) -> Select[Photo]:
    free = (Photo.lease_until.is_(None)) | (Photo.lease_until <= now)
    # The first condition is the index's own, so that the index is used.
    return select(Photo).where(text("state IN ('to_fetch', 'stored')"), Photo.state == "stored", free)
