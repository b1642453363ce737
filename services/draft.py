"""Drafts (草稿): the parts of a patrol as they come in, in any order, until it is submitted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from models.account import Account
from models.draft import Draft, Part, TrackPoint
from models.message import Location, Message, Problem
from models.outbox import Outbox
from models.patrol import Patrol
from models.photo import Photo
from services import inbox, local_chat, outbox, patrol
from services import photo as photos_
from services.refused import Refused

QUIET_FOR = timedelta(minutes=10)
"""A draft with a location or a photo is submitted by itself so long after its last part."""

ECHO_WITHIN = timedelta(minutes=2)
"""How far apart the two tellings of one position may be."""
_SAME_DEGREES = 1e-6

WORDS_WAIT_FOR = timedelta(hours=24)
"""A draft of words alone is never submitted by itself; after a day it is closed."""


# Built once: every part of a patrol asks for them.
_OPEN = select(Draft).where(Draft.account_id == bindparam("account_id"), Draft.state == text("'open'"))
_CLAIM = (
    update(Draft.__table__)  # type: ignore[arg-type]
    .where(Draft.__table__.c.id == bindparam("draft"), Draft.__table__.c.state.in_(("open", "expired")))
    .values(state="submitted")
)
_PARTS = select(Part).where(Part.draft_id == bindparam("draft_id")).order_by(Part.id)


def of_account(session: Session, account_id: int) -> Draft | None:
    """The open draft of an account."""
    return session.scalars(_OPEN, {"account_id": account_id}).first()


def open_or_new(session: Session, account: Account, chief_id: int, now: datetime) -> Draft:
    """The open draft of an account, or a new one."""
    draft = of_account(session, account.id)
    if draft is None:
        draft = Draft(account_id=account.id, chief_id=chief_id, opened_at=now, due_at=now + WORDS_WAIT_FOR)
        session.add(draft)
        session.flush()
    return draft


def add(session: Session, draft: Draft, message: Message) -> None:
    """Add what a message brings: a position, photos, words; the ten minutes begin again at its receipt."""
    parts = [_photo_part(draft, message, photo) for photo in kept_photos(session, message)]
    if message.location:
        parts.append(_located(draft, message, message.location))
    if message.text:
        parts.append(_part(draft, message, "text", text=message.text))
    _add_parts(session, draft, parts or [_part(draft, message, "opened")])
    draft.due_at = message.received_at + (QUIET_FOR if submits_itself(session, draft) else WORDS_WAIT_FOR)
    draft.asked_at = None


def is_echo(session: Session, account: Account, message: Message) -> bool:
    """Whether a position came just before from another source: a picker in a menu tells it twice, in either order."""
    place = message.location
    if place is None or place.raw is None:
        return False
    same = select(Part).join(Draft, Draft.id == Part.draft_id).where(Draft.account_id == account.id)
    near = Part.sent_at.between(message.sent_at - ECHO_WITHIN, message.sent_at + ECHO_WITHIN)
    parts = session.scalars(same.where(near, Part.kind == "location", Part.source.is_not(None))).all()
    return any(part.source != place.source and _same_digits(part, place) for part in parts)


def keep_words(session: Session, message: Message) -> Part:
    """Keep words that belong to no draft yet, until their writer says that they are a patrol."""
    kept = _part(None, message, "text", text=message.text)
    session.add(kept)
    session.flush()
    return kept


def add_kept_words(session: Session, draft: Draft, part_id: int, now: datetime) -> None:
    """Add words that were kept; raises `Refused` where they belong to a draft or patrol already."""
    kept = session.get(Part, part_id)
    if kept is None or kept.draft_id or kept.patrol_id:
        raise Refused("chat.button_unknown")
    _add_parts(session, draft, [kept])
    kept.draft_id = draft.id
    draft.due_at = now + (QUIET_FOR if submits_itself(session, draft) else WORDS_WAIT_FOR)
    draft.asked_at = None


def is_empty(session: Session, draft: Draft) -> bool:
    """Whether nothing was said of a patrol but the word that opened it."""
    said = any(part.kind != "opened" for part in parts_of(session, draft))
    return not (said or draft.problem_type or draft.grid_version_id)


def notes_in(session: Session, draft: Draft) -> str:
    """The words that a draft holds, a line each."""
    return "\n".join(part.text for part in parts_of(session, draft) if part.text)


def open_by_word(session: Session, draft: Draft, message: Message) -> None:
    """Note the word or button that opened a draft; it is no part of what is said about the patrol."""
    _add_parts(session, draft, [_part(draft, message, "opened")])


def parts_of(session: Session, draft: Draft) -> Sequence[Part]:
    """The parts of a draft in the order of their arrival; read once a transaction."""
    known: dict[int, list[Part]] = session.info.setdefault("parts", {})
    if draft.id not in known:
        known[draft.id] = list(session.scalars(_PARTS, {"draft_id": draft.id}))
    return known[draft.id]


def _add_parts(session: Session, draft: Draft, parts: Sequence[Part]) -> None:
    session.info.setdefault("parts", {}).pop(draft.id, None)
    session.add_all(parts)
    session.flush()


def photos_in(session: Session, draft: Draft) -> int:
    """How many photos of its sender a draft holds; forwarded ones are kept and do not count."""
    return _own_photos(parts_of(session, draft))


def location_of(session: Session, draft: Draft) -> Location | None:
    """The position of a draft: the last own one, else the last forwarded one."""
    placed = [part for part in parts_of(session, draft) if part.kind == "location" and part.lon is not None]
    chosen = next((part for part in reversed(placed) if not part.forwarded), placed[-1] if placed else None)
    if chosen is None or chosen.lon is None or chosen.lat is None:
        return None
    return Location(chosen.lon, chosen.lat, chosen.accuracy_m, chosen.forwarded)


def submits_itself(session: Session, draft: Draft) -> bool:
    """Whether a draft holds enough to be handed in by itself."""
    # Words alone are a report of a problem, and no patrol.
    enough = {"location", "photo", "text"} if draft.kind == "problem" else {"location", "photo"}
    return any(part.kind in enough for part in parts_of(session, draft))


def submit(session: Session, draft: Draft, zone: ZoneInfo, now: datetime) -> patrol.Recorded:
    """Make a patrol of a draft; raises `Refused` where it was submitted or dropped before."""
    session.flush()
    if session.connection().execute(_CLAIM, {"draft": draft.id}).rowcount != 1:
        raise Refused("draft.closed")
    parts = parts_of(session, draft)
    recorded = patrol.record(session, _submission(session, draft, parts), zone, now)
    draft.state, draft.patrol_id = "submitted", recorded.id
    for part in parts:
        part.patrol_id = recorded.id
    end_prompts(session, draft)
    return recorded


def close(session: Session, draft: Draft, state: str) -> None:
    """Drop a draft (`cancelled`) or let it rest (`expired`); what was sent stays."""
    draft.state = state
    end_prompts(session, draft)


def end_prompts(session: Session, draft: Draft) -> None:
    """Drop what was still to be asked, and use up the buttons that were shown."""
    outbox.drop_prompts(session, draft.id)
    local_chat.spend_prompts(session, draft.id)


def erase_positions(session: Session, account_id: int) -> bool:
    """Erase the positions that were sent without consent, wherever they are kept; False where none was sent."""
    drafts = select(Draft.id).where(Draft.account_id == account_id, Draft.state != "submitted")
    parts = session.scalars(select(Part).where(Part.draft_id.in_(drafts))).all()
    placed = [part for part in parts if part.lon is not None]
    for part in placed:
        part.lon = part.lat = part.accuracy_m = part.raw_position = None
    session.execute(delete(TrackPoint).where(TrackPoint.part_id.in_([part.id for part in placed])))
    deliveries = [part.inbox_id for part in placed]
    inbox.erase(session, deliveries)
    local_chat.erase_positions(session, deliveries)
    photos_.erase_positions(session, [part.photo_id for part in parts if part.photo_id])
    return bool(placed)


def forget_position(session: Session, message: Message) -> None:
    """Erase a position that came without consent and was taken for nothing."""
    inbox.erase(session, [message.inbox_id])
    local_chat.erase_positions(session, [message.inbox_id])


def due(session: Session, now: datetime, limit: int = 500) -> Sequence[tuple[Draft, Account]]:
    """The open drafts that the clock should ask for, with their accounts."""
    rows = session.execute(
        select(Draft, Account)
        .join(Account, Account.id == Draft.account_id)
        .where(Draft.state == "open", Draft.due_at <= now, (Draft.asked_at.is_(None)) | (Draft.asked_at < Draft.due_at))
        .order_by(Draft.due_at)
        .limit(limit)
    )
    return [(draft, account) for draft, account in rows]


def add_late_photos(session: Session, late: Patrol, message: Message, account_id: int, now: datetime) -> None:
    """Add photos that belong to a submitted patrol, and judge it again."""
    for photo in kept_photos(session, message):
        session.add(_late_part(message, late.id, photo.id))
    session.flush()
    patrol.add_photos(session, late, len(message.photos), account_id, now)


def add_late_words(session: Session, late: Patrol, message: Message, account_id: int, now: datetime) -> None:
    """Add words to the note of a submitted patrol; that they came later stays visible."""
    part = _part(None, message, "text", text=message.text)
    part.patrol_id = late.id
    session.add(part)
    patrol.add_note(session, late, message.text, account_id, now)


def patrol_answered(session: Session, message: Message) -> int | None:
    """The patrol whose receipt a message answers."""
    found = answered(session, message)
    return found.patrol_id if found else None


def answered(session: Session, message: Message) -> Outbox | None:
    """Our message that a message answers."""
    if message.reply_to:
        return session.get(Outbox, message.reply_to)
    if message.reply_to_platform:
        shown = outbox.shown_as(session, message.channel, message.chat_id, [message.reply_to_platform])
        return session.get(Outbox, shown) if shown else None
    return None


def patrol_of_album(session: Session, account_id: int, group_id: str) -> int | None:
    """The patrol that other photos of an album belong to, where it was submitted before this one came."""
    same = select(Part.patrol_id).join(Draft, Draft.id == Part.draft_id)
    return session.scalar(
        same.where(Part.group_id == group_id, Part.patrol_id.is_not(None), Draft.account_id == account_id).limit(1)
    )


def part_of_message(session: Session, account_id: int, message_ref: str, kind: str) -> tuple[Part, Draft] | None:
    """The part that a person's earlier message brought, with its draft."""
    same = select(Part, Draft).join(Draft, Draft.id == Part.draft_id)
    row = session.execute(
        same.where(Part.message_ref == message_ref, Part.kind == kind, Draft.account_id == account_id).limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _late_part(message: Message, patrol_id: int, photo_id: int) -> Part:
    """A photo that joins a patrol without a draft."""
    return Part(
        patrol_id=patrol_id, inbox_id=message.inbox_id, kind="photo", sent_at=message.sent_at,
        received_at=message.received_at, photo_id=photo_id,
    )  # fmt: skip


def _submission(session: Session, draft: Draft, parts: Sequence[Part]) -> patrol.Submission:
    if not parts:
        raise Refused("draft.empty")
    location = location_of(session, draft)
    texts = [part.text for part in parts if part.text]
    placed = [p for p in parts if p.kind == "location" and location and (p.lon, p.lat) == (location.lon, location.lat)]
    return patrol.Submission(
        chief_id=draft.chief_id, inbox_id=parts[0].inbox_id,
        patrolled_at=placed[-1].sent_at if placed else parts[0].sent_at, location=location,
        photos=_own_photos(parts), note="\n".join(texts) or None,
        problem=Problem(draft.problem_type) if draft.problem_type else None, chosen_grid=draft.grid_version_id,
        account_id=draft.account_id,
    )  # fmt: skip


def _same_digits(part: Part, place: Location) -> bool:
    if part.lon is None or part.lat is None:
        return False
    return max(abs(part.lon - place.lon), abs(part.lat - place.lat)) < _SAME_DEGREES


def _own_photos(parts: Sequence[Part]) -> int:
    return sum(part.kind == "photo" and not part.forwarded for part in parts)


def kept_photos(session: Session, message: Message) -> list[Photo]:
    """Write down the photos of a message; their files are fetched and opened later."""
    photos = [
        Photo(
            channel=message.channel, chat_id=message.chat_id, ref=ref.ref, original=ref.original, sha256=ref.sha256,
            size=ref.size, state="stored" if ref.sha256 else "to_fetch", received_at=message.received_at,
            unique_ref=ref.unique,
        )
        for ref in message.photos
    ]  # fmt: skip
    session.add_all(photos)
    session.flush()
    return photos


def _located(draft: Draft, message: Message, location: Location) -> Part:
    part = _part(draft, message, "location")
    part.lon, part.lat, part.accuracy_m = location.lon, location.lat, location.accuracy_m
    part.source, part.datum, part.raw_position = location.source, location.datum, location.raw
    part.live_until, part.message_ref = message.live_until, message.message_ref
    part.forwarded = location.forwarded or message.forwarded
    return part


def _photo_part(draft: Draft, message: Message, photo: Photo) -> Part:
    part = _part(draft, message, "photo")
    part.photo_id, part.group_id, part.forwarded = photo.id, message.group_id, message.forwarded
    return part


def _part(draft: Draft | None, message: Message, kind: str, text: str | None = None) -> Part:
    return Part(
        draft_id=draft.id if draft else None, inbox_id=message.inbox_id, kind=kind, sent_at=message.sent_at,
        received_at=message.received_at, text=text, message_ref=message.message_ref if text else None,
        forwarded=False,
    )  # fmt: skip
