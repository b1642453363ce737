"""The clocks of problems (办理时限): started, paused, resumed, and what is said when they ring."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.problem import Problem, ProblemDeadline
from rules.localtime import local_date
from rules.problem_clock import is_night, said_at
from rules.problem_flow import OPEN
from services import problem_rule

BATCH = 200


@dataclass(frozen=True, slots=True)
class Alarm:
    """A problem of which something is to be said now: `warn`, or `overdue`."""

    problem: Problem
    kind: str


def start(session: Session, problem: Problem, since: datetime, zone: ZoneInfo) -> None:
    """Start the clock at an instant by the urgency and its local date; the time that it waited since is added."""
    row = problem_rule.deadline_on(session, problem.severity, local_date(since, zone))
    problem.deadline_id, problem.clock_at = row.id if row else None, since
    problem.warn_at = problem.due_at = problem.alarm_at = problem.overdue_at = None
    if row is None:
        return
    problem.due_at = _later(problem_rule.due_at(session, row, since, zone), problem.paused_s)
    problem.warn_at = _later(problem.due_at, -row.warn_s)
    _set(session, problem, zone)


def grade(session: Session, problem: Problem, severity: str, zone: ZoneInfo) -> None:
    """Give it another urgency: the clock counts from where it began."""
    problem.severity = severity
    start(session, problem, problem.clock_at, zone)
    if problem.paused_at is not None:
        problem.alarm_at = None


def pause(problem: Problem, now: datetime) -> None:
    """Let the clock wait for others."""
    problem.paused_at, problem.alarm_at = now, None


def resume(session: Session, problem: Problem, zone: ZoneInfo, now: datetime) -> None:
    """Let the clock run on: everything moves by the time that it waited."""
    if problem.paused_at is None:
        return
    waited = int((now - problem.paused_at).total_seconds())
    problem.paused_at, problem.paused_s = None, problem.paused_s + waited
    problem.due_at = _later(problem.due_at, waited) if problem.due_at else None
    problem.warn_at = _later(problem.warn_at, waited) if problem.warn_at else None
    _set(session, problem, zone)


def stop(problem: Problem) -> None:
    """Nothing more is said of it."""
    problem.alarm_at = problem.paused_at = None


def again(session: Session, problem: Problem, zone: ZoneInfo, now: datetime) -> None:
    """Start anew: it was closed or returned, and is open again."""
    problem.paused_s = 0
    start(session, problem, now, zone)


def any_ringing(session: Session, now: datetime) -> bool:
    """Whether a clock has something to say."""
    return session.scalar(select(Problem.id).where(Problem.alarm_at <= now).limit(1)) is not None


def claim(session: Session, zone: ZoneInfo, now: datetime, limit: int = BATCH) -> tuple[list[Alarm], int]:
    """Claim the clocks that ring; locked until the end, each said once. Gives them, and how many were looked at.

    What came through a downtime into the night waits for the morning unless it is pressing.
    """
    ringing = select(Problem).where(Problem.alarm_at <= now).order_by(Problem.alarm_at, Problem.id).limit(limit)
    rows = session.scalars(ringing.with_for_update(skip_locked=True)).all()
    rules = {row.id: row for row in session.scalars(select(ProblemDeadline))} if rows else {}
    said: list[Alarm] = []
    for problem in rows:
        row = rules.get(problem.deadline_id or 0)
        if row and not row.at_night and is_night(now, zone):
            problem.alarm_at = said_at(problem_rule.rules_of(row), now, zone)
            continue
        kind = "overdue" if problem.due_at and problem.due_at <= now else "warn"
        if problem.state in OPEN:
            said.append(Alarm(problem, kind))
        _told(session, problem, kind, zone, now)
    return said, len(rows)


def is_overdue(problem: Problem, now: datetime) -> bool:
    """Whether a problem is open past its time; a paused clock is never late."""
    late = problem.due_at is not None and problem.due_at <= now
    return late and problem.paused_at is None and problem.state in OPEN


def _told(session: Session, problem: Problem, kind: str, zone: ZoneInfo, now: datetime) -> None:
    if kind == "overdue":
        problem.overdue_at, problem.alarm_at = now, None
        return
    row = session.get(ProblemDeadline, problem.deadline_id) if problem.deadline_id else None
    due = problem.due_at
    problem.warn_at = None
    problem.alarm_at = said_at(problem_rule.rules_of(row), due, zone) if row and due else None


def _set(session: Session, problem: Problem, zone: ZoneInfo) -> None:
    """The next thing to be said: the warning, else that it is overdue."""
    row = session.get(ProblemDeadline, problem.deadline_id) if problem.deadline_id else None
    first = None if problem.overdue_at else problem.warn_at or problem.due_at
    problem.alarm_at = said_at(problem_rule.rules_of(row), first, zone) if row and first else None


def _later(moment: datetime, seconds: int) -> datetime:
    return moment + timedelta(seconds=seconds)
