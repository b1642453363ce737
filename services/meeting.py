"""Dispatch meetings (调度会): registered once, counted apart from patrols."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.area import Area
from models.meeting import Meeting
from rules.localtime import local_date
from services.refused import Refused


def is_district(session: Session, code: str) -> bool:
    """Whether an area is a district."""
    area = session.get(Area, code)
    return area is not None and area.level == "district"


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
    return int(session.execute(insert(Meeting).values(values).returning(Meeting.id)).scalar_one())
