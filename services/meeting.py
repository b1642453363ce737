"""Dispatch meetings (调度会): registered once, counted apart from patrols."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.area import Area
from models.meeting import Meeting
from rules.localtime import local_date
from services import audit
from services.refused import Refused

LONGEST_TITLE = 200

TAKE_BACK_FOR = timedelta(hours=24)
"""How long a meeting can be taken back by whoever registered it."""


def is_district(session: Session, code: str) -> bool:
    """Whether an area is a district."""
    area = session.get(Area, code)
    return area is not None and area.level == "district"


def check(title: str, held_on: date, today: date) -> None:
    """Raises `Refused` for a meeting that was not held yet, or whose title is no title."""
    if held_on > today:
        raise Refused("meeting.in_future")
    if len(title) > LONGEST_TITLE:
        raise Refused("meeting.title_too_long", most=LONGEST_TITLE)


def same(session: Session, area_code: str, held_on: date, title: str) -> bool:
    """Whether a meeting of this title and local date counts already."""
    there = select(Meeting.title).where(
        Meeting.area_code == area_code, Meeting.held_on == held_on, Meeting.voided_at.is_(None)
    )
    return any(_spelling(known) == _spelling(title) for known in session.scalars(there))


def begun_at(held_on: date, now: datetime, zone: ZoneInfo) -> datetime:
    """When a meeting of a local date is said to have begun: now for one of today, else at noon."""
    return now if held_on == local_date(now, zone) else datetime.combine(held_on, time(12), zone).astimezone(UTC)


def take_back(session: Session, meeting_id: int, account_id: int, now: datetime) -> Meeting:
    """Void a meeting that the same account registered; raises `Refused` where it is too late, or done before."""
    found = session.get(Meeting, meeting_id)
    if found is None or found.account_id != account_id:
        raise Refused("meeting.not_yours")
    if found.voided_at is not None:
        raise Refused("meeting.taken_back_before", title=found.title)
    if found.registered_at <= now - TAKE_BACK_FOR:
        raise Refused("meeting.too_late")
    found.voided_at = now
    who = audit.by_account(account_id)
    audit.note(session, who, "meeting.taken_back", f"meeting:{found.id}", found.area_code, audit.DONE, now)
    return found


def register(
    session: Session, *, area_code: str, held_at: datetime, title: str, inbox_id: int, zone: ZoneInfo, now: datetime,
    place: str | None = None, attendees: int | None = None, note: str | None = None, chief_id: int | None = None,
    account_id: int | None = None,
) -> int:  # fmt: skip
    """Register a meeting under its local date and give its id; raises `Refused` for one that has not begun."""
    if held_at > now:
        raise Refused("meeting.in_future")
    values = {
        "area_code": area_code, "held_at": held_at, "held_on": local_date(held_at, zone), "title": title,
        "place": place, "attendees": attendees, "note": note, "chief_id": chief_id, "account_id": account_id,
        "registered_at": now, "inbox_id": inbox_id,
    }  # fmt: skip
    meeting_id = int(session.execute(insert(Meeting).values(values).returning(Meeting.id)).scalar_one())
    who = audit.by_account(account_id) if account_id else f"chief:{chief_id}"
    audit.note(session, who, "meeting.registered", f"meeting:{meeting_id}", area_code, audit.DONE, now)
    return meeting_id


def _spelling(title: str) -> str:
    return "".join(title.casefold().split())
