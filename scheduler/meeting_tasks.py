"""Tasks of meetings that are due (到期的会议任务): the clock asks the worker to remind of each once."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from models.account import Account
from models.engine import reading, transaction
from models.meeting_record import MeetingTask
from services import inbox, meeting_task
from services.inbox import Delivery


def ask_for_due(engine: Engine, zone: ZoneInfo, now: datetime) -> int:
    """Put a message into the inbox for each task to be reminded of; gives how many there were."""
    with reading(engine) as session:
        if not meeting_task.to_remind(session, zone, now, limit=1):
            return 0
    with transaction(engine) as session:
        due = meeting_task.to_remind(session, zone, now)
        inbox.receive(session, [_ask(row, account, now) for row, account in due])
        for row, _ in due:
            row.reminded_at = now
    return len(due)


def _ask(row: MeetingTask, account: Account, now: datetime) -> Delivery:
    said = {
        "kind": "meeting_task_due", "task_id": row.id, "channel": account.channel, "chat_id": account.chat_id,
        "user_id": account.user_id,
    }  # fmt: skip
    return Delivery("clock", f"meeting_task:{row.id}", f"{account.channel}:{account.chat_id}", json.dumps(said), now)
