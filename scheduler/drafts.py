"""Drafts that are due (到时的草稿): the clock asks the worker for them through the inbox."""

import json
from datetime import datetime

from sqlalchemy import Engine

from models.account import Account
from models.draft import Draft
from models.engine import reading, transaction
from services import draft, inbox
from services.inbox import Delivery


def ask_for_due(engine: Engine, now: datetime) -> int:
    """Put a message into the inbox for each draft that is due; gives how many there were."""
    with reading(engine) as session:
        if not draft.due(session, now, limit=1):
            return 0
    with transaction(engine) as session:
        due = draft.due(session, now)
        inbox.receive(session, [_ask(found, account, now) for found, account in due])
        for found, _ in due:
            found.asked_at = now
    return len(due)


def _ask(found: Draft, account: Account, now: datetime) -> Delivery:
    said = {
        "draft_id": found.id, "channel": account.channel, "chat_id": account.chat_id, "user_id": account.user_id,
    }  # fmt: skip
    key = f"draft:{found.id}:{found.due_at.isoformat()}"
    return Delivery("clock", key, f"{account.channel}:{account.chat_id}", json.dumps(said), now)
