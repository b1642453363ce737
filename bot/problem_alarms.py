"""The clocks of problems (时限循环): what rings is claimed, worded and written into the outbox in one commit."""

from datetime import datetime

from sqlalchemy import Engine

from bot.settings import Settings
from handlers.problem_alarm import words
from models.engine import reading, transaction
from models.message import Priority
from services import outbox, problem_clock
from services.outbox import Said


class ProblemAlarms:
    """Says what the clocks of one database have to say; any number of processes may do so at once."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings

    def ring_once(self, now: datetime) -> int:
        """Claim and word what rings; gives how many were looked at."""
        with reading(self.engine) as session:
            if not problem_clock.any_ringing(session, now):
                return 0
        zone, house = self.settings.zone, self.settings.language
        with transaction(self.engine) as session:
            ringing, looked_at = problem_clock.claim(session, zone, now)
            replies = [reply for one in ringing for reply in words(session, one, house, zone, now)]
            said = [Said(reply.to[0], reply.to[1], reply, now, Priority.NOTICE) for reply in replies if reply.to]
            outbox.put(session, said)
        return looked_at
