"""Hints about photos (照片提示) for the office: never a verdict, and nothing is held against anybody by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from models.draft import Part
from models.patrol import Patrol
from models.photo import Photo
from rules.geometry import distance_between_m
from rules.photo import same_picture

LOOK_BACK = 300
"""So many of a person's latest photos are compared with a new one."""
FAR_M = 1000.0
"""A camera's position that is farther from the recorded one is worth a look."""
OLD_DAYS = 1
"""A camera's date that is further from the patrol's day is worth a look."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A photo whose bytes are stored and that was not opened yet."""

    id: int
    channel: str
    chat_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Something about a patrol's photo that is worth a look: `same`, `far` or `old`, with what it says."""

    patrol_id: int
    kind: str
    number: str = ""
    """The patrol whose photo is the same."""
    metres: float = 0.0
    taken_on: str = ""


# Built once: every photo asks for them.
_SAME_BYTES = (
    select(Photo.id)
    .where(Photo.sha256 == bindparam("sha256"), Photo.id < bindparam("photo"))
    .order_by(Photo.id)
    .limit(1)
)
_EARLIER = (
    select(Photo.id, Photo.phash)
    .where(Photo.channel == bindparam("channel"), Photo.chat_id == bindparam("chat"), Photo.id < bindparam("photo"))
    .where(Photo.phash.is_not(None))
    .order_by(Photo.id.desc())
    .limit(LOOK_BACK)
)


def same_as(session: Session, stored: Stored, phash: str | None) -> int | None:
    """An earlier photo that shows the same picture: the same bytes of anybody, a like picture of the sender."""
    same = {"sha256": stored.sha256, "photo": stored.id}
    earliest: int | None = session.connection().execute(_SAME_BYTES, same).scalar()
    return earliest or (_like(session, stored, phash) if phash else None)


def of_patrols(session: Session, patrol_ids: Sequence[int]) -> list[Hint]:
    """What is worth a look about the photos of some patrols."""
    rows = session.execute(
        select(Patrol, Photo)
        .join(Part, Part.patrol_id == Patrol.id)
        .join(Photo, Photo.id == Part.photo_id)
        .where(Patrol.id.in_(patrol_ids))
        .order_by(Patrol.id, Photo.id)
    )
    return list(dict.fromkeys(hint for patrol, photo in rows for hint in _hints(session, patrol, photo)))


def _hints(session: Session, patrol: Patrol, photo: Photo) -> Iterator[Hint]:
    if photo.same_as is not None and (number := _number_of(session, photo.same_as, patrol.id)):
        yield Hint(patrol.id, "same", number=number)
    placed = None not in (photo.exif_lon, photo.exif_lat, patrol.lon, patrol.lat)
    if placed and (metres := _apart_m(patrol, photo)) > FAR_M:
        yield Hint(patrol.id, "far", metres=metres)
    if photo.taken_on and abs((_day(photo.taken_on) - patrol.patrolled_on).days) > OLD_DAYS:
        yield Hint(patrol.id, "old", taken_on=_day(photo.taken_on).isoformat())


def _like(session: Session, stored: Stored, phash: str) -> int | None:
    own = {"channel": stored.channel, "chat": stored.chat_id, "photo": stored.id}
    for row in session.connection().execute(_EARLIER, own):
        if same_picture(row.phash, phash):
            return int(row.id)
    return None


def _number_of(session: Session, photo_id: int, but: int) -> str | None:
    # The same picture twice in one patrol is no second patrol.
    there = aliased(Patrol)
    return session.scalar(
        select(there.number)
        .join(Part, Part.patrol_id == there.id)
        .where(Part.photo_id == photo_id, there.id != but)
        .limit(1)
    )


def _apart_m(patrol: Patrol, photo: Photo) -> float:
    return distance_between_m(patrol.lon or 0, patrol.lat or 0, photo.exif_lon or 0, photo.exif_lat or 0)


def _day(taken: str) -> date:
    return datetime.strptime(taken[:10], "%Y:%m:%d").date()  # noqa: DTZ007 - a camera's date has no zone
