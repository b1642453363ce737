"""Photos that a phone announced (预告照片): matched with those that come; nothing waits for one that never does."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, select, text, update
from sqlalchemy.orm import Session

from models.account import Account
from models.announced import AnnouncedPhoto
from models.draft import Draft
from models.message import Message
from models.photo import Photo

CHANNELS = frozenset({"wecom"})
"""The channels whose phones announce photos."""
APART = timedelta(minutes=2)
"""How far an announcement and its photos may be apart by the platform's time, in either order."""
FOLLOWS_WITHIN = timedelta(minutes=10)
"""How long after its announcement a photo that was encoded again is taken for it: nothing but the order tells."""
SETTLED_AFTER = timedelta(hours=24)
"""After this a photo that has not come is missing."""


def keep(session: Session, account: Account, opened: Draft | None, message: Message) -> None:
    """Keep what a phone announces, for the open draft or for the one that its photos will open."""
    rows = [
        AnnouncedPhoto(
            account_id=account.id, inbox_id=message.inbox_id, md5=md5, sent_at=message.sent_at,
            received_at=message.received_at,
        )
        for md5 in message.data["md5"]
    ]  # fmt: skip
    session.add_all(rows)
    if opened:
        _join(opened, rows)
    session.flush()


def claim(session: Session, account: Account, draft: Draft, now: datetime) -> None:
    """Give a new draft what was announced just before it."""
    if account.channel not in CHANNELS:
        return
    free = (*_waiting(account.id), AnnouncedPhoto.draft_id.is_(None), AnnouncedPhoto.received_at > now - FOLLOWS_WITHIN)
    _join(draft, session.scalars(select(AnnouncedPhoto).where(*free)).all())


def draft_of(session: Session, account: Account, message: Message) -> Draft | None:
    """The draft for which a photo was announced just before or after it was sent."""
    if account.channel not in CHANNELS:
        return None
    near = AnnouncedPhoto.sent_at.between(message.sent_at - APART, message.sent_at + APART)
    of = select(AnnouncedPhoto.draft_id).where(*_waiting(account.id), AnnouncedPhoto.draft_id.is_not(None), near)
    found = session.scalar(of.order_by(AnnouncedPhoto.id.desc()).limit(1))
    return session.get(Draft, found) if found is not None else None


def match(session: Session, channel: str, chat_id: str, photo_id: int, md5: str) -> bool:
    """Note that an announced photo came byte by byte; False where none was announced with this sum."""
    account_id = select(Account.id).where(Account.channel == channel, Account.chat_id == chat_id).scalar_subquery()
    same = select(AnnouncedPhoto.id).where(*_waiting(account_id), AnnouncedPhoto.md5 == md5)
    row = session.scalar(same.order_by(AnnouncedPhoto.id).limit(1))
    if row is not None:
        values = {"state": "same", "photo_id": photo_id}
        session.execute(update(AnnouncedPhoto).where(AnnouncedPhoto.id == row).values(values))
    return row is not None


def fates(session: Session, photo_ids: Sequence[int]) -> dict[int, str]:
    """How photos came that were announced: `same` or `re_encoded`."""
    matched = (AnnouncedPhoto.photo_id.in_(photo_ids), AnnouncedPhoto.state.in_(("same", "re_encoded")))
    rows = session.execute(select(AnnouncedPhoto.photo_id, AnnouncedPhoto.state).where(*matched))
    return {photo_id: state for photo_id, state in rows if photo_id is not None}


def settle(session: Session, now: datetime) -> Sequence[AnnouncedPhoto]:
    """Decide what became of the announcements that are a day old; gives those whose photo never came."""
    old = (AnnouncedPhoto.state == "waiting", AnnouncedPhoto.received_at <= now - SETTLED_AFTER)
    rows = session.scalars(select(AnnouncedPhoto).where(*old).order_by(AnnouncedPhoto.id)).all()
    # First those that are the same, so that none of them is taken for another one encoded again.
    rest = [row for row in rows if not _settled(session, row, _same(session, row), "same")]
    return [row for row in rest if not _settled(session, row, _follower(session, row), "re_encoded")]


def any_to_settle(session: Session, now: datetime) -> bool:
    """Whether an announcement is a day old and not settled."""
    old = (AnnouncedPhoto.state == "waiting", AnnouncedPhoto.received_at <= now - SETTLED_AFTER)
    return session.scalar(select(AnnouncedPhoto.id).where(*old).limit(1)) is not None


def _settled(session: Session, row: AnnouncedPhoto, photo: Photo | None, state: str) -> bool:
    row.state, row.photo_id = ("missing", None) if photo is None else (state, photo.id)
    session.flush()
    return photo is not None


def _same(session: Session, row: AnnouncedPhoto) -> Photo | None:
    return _first(session, row, row.received_at + SETTLED_AFTER, Photo.md5 == row.md5)


def _follower(session: Session, row: AnnouncedPhoto) -> Photo | None:
    # An original of the upload page is not what the camera of the chat sent.
    return _first(session, row, row.received_at + FOLLOWS_WITHIN, Photo.original.is_(False))


def _first(session: Session, row: AnnouncedPhoto, until: datetime, which: ColumnElement[bool]) -> Photo | None:
    taken = select(AnnouncedPhoto.id).where(AnnouncedPhoto.photo_id == Photo.id)
    here = (Account.id == row.account_id, Photo.received_at.between(row.received_at - APART, until), ~taken.exists())
    of = (Account.channel == Photo.channel) & (Account.chat_id == Photo.chat_id)
    query = select(Photo).join(Account, of).where(*here, which)
    return session.scalars(query.order_by(Photo.id).limit(1)).first()


def _waiting(account_id: int | ScalarSelect[int]) -> tuple[ColumnElement[bool], ...]:
    # The index's own condition, so that the index is used.
    return AnnouncedPhoto.account_id == account_id, text("announced_photo.state = 'waiting'")  # type: ignore[return-value]


def _join(draft: Draft, rows: Sequence[AnnouncedPhoto]) -> None:
    for row in rows:
        row.draft_id = draft.id
        draft.photos_chosen = (draft.photos_chosen or 0) + 1
        draft.chosen_at = min(draft.chosen_at or row.sent_at, row.sent_at)
