"""The ledger of a period (台账): every patrol and meeting behind the figures, for the sheets of the workbook."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Chief
from models.grid import GridVersion
from models.inbox import Redelivery
from models.meeting import Meeting
from models.patrol import Patrol
from rules.evidence import COUNTED, Reason
from rules.localtime import local_date
from services import annual, apart, fulfilment, measure, problem_figures, tally
from services.measure import How
from services.summary import Figures, Span, streets_of

_AT_ONCE = 5000
_COLUMNS: list[Any] = [
    Patrol.number, Patrol.patrolled_at, Patrol.level, Patrol.verdict, Patrol.reason, Patrol.photos,
    Patrol.problem_type, Patrol.note, Chief.name.label("chief"), Area.name.label("street"),
    GridVersion.name.label("grid"),
]  # fmt: skip
"""What a row of the sheets shows: objects of a year's patrols would cost a tenth of the workbook."""


def gather(
    session: Session, span: Span, area: Area, zone: ZoneInfo, now: datetime, division: date | None = None
) -> Figures:
    """The annual figures with `grids`, `fulfilment`, `records`, `left_out`, `problem_records` and `held`.

    `grids` are those of the period, or with `division` those that were valid on that date, which `grids_since` tells.
    `records` and `left_out` are read as they are asked for: the session must stay open until they are written.
    """
    return {
        **annual.report(session, span, area, zone, now),
        "grids": _grids(session, span, area, division, local_date(now, zone)),
        "grids_since": division.isoformat() if division else None,
        "fulfilment": _fulfilment(session, span, area, local_date(now, zone)),
        "records": _records(session, span, area, zone),
        "left_out": _left_out(session, span, area, zone),
        "problem_records": problem_figures.records(session, span, area, zone, now),
        **apart.listings(session, span, area, local_date(now, zone)),
        "held": [_meeting(one) for one in reversed(tally.meetings(session, span, area))],
    }


def asked(span: Span, area: Area, zone: ZoneInfo, division: date | None = None) -> dict[str, Any]:
    """A period and an area as an attachment carries them, so that the ledger is read only when it is sent."""
    return {
        "from": span.start.isoformat(), "to": span.end.isoformat(), "by_days": span.by_days, "area": area.code,
        "timezone": zone.key, "division": division.isoformat() if division else None,
    }  # fmt: skip


def answered(session: Session, carried: dict[str, Any], now: datetime) -> Figures:
    """The ledger that an attachment asked for."""
    span = Span(date.fromisoformat(carried["from"]), date.fromisoformat(carried["to"]), carried["by_days"])
    day = carried.get("division")
    division = date.fromisoformat(day) if day else None
    return gather(session, span, session.get_one(Area, carried["area"]), ZoneInfo(carried["timezone"]), now, division)


def _grids(session: Session, span: Span, area: Area, division: date | None, today: date) -> list[dict[str, Any]]:
    found = (
        measure.measured(session, span, area, "grid", How(division=division), today).rows
        if division else tally.by_grid(session, span, area)
    )  # fmt: skip
    counted = {row.key: row.n for row in found}
    nowhere = counted.pop(tally.NONE, 0)
    versions = select(GridVersion, Area.name).join(Area, Area.code == GridVersion.street_code)
    versions = versions.where(GridVersion.id.in_([int(key) for key in counted])).order_by(GridVersion.code)
    rows: list[dict[str, Any]] = [
        {
            "code": grid.code, "name": grid.name, "street": street, "from": grid.valid_from, "to": grid.valid_to,
            "n": counted[str(grid.id)],
        }
        for grid, street in session.execute(versions)
    ]  # fmt: skip
    none = {"code": None, "name": None, "street": None, "from": None, "to": None, "n": nowhere}
    return [*rows, *([none] if nowhere else [])]


def _fulfilment(session: Session, span: Span, area: Area, today: date) -> list[dict[str, Any]]:
    names = {area.code: area.name, **streets_of(session, area)}
    return [
        {"street": names[row.street_code], "level": row.level, "owed": row.owed, "done": row.done}
        for row in fulfilment.by_street(session, span, area, today)
    ]


def _patrols(session: Session, span: Span, area: Area) -> Any:
    return (
        select(*_COLUMNS)
        .join(Chief, Chief.id == Patrol.chief_id)
        .outerjoin(Area, Area.code == Patrol.street_code)
        .outerjoin(GridVersion, GridVersion.id == Patrol.grid_version_id)
        .where(*tally.patrols_in(session, span, area))
        .order_by(Patrol.patrolled_on, Patrol.patrolled_at, Patrol.id)
        .execution_options(yield_per=_AT_ONCE)
    )


def _records(session: Session, span: Span, area: Area, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    for row in session.execute(_patrols(session, span, area)):
        yield _row(zone, row)


def _left_out(session: Session, span: Span, area: Area, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    for row in session.execute(_patrols(session, span, area).where(Patrol.verdict != COUNTED)):
        yield _row(zone, row)
    again = _patrols(session, span, area).join(Redelivery, Redelivery.inbox_id == Patrol.inbox_id)
    for row in session.execute(again):
        yield {**_row(zone, row), "reason": Reason.DUPLICATE.value}
    held = select(Meeting).join(Redelivery, Redelivery.inbox_id == Meeting.inbox_id)
    held = held.where(Meeting.area_code == area.code, Meeting.held_on.between(span.start, span.end))
    for meeting in session.scalars(held):
        blank = dict.fromkeys(("number", "level", "chief", "street", "grid", "problem"))
        at = meeting.held_at.astimezone(zone)
        yield {**blank, "at": at, "reason": Reason.MEETING_DUPLICATE.value, "photos": 0, "note": meeting.title}


def _row(zone: ZoneInfo, row: Any) -> dict[str, Any]:
    return {
        "number": row.number, "at": row.patrolled_at.astimezone(zone), "level": row.level, "chief": row.chief,
        "street": row.street, "grid": row.grid, "verdict": row.verdict,
        "reason": row.reason or (None if row.verdict == COUNTED else row.verdict),
        "photos": row.photos, "problem": row.problem_type, "note": row.note,
    }  # fmt: skip


def _meeting(one: Meeting) -> dict[str, Any]:
    return {"on": one.held_on, "title": one.title, "place": one.place, "attendees": one.attendees, "note": one.note}
