"""Emergencies that are over (到时的应急): the clock asks the worker to end them."""

from datetime import datetime

from sqlalchemy import Engine

from models.engine import reading, transaction
from scheduler.asking import ask
from services import emergency, inbox


def ask_for_over(engine: Engine, now: datetime) -> int:
    """Put a message into the inbox for each emergency whose time has come; gives how many there were."""
    with reading(engine) as session:
        if not emergency.over(session, now, limit=1):
            return 0
    with transaction(engine) as session:
        over = emergency.over(session, now)
        asked = [
            ask(account, f"emergency:{found.id}", now, kind="emergency_over", emergency_id=found.id)
            for found, account in over
        ]
        inbox.receive(session, asked)
        for found, _ in over:
            emergency.end(session, found.id, now)
    return len(over)
