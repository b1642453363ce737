"""The worker (工人): takes waiting deliveries, several chats' at once, each in its savepoint, in one commit."""

from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.channels import CHANNELS
from bot.faults import fault_of
from bot.settings import Settings
from handlers.route import answer, refuse
from handlers.talk import Talk
from models.engine import savepoint, transaction
from models.message import Message
from services import inbox, outbox, person
from services.inbox import Waiting
from services.outbox import Said
from services.refused import Refused

BATCH = 128
"""Chats served in one commit under backlog; a commit costs a disk's flush, whatever it holds."""

log = structlog.get_logger()


class Worker:
    """Works the inbox of one database."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings

    def work_once(self, now: datetime) -> int:
        """Work on what waits and give how much that was; what fails is put off, and nobody else waits for it."""
        with transaction(self.engine) as session:
            claimed = inbox.claim(session, now, BATCH)
            done: list[int] = []
            said: list[Said] = []
            for waiting in claimed:
                replies = self._survives(session, waiting, now)
                if replies is not None:
                    done.append(waiting.id)
                    said.extend(replies)
            outbox.put(session, said)
            inbox.settle(session, done, now)
        return len(claimed)

    def _survives(self, session: Session, waiting: Waiting, now: datetime) -> list[Said] | None:
        try:
            return self._work(session, waiting, now)
        except OperationalError:
            # The database itself is in trouble: the whole transaction goes back and is tried again.
            raise
        except Exception as error:
            # A loop may catch everything: one bad message must not stop the others.
            parked = inbox.fail(session, waiting, fault_of(error), now)
            log.warning("message_failed", inbox=waiting.id, error=fault_of(error), parked=parked)
            return None

    def _work(self, session: Session, waiting: Waiting, now: datetime) -> list[Said]:
        channel = CHANNELS[waiting.channel]
        message = channel.translate(waiting)
        now = waiting.received_at if channel.past else now
        who = self._person(session, message, now)
        if who.account and waiting.channel != "clock":
            person.note_spoke(who.account, now)
        talk = Talk(session, message, who, now, self.settings.zone, self.settings.language)
        try:
            with savepoint(session):
                replies = answer(talk)
        except Refused as refusal:
            replies = refuse(talk, refusal)
        return [Said.of(message, reply, now) for reply in replies]

    def _person(self, session: Session, message: Message, now: datetime) -> person.Person:
        if CHANNELS[message.channel].past:
            return person.Person(None, person.chief_by_code(session, message.sender_id))
        return person.of_account(session, message.channel, message.sender_id, message.chat_id, now)
