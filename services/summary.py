"""The annual summary (年度总结): the figures of a period, summed from the kept counts."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.count import Count
from models.inbox import Redelivery
from models.meeting import Meeting
from models.patrol import Patrol
from models.referral import Referral
from rules.evidence import COUNTED, Reason
from rules.level import COUNTED_LEVELS
from rules.localtime import local_date
from services.count import UNASSIGNED

LEVELS = tuple(level.value for level in COUNTED_LEVELS)
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """Local dates from and to, both inclusive; `year` where they are a calendar year."""

    start: date
    end: date
    by_days: bool = False
    """Whether both days were named: then even a whole calendar year is a span of days."""

    @property
    def year(self) -> int | None:
        """The calendar year that this is, or None."""
        if self.by_days:
            return None
        whole = (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31)
        return self.start.year if whole and self.start.year == self.end.year else None

    @property
    def whole_months(self) -> bool:
        """Whether the kept counts, which know months only, can answer."""
        return self.start.day == 1 and (self.end + timedelta(days=1)).day == 1

    def months(self) -> list[str]:
        """Every month touched, `2023-01`."""
        first, last = self.start.year * 12 + self.start.month - 1, self.end.year * 12 + self.end.month - 1
        return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(first, last + 1)]


def year_span(year: int) -> Span:
    """A calendar year."""
    return Span(date(year, 1, 1), date(year, 12, 31))


def month_span(month: str) -> Span:
    """A local month such as `2023-01`."""
    year, number = int(month[:4]), int(month[5:])
    return Span(date(year, number, 1), date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1))


def figures(session: Session, span: Span, area: Area, zone: ZoneInfo, now: datetime) -> Figures:
    """The summary of an area (a district or a street) in a period; the keys are those of `summary --format json`."""
    streets = streets_of(session, area)
    tallies = _tallies(session, span, area, list(streets))
    counted = [row for row in tallies if row.verdict == COUNTED]
    whole_district = area.level != "street"
    return {
        "year": span.year,
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
        "timezone": zone.key,
        "as_of": now.isoformat(),
        "closed": span.end < local_date(now, zone),
        "area": {"code": area.code, "name": area.name},
        "counted": _by_level(counted),
        "meetings": sum(_meetings(session, span, area).values()) if whole_district else None,
        "referrals": referrals(session, span, area),
        "by_street": _by_street(streets, counted, whole_district),
        "by_month": {month: _by_level([r for r in counted if r.month == month]) for month in span.months()},
        "meetings_by_month": _meetings_by_month(session, span, area) if whole_district else None,
        "not_counted": _not_counted(session, span, area, list(streets), tallies),
    }


def referrals(session: Session, span: Span, area: Area) -> int:
    """How many leads of a district or street were handed over to the procuratorate (移交检察) in a period."""
    here = Referral.street_code == area.code if area.level == "street" else Referral.area_code == area.code
    handed = select(func.count()).select_from(Referral).where(here, Referral.handed_on.between(span.start, span.end))
    return session.scalar(handed) or 0


def streets_of(session: Session, area: Area) -> dict[str, str]:
    """Code and name of the streets of an area, in the order of their codes."""
    own = Area.code == area.code if area.level == "street" else Area.parent_code == area.code
    rows = session.execute(select(Area.code, Area.name).where(Area.level == "street", own).order_by(Area.code))
    return {row.code: row.name for row in rows}


def _tallies(session: Session, span: Span, area: Area, streets: list[str]) -> list[Row[Any]]:
    if span.whole_months:
        table, when, n = Count, Count.month.between(span.months()[0], span.months()[-1]), func.sum(Count.n)
        keys = (Count.month, Count.street_code, Count.level, Count.verdict)
        here = Count.street_code.in_(_with_unassigned(area, streets))
        query = select(*(key.label(key.key) for key in keys), n.label("n")).where(when, here).group_by(*keys)
        return list(session.execute(query.select_from(table)))
    return list(session.execute(_from_patrols(span, area, streets)))


def _from_patrols(span: Span, area: Area, streets: list[str]) -> Any:
    # A period that cuts a month is counted from the patrols themselves: the kept counts know months only.
    rows = (
        select(
            func.substr(cast(Patrol.patrolled_on, Text), 1, 7).label("month"),
            func.coalesce(Patrol.street_code, UNASSIGNED).label("street_code"),
            func.coalesce(Patrol.level, UNASSIGNED).label("level"),
            func.coalesce(Patrol.reason, Patrol.verdict).label("verdict"),
        )
        .where(Patrol.patrolled_on.between(span.start, span.end))
        .subquery()
    )
    here = rows.c.street_code.in_(_with_unassigned(area, streets))
    return select(*rows.c, func.count().label("n")).where(here).group_by(*rows.c)


def _with_unassigned(area: Area, streets: list[str]) -> list[str]:
    return streets if area.level == "street" else [*streets, UNASSIGNED]


def _by_level(rows: list[Row[Any]]) -> dict[str, int]:
    levels: Counter[str] = Counter()
    for row in rows:
        levels[row.level] += int(row.n)
    found = {level: levels[level] for level in LEVELS}
    return {**found, "total": sum(found.values())}


def _by_street(streets: dict[str, str], counted: list[Row[Any]], whole: bool) -> dict[str, dict[str, Any]]:
    def rows(code: str) -> list[Row[Any]]:
        return [row for row in counted if row.street_code == code]

    table = {code: {"name": name, **_by_level(rows(code))} for code, name in streets.items()}
    if whole and rows(UNASSIGNED):
        table[UNASSIGNED] = {"name": None, **_by_level(rows(UNASSIGNED))}
    return table


def _meetings(session: Session, span: Span, area: Area) -> Counter[str]:
    held = select(Meeting.held_on).where(
        Meeting.area_code == area.code, Meeting.voided_at.is_(None), Meeting.held_on.between(span.start, span.end)
    )
    return Counter(day.strftime("%Y-%m") for day in session.scalars(held))


def _meetings_by_month(session: Session, span: Span, area: Area) -> dict[str, int]:
    held = _meetings(session, span, area)
    return {month: held[month] for month in span.months()}


def _not_counted(
    session: Session, span: Span, area: Area, streets: list[str], tallies: list[Row[Any]]
) -> dict[str, int]:
    reasons = Counter({reason.value: 0 for reason in Reason})
    for row in tallies:
        if row.verdict in reasons:
            reasons[row.verdict] += int(row.n)
    reasons["duplicate"] += _repeated_patrols(session, span, area, streets)
    reasons["meeting_duplicate"] += _repeated_meetings(session, span, area)
    return dict(reasons)


def _repeated_patrols(session: Session, span: Span, area: Area, streets: list[str]) -> int:
    repeats = (
        select(func.count())
        .select_from(Redelivery)
        .join(Patrol, Patrol.inbox_id == Redelivery.inbox_id)
        .where(Patrol.patrolled_on.between(span.start, span.end))
        .where(func.coalesce(Patrol.street_code, UNASSIGNED).in_(_with_unassigned(area, streets)))
    )
    return session.scalar(repeats) or 0


def _repeated_meetings(session: Session, span: Span, area: Area) -> int:
    repeats = (
        select(func.count())
        .select_from(Redelivery)
        .join(Meeting, Meeting.inbox_id == Redelivery.inbox_id)
        .where(Meeting.held_on.between(span.start, span.end), Meeting.area_code == area.code)
    )
    return session.scalar(repeats) or 0
