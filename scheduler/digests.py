"""Weekly digests that are due (到时的周报): a trigger says the next time, the row keeps it."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Engine

from models.engine import reading, transaction
from models.schedule import Digest
from services import digest, inbox
from services.inbox import Delivery

USEFUL_FOR = timedelta(hours=24)
"""A digest that is later than this is left out: the next one says the same of another week."""
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def ask_for_due(engine: Engine, zone: ZoneInfo, now: datetime) -> int:
    """Put a message into the inbox for each digest that is due, and set its next time; gives how many there were."""
    with reading(engine) as session:
        if not digest.any_due(session, now):
            return 0
    with transaction(engine) as session:
        digest.enter_offices(session)
        due = digest.due(session, now)
        asked = [
            _ask(row, to, now) for row, to in due if to and row.next_at is not None and now - row.next_at < USEFUL_FOR
        ]
        inbox.receive(session, asked)
        for row, _ in due:
            row.next_at = next_time(row.weekday, row.minute, zone, now)
    return len(asked)


def next_time(weekday: int, minute: int, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When a weekly time comes next."""
    # By name: APScheduler counts Monday as 0.
    trigger = CronTrigger(day_of_week=_NAMES[weekday - 1], hour=minute // 60, minute=minute % 60, timezone=zone)
    found: datetime | None = trigger.get_next_fire_time(None, now + timedelta(seconds=1))
    return found


def _ask(row: Digest, chat_id: str, now: datetime) -> Delivery:
    said = {"kind": "digest_due", "channel": row.channel, "chat_id": chat_id, "user_id": row.user_id}
    key = f"digest:{row.id}:{row.next_at.isoformat() if row.next_at else ''}"
    return Delivery("clock", key, f"{row.channel}:{chat_id}", json.dumps(said), now)
