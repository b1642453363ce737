"""The reminder loop (提醒循环): claims what is due, words it, and writes it into the outbox in the same commit."""

from datetime import date, datetime

from sqlalchemy import Engine

from bot.settings import Settings
from handlers.reminder import word
from models.engine import reading, transaction
from models.message import Priority
from rules.localtime import local_date
from services import outbox, reminder
from services.outbox import Said
from services.reminder import Due
from services.scene import Scene, scenes


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
            outbox.put(session, (self._said(one, seen[one.id], today, now) for one in due))
        return looked_at

    def _said(self, due: Due, scene: Scene, today: date, now: datetime) -> Said:
        reply = word(due, scene, today, due.to.language or self.settings.language)
        return Said(due.to.channel, due.to.chat_id, reply, now, Priority.REMINDER)
