"""What a dispatch meeting was about (调度会记录): chair, attendees, topics, resolutions, minutes; all optional."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, literal, or_, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Chief, Post
from models.document import Document
from models.meeting import Meeting
from models.meeting_record import MeetingAttendee, MeetingEvent, MeetingPaper
from models.upsert import insert_or
from rules.naming import person_name
from services import audit
from services.refused import Refused

FIELDS = ("chair", "topics", "resolutions")
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Member:
    """A chief with the area of one of the posts, to tell two of one name apart."""

    chief_id: int
    name: str
    area: str


def find(session: Session, meeting_id: int, area_code: str) -> Meeting:
    """A meeting of an area; raises `Refused` for one of another, or that was taken back."""
    found = session.get(Meeting, meeting_id)
    if found is None or found.area_code != area_code:
        raise Refused("meeting.not_yours")
    if found.voided_at is not None:
        raise Refused("meeting.taken_back_before", title=found.title)
    return found


def latest(session: Session, area_code: str, limit: int, offset: int) -> tuple[Sequence[Meeting], int]:
    """A page of the meetings of an area that count, newest first, and how many there are."""
    held = select(Meeting).where(Meeting.area_code == area_code, Meeting.voided_at.is_(None))
    rows = session.scalars(held.order_by(Meeting.held_on.desc(), Meeting.id.desc())).all()
    return rows[offset : offset + limit], len(rows)


def write(session: Session, found: Meeting, field: str, value: str, account_id: int, now: datetime) -> None:
    """Write down the chair, the topics or the resolutions; what stood there stays in the event."""
    if len(value) > LONGEST:
        raise Refused("meeting_record.too_long", most=LONGEST)
    note(session, found.id, field, getattr(found, field), value, account_id, now)
    setattr(found, field, value)


def attend(session: Session, found: Meeting, chief_ids: Collection[int], account_id: int, now: datetime) -> None:
    """Note that chiefs attended; one who is noted already stays so."""
    there = {member.chief_id for member in attendees(session, found)}
    new = [chief_id for chief_id in dict.fromkeys(chief_ids) if chief_id not in there]
    for chief_id in new:
        values = {"meeting_id": found.id, "chief_id": chief_id}
        session.execute(insert_or(session, MeetingAttendee).values(values).on_conflict_do_nothing())
        name = session.get_one(Chief, chief_id).name
        note(session, found.id, "attendee_added", None, name, account_id, now)


def leave_out(session: Session, found: Meeting, chief_id: int, account_id: int, now: datetime) -> None:
    """Take an attendee off again."""
    own = (MeetingAttendee.meeting_id == found.id, MeetingAttendee.chief_id == chief_id)
    if session.execute(delete(MeetingAttendee).where(*own)).rowcount:  # type: ignore[attr-defined]
        name = session.get_one(Chief, chief_id).name
        note(session, found.id, "attendee_removed", name, None, account_id, now)


def attendees(session: Session, found: Meeting) -> list[Member]:
    """Who attended, in the order of their codes."""
    rows = _members(found.held_on).join(MeetingAttendee, MeetingAttendee.chief_id == Chief.id)
    return _distinct(session, rows.where(MeetingAttendee.meeting_id == found.id))


def likely(session: Session, found: Meeting, limit: int, offset: int) -> tuple[list[Member], int]:
    """A page of the chiefs of the district and its streets who are not noted yet, and how many there are."""
    there = {member.chief_id for member in attendees(session, found)}
    here = (Post.level.in_(("district", "street")), Post.area_code.startswith(found.area_code))
    all_ = [one for one in _distinct(session, _members(found.held_on).where(*here)) if one.chief_id not in there]
    return all_[offset : offset + limit], len(all_)


def named(session: Session, found: Meeting, name: str) -> list[Member]:
    """The chiefs of a name in the meeting's area."""
    here = Post.area_code.startswith(found.area_code)
    return _distinct(session, _members(found.held_on).where(Chief.name == person_name(name), here))


def name_of(session: Session, chief_id: int) -> str:
    """The name of a chief."""
    return session.get_one(Chief, chief_id).name


def leading(session: Session, found: Meeting, text: str) -> tuple[list[Member], str]:
    """The chiefs with whose name a text begins (the longest one), and what follows it."""
    here = Post.area_code.startswith(found.area_code)
    begins = literal(text).startswith(Chief.name)
    members = _distinct(session, _members(found.held_on).where(begins, here))
    longest = max((member.name for member in members), key=len, default="")
    return [member for member in members if member.name == longest], text[len(longest) :]


def add_papers(session: Session, found: Meeting, documents: Sequence[Document], account_id: int, now: datetime) -> None:
    """Add pages of the minutes."""
    for one in documents:
        session.add(MeetingPaper(meeting_id=found.id, document_id=one.id))
        note(session, found.id, "paper_added", None, one.name, account_id, now)
    session.flush()


def papers(session: Session, meeting_id: int) -> Sequence[Document]:
    """The pages of the minutes, in the order of their arrival."""
    own = select(Document).join(MeetingPaper, MeetingPaper.document_id == Document.id)
    return session.scalars(own.where(MeetingPaper.meeting_id == meeting_id).order_by(Document.id)).all()


def history(session: Session, meeting_id: int) -> Sequence[MeetingEvent]:
    """What was changed, oldest first."""
    own = select(MeetingEvent).where(MeetingEvent.meeting_id == meeting_id)
    return session.scalars(own.order_by(MeetingEvent.id)).all()


def note(
    session: Session, meeting_id: int, what: str, before: str | None, after: str | None, account_id: int, now: datetime
) -> None:
    """Write down a change, in the meeting's history and in the audit."""
    audit.note(session, audit.by_account(account_id), f"meeting.{what}", f"meeting:{meeting_id}", None, audit.DONE, now)
    session.add(
        MeetingEvent(
            meeting_id=meeting_id, happened_at=now, account_id=account_id, what=what, before=before, after=after
        )
    )
    session.flush()


def _members(day: date) -> Any:
    holds = (Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day))
    rows = select(Chief.id, Chief.name, Area.name).join(Post, Post.chief_id == Chief.id)
    return rows.join(Area, Area.code == Post.area_code).where(*holds).order_by(Post.area_code, Chief.code, Post.id)


def _distinct(session: Session, rows: Any) -> list[Member]:
    found: dict[int, Member] = {}
    for chief_id, name, area in session.execute(rows):
        found.setdefault(chief_id, Member(chief_id, name, area))
    return list(found.values())
