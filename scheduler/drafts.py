"""Drafts that are due (到时的草稿): the clock asks the worker for them through the inbox."""

from datetime import datetime

from sqlalchemy import Engine

from models.engine import reading, transaction
from scheduler.asking import ask
from services import draft, inbox


def ask_for_due(engine: Engine, now: datetime) -> int:
    """Put a message into the inbox for each draft that is due; gives how many there were."""
    with reading(engine) as session:
        if not draft.due(session, now, limit=1):
            return 0
    with transaction(engine) as session:
        due = draft.due(session, now)
        asked = [
            ask(account, f"draft:{found.id}:{found.due_at.isoformat()}", now, draft_id=found.id)
            for found, account in due
        ]
        inbox.receive(session, asked)
        for found, _ in due:
            found.asked_at = now
    return len(due)
