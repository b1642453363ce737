"""The catalogue of problems and their deadlines (问题目录、办理时限) in force on a date."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.problem import ProblemDeadline, ProblemType
from models.workday import Workday
from rules.problem_clock import WORKDAYS, Deadline
from rules.problem_clock import due_at as due
from rules.workday import workday
from services.refused import Refused

OTHER = "other"
"""What a report without a type is."""


def types_on(session: Session, day: date, *, storm: bool = False) -> Sequence[ProblemType]:
    """What is offered on a local date, in the order of the buttons; `storm` for an emergency."""
    offered = ProblemType.storm if storm else ProblemType.listed
    rows = select(ProblemType).where(offered.is_(True), *_valid(ProblemType, day))
    return session.scalars(rows.order_by(ProblemType.place, ProblemType.id)).all()


def type_on(session: Session, code: str, day: date) -> ProblemType:
    """A kind of problem on a local date; raises `Refused` where the catalogue has none."""
    found = session.scalars(select(ProblemType).where(ProblemType.code == code, *_valid(ProblemType, day))).first()
    if found is None:
        raise Refused("chat.button_unknown")
    return found


def labels(session: Session) -> dict[str, str]:
    """The own name of each kind that has one, else its code, by its code; of several editions the latest."""
    rows = session.execute(select(ProblemType.code, ProblemType.name).order_by(ProblemType.valid_from))
    return {code: name or code for code, name in rows}


def deadline_on(session: Session, severity: str, day: date) -> ProblemDeadline | None:
    """How soon a problem of an urgency that was reported on a local date is to be dealt with; None without a rule."""
    rows = select(ProblemDeadline).where(ProblemDeadline.severity == severity, *_valid(ProblemDeadline, day))
    return session.scalars(rows).first()


def due_at(session: Session, row: ProblemDeadline, since: datetime, zone: ZoneInfo) -> datetime:
    """When a problem is due that was reported at `since`; workdays are those of the table, else of the calendar."""
    known: dict[date, bool] = {}
    if row.counts == WORKDAYS:
        known = dict(session.execute(select(Workday.day, Workday.works)).all())
    return due(rules_of(row), since, zone, lambda day: known.get(day, workday(day)[0]))


def rules_of(row: ProblemDeadline) -> Deadline:
    """The rule of a row."""
    return Deadline(row.amount, row.counts, row.warn_s, row.at_night)


def _valid(table: type[ProblemType] | type[ProblemDeadline], day: date) -> tuple[ColumnElement[bool], ...]:
    return table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to >= day)
