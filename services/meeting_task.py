"""What meetings resolved to have done (会议任务): set, reminded of once, done or overdue."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from models.account import Account
from models.chief import Chief
from models.meeting import Meeting
from models.meeting_record import MeetingTask
from rules.localtime import local_date
from services import meeting_record, reach
from services.refused import Refused
from services.summary import Span

LONGEST = 500
REMIND_FROM, REMIND_TO = time(9, 10), time(18, 0)
"""Nobody is reminded outside these local times; ten past, because everything else comes on the hour."""
BEFORE = timedelta(days=1)
"""How long before its last day the reminder comes."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it is listed."""

    row: MeetingTask
    meeting: Meeting
    owner: str | None

    def overdue(self, today: date) -> bool:
        """Whether its last day is over and it is not done."""
        return self.row.done_at is None and self.row.due_on is not None and self.row.due_on < today


def add(
    session: Session, found: Meeting, text: str, owner_id: int | None, due_on: date | None, account_id: int,
    now: datetime,
) -> MeetingTask:  # fmt: skip
    """Set a task; raises `Refused` for one without words, or too long."""
    if not text:
        raise Refused("meeting_task.empty")
    if len(text) > LONGEST:
        raise Refused("meeting_record.too_long", most=LONGEST)
    row = MeetingTask(
        meeting_id=found.id, text=text, owner_id=owner_id, due_on=due_on, account_id=account_id, set_at=now
    )
    session.add(row)
    session.flush()
    meeting_record.note(session, found.id, "task_set", None, text, account_id, now)
    return row


def find(session: Session, task_id: int) -> Task:
    """A task; raises `Refused` where it is gone, or its meeting."""
    row = session.execute(_tasks().where(MeetingTask.id == task_id)).one_or_none()
    if row is None:
        raise Refused("meeting_task.unknown")
    return Task(*row)


def done(session: Session, task: Task, account_id: int, now: datetime) -> None:
    """Note that a task is done; raises `Refused` where it was before."""
    if task.row.done_at is not None:
        raise Refused("meeting_task.done_before", text=task.row.text)
    task.row.done_at, task.row.done_by = now, account_id
    meeting_record.note(session, task.meeting.id, "task_done", None, task.row.text, account_id, now)


def reopen(session: Session, task: Task, account_id: int, now: datetime) -> None:
    """Note that a task is not done after all."""
    if task.row.done_at is None:
        raise Refused("meeting_task.is_open", text=task.row.text)
    task.row.done_at = task.row.done_by = None
    meeting_record.note(session, task.meeting.id, "task_reopened", None, task.row.text, account_id, now)


def void(session: Session, task: Task, account_id: int, now: datetime) -> None:
    """Take a task off; the row stays."""
    task.row.voided_at = now
    meeting_record.note(session, task.meeting.id, "task_voided", task.row.text, None, account_id, now)


def own(session: Session, task: Task, owner_id: int | None) -> None:
    """Give a task its owner."""
    task.row.owner_id = owner_id
    session.flush()


def of_meeting(session: Session, meeting_id: int) -> list[Task]:
    """The tasks of a meeting, in the order of setting."""
    rows = session.execute(_tasks().where(MeetingTask.meeting_id == meeting_id).order_by(MeetingTask.id))
    return [Task(*row) for row in rows]


def open_in(session: Session, area_code: str) -> list[Task]:
    """The open tasks of an area's meetings, the most urgent first, those without a last day at the end."""
    rows = _tasks().where(Meeting.area_code == area_code, MeetingTask.done_at.is_(None))
    found = [Task(*row) for row in session.execute(rows.order_by(MeetingTask.id))]
    return sorted(found, key=lambda task: task.row.due_on or date.max)


def to_remind(session: Session, zone: ZoneInfo, now: datetime, limit: int = 100) -> list[tuple[MeetingTask, Account]]:
    """The tasks to be reminded of now, each with its account: the owner's, else that of whoever set it; locked."""
    local = now.astimezone(zone)
    if not REMIND_FROM <= local.time().replace(tzinfo=None) < REMIND_TO:
        return []
    today = local_date(now, zone)
    # Whoever was given it today has just been told.
    before_today = MeetingTask.set_at < datetime.combine(today, time(), zone)
    due = (_open(), MeetingTask.reminded_at.is_(None), MeetingTask.due_on <= today + BEFORE, before_today)
    rows = session.scalars(
        select(MeetingTask)
        .join(Meeting, Meeting.id == MeetingTask.meeting_id)
        .where(*due, Meeting.voided_at.is_(None))
        .limit(limit)
        .with_for_update(skip_locked=True, of=MeetingTask)
    ).all()
    return [(row, _account(session, row)) for row in rows]


def figures(session: Session, span: Span, area_code: str, today: date) -> dict[str, int]:
    """`set`, `done`, `overdue` of the meetings that an area held in a period."""
    held = (Meeting.area_code == area_code, Meeting.held_on.between(span.start, span.end))
    rows = [Task(*row) for row in session.execute(_tasks().where(*held))]
    return {
        "set": len(rows), "done": sum(task.row.done_at is not None for task in rows),
        "overdue": sum(task.overdue(today) for task in rows),
    }  # fmt: skip


def listing(session: Session, span: Span, area_code: str) -> list[Task]:
    """Every task of the meetings that an area held in a period."""
    held = (Meeting.area_code == area_code, Meeting.held_on.between(span.start, span.end))
    return [Task(*row) for row in session.execute(_tasks().where(*held).order_by(Meeting.held_on, MeetingTask.id))]


def _account(session: Session, row: MeetingTask) -> Account:
    owner = reach.account_of(session, row.owner_id) if row.owner_id else None
    return owner or session.get_one(Account, row.account_id)


def _open() -> ColumnElement[bool]:
    return MeetingTask.done_at.is_(None) & MeetingTask.voided_at.is_(None)


def _tasks() -> Select[MeetingTask, Meeting, str]:
    rows = select(MeetingTask, Meeting, Chief.name).join(Meeting, Meeting.id == MeetingTask.meeting_id)
    rows = rows.outerjoin(Chief, Chief.id == MeetingTask.owner_id)
    return rows.where(MeetingTask.voided_at.is_(None), Meeting.voided_at.is_(None))
