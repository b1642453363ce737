"""The reminder loop (提醒循环): claims what is due, words it, and writes it into the outbox in the same commit."""

from datetime import datetime

from sqlalchemy import Engine

from bot.settings import Settings
from handlers.reminder import word
from models.engine import reading, transaction
from models.message import Priority
from rules.localtime import local_date
from services import outbox, reminder
from services.outbox import Said
from services.scene import scenes


class Reminders:
    """Says the reminders of one database; any number of processes may do so at once."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings

    def remind_once(self, now: datetime) -> int:
        """Claim and word a batch of what is due; gives how many were looked at."""
        with reading(self.engine) as session:
            if not reminder.any_due(session, now) and not outbox.any_late(session, now):
                return 0
        today = local_date(now, self.settings.zone)
        with transaction(self.engine) as session:
            reminder.note_late(session, outbox.drop_late(session, now), now)
            due, looked_at = reminder.claim(session, now, today)
            seen = scenes(session, due, today)
            outbox.put(
                session,
                (
                    Said(
                        one.channel, one.chat_id,
                        word(one, seen[one.id], today, one.language or self.settings.language), now, Priority.REMINDER,
                    )
                    for one in due
                ),
            )  # fmt: skip
        return looked_at
