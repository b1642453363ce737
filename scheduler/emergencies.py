"""Emergencies that are over (到时的应急): the clock asks the worker to end them."""

import json
from datetime import datetime

from sqlalchemy import Engine

from models.account import Account
from models.emergency import Emergency
from models.engine import reading, transaction
from services import emergency, inbox
from services.inbox import Delivery


def ask_for_over(engine: Engine, now: datetime) -> int:
    """Put a message into the inbox for each emergency whose time has come; gives how many there were."""
    with reading(engine) as session:
        if not emergency.over(session, now, limit=1):
            return 0
    with transaction(engine) as session:
        over = emergency.over(session, now)
        inbox.receive(session, [_ask(found, account, now) for found, account in over])
        for found, _ in over:
            emergency.end(session, found.id, now)
    return len(over)


def _ask(found: Emergency, account: Account, now: datetime) -> Delivery:
    said = {
        "kind": "emergency_over", "emergency_id": found.id, "channel": account.channel, "chat_id": account.chat_id,
        "user_id": account.user_id,
    }  # fmt: skip
    return Delivery("clock", f"emergency:{found.id}", f"{account.channel}:{account.chat_id}", json.dumps(said), now)
