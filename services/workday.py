"""Workdays (工作日): the table that plans are made from, filled ahead, corrected by hand."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from models.workday import Workday
from rules.workday import OFFICE, WEEKEND, workday
from services import mark
from services.refused import Refused

_AHEAD_DAYS = 400
_BACK_DAYS = 400
_MARGIN_DAYS = 40
_ZONE = "workday.zone"


def is_filled(session: Session, today: date, zone: ZoneInfo) -> bool:
    """Whether the table reaches far enough, in this zone."""
    last = session.scalar(select(func.max(Workday.day)))
    first = session.scalar(select(func.min(Workday.day)))
    reaches = last is not None and last >= today + timedelta(days=_AHEAD_DAYS - _MARGIN_DAYS)
    return bool(reaches and first and first <= today and mark.read(session, _ZONE) == zone.key)


def fill(session: Session, today: date, zone: ZoneInfo) -> None:
    """Write the days around a date anew; corrections by hand stay."""
    by_hand = dict(session.execute(select(Workday.day, Workday.works).where(Workday.source == OFFICE)).all())
    first, last = today - timedelta(days=_BACK_DAYS), today + timedelta(days=_AHEAD_DAYS)
    session.execute(delete(Workday))
    session.execute(insert(Workday), rows_of(first, last, zone, by_hand))
    mark.write(session, _ZONE, zone.key)
    mark.new_edition(session, "workdays")


def correct(session: Session, day: date, works: bool, today: date, zone: ZoneInfo) -> None:
    """Say by hand whether people work on a day, such as one that nothing was announced for yet."""
    if session.get(Workday, day) is None:
        fill(session, today, zone)
    row = session.get(Workday, day)
    if row is None:
        raise Refused("duty.day_too_far", day=day)
    row.works, row.source = works, OFFICE
    session.flush()
    fill(session, today, zone)


def unknown_years(session: Session, until: date) -> list[int]:
    """The years until a date of which the table holds weekdays only: nothing was announced when it was filled."""
    days = session.scalars(select(Workday.day).where(Workday.source == WEEKEND, Workday.day <= until))
    return sorted({day.year for day in days})


def rows_of(first: date, last: date, zone: ZoneInfo, by_hand: dict[date, bool]) -> list[dict[str, object]]:
    """The rows of the days from `first` to `last`; beyond them a month is looked at for the next workday."""
    margin = timedelta(days=_MARGIN_DAYS)
    known = {
        day: (by_hand[day], OFFICE) if day in by_hand else workday(day) for day in _days(first - margin, last + margin)
    }
    last_work = _running(sorted(known), known)
    next_work = _running(sorted(known, reverse=True), known)
    return [
        {
            "day": day, "weekday": day.isoweekday(), "works": known[day][0], "next_work": next_work[day],
            "last_work": last_work[day], "noon_at": datetime.combine(day, time(12), zone), "source": known[day][1],
        }
        for day in _days(first, last)
    ]  # fmt: skip


def _running(days: list[date], known: dict[date, tuple[bool, str]]) -> dict[date, date]:
    found, latest = {}, days[0]
    for day in days:
        latest = day if known[day][0] else latest
        found[day] = latest
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
