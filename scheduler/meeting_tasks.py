"""Tasks of meetings that are due (到期的会议任务): the clock asks the worker to remind of each once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from models.engine import reading, transaction
from scheduler.asking import ask
from services import inbox, meeting_task


def ask_for_due(engine: Engine, zone: ZoneInfo, now: datetime) -> int:
    """Put a message into the inbox for each task to be reminded of; gives how many there were."""
    with reading(engine) as session:
        if not meeting_task.to_remind(session, zone, now, limit=1):
            return 0
    with transaction(engine) as session:
        due = meeting_task.to_remind(session, zone, now)
        asked = [
            ask(account, f"meeting_task:{row.id}", now, kind="meeting_task_due", task_id=row.id) for row, account in due
        ]
        inbox.receive(session, asked)
        for row, _ in due:
            row.reminded_at = now
    return len(due)
