"""The annual report (年报): the summary's figures, and what explains them."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.patrol import Patrol
from models.policy import Duty, Policy
from rules.evidence import COUNTED
from rules.localtime import local_date
from services import problem_figures, summary, tally, workload
from services.summary import Figures, Span


def report(session: Session, span: Span, area: Area, zone: ZoneInfo, now: datetime) -> Figures:
    """The figures of `summary.figures` with `before`, `problems`, `by_day`, `policies`, `duties`, `workload`
    and `problem_handling` (`problem_figures.figures`)."""
    return {
        **summary.figures(session, span, area, zone, now),
        "before": before(session, span, area, zone, now),
        "problems": _problems(session, span, area),
        "by_day": {day.isoformat(): n for day, n in tally.by_day(session, span, area)},
        "policies": policies(session, span),
        "duties": _duties(session, span),
        "workload": workload.book(session, span, area, zone),
        "problem_handling": problem_figures.figures(session, span, area, now),
    }


def before(session: Session, span: Span, area: Area, zone: ZoneInfo, now: datetime) -> Figures:
    """`from`, `to` and `counted` of the same days a year earlier, as far as the period has been reached."""
    reached = min(span.end, local_date(now, zone))
    earlier = Span(_a_year_before(span.start), _a_year_before(max(span.start, reached)), by_days=True)
    found = summary.figures(session, earlier, area, zone, now)
    return {"from": found["from"], "to": found["to"], "counted": found["counted"]}


def _a_year_before(day: date) -> date:
    # The last day of a February stays one: a whole month is compared with a whole month.
    last_of_february = day.month == 2 and day.day >= 28
    return date(day.year - 1, 3, 1) - date.resolution if last_of_february else day.replace(year=day.year - 1)


def _problems(session: Session, span: Span, area: Area) -> dict[str, int]:
    n = func.count().label("n")
    noted = (
        select(Patrol.problem_type, n)
        .where(Patrol.problem_type.is_not(None), Patrol.verdict == COUNTED, *tally.patrols_in(session, span, area))
        .group_by(Patrol.problem_type)
        .order_by(n.desc(), Patrol.problem_type)
    )
    return {str(kind): int(times) for kind, times in session.execute(noted)}


def policies(session: Session, span: Span) -> list[dict[str, Any]]:
    """The counting policies in force during a period, with their dates."""
    rows = select(Policy).where(Policy.valid_from <= span.end, _ends_after(Policy, span)).order_by(Policy.valid_from)
    fields = ("requires_location", "requires_photo", "max_outside_m", "repeat_window_s", "repeat_distance_m", "source")
    return [{**_dates(row), **{name: getattr(row, name) for name in fields}} for row in session.scalars(rows)]


def _duties(session: Session, span: Span) -> list[dict[str, Any]]:
    rows = select(Duty).where(Duty.valid_from <= span.end, _ends_after(Duty, span)).order_by(Duty.id)
    return [
        {**_dates(row), "level": row.level, "period": row.period, "times": row.times, "source": row.source}
        for row in session.scalars(rows)
    ]


def _ends_after(table: type[Policy] | type[Duty], span: Span) -> Any:
    return table.valid_to.is_(None) | (table.valid_to >= span.start)


def _dates(row: Policy | Duty) -> dict[str, str | None]:
    return {"from": row.valid_from.isoformat(), "to": row.valid_to.isoformat() if row.valid_to else None}
