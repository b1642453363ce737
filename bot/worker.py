"""The worker (工人): takes what waits, several messages in one commit; where one fails, each in its savepoint."""

from collections.abc import Sequence
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
from models.message import UNSPOKEN, Message, Reply
from services import ahead, audit, inbox, outbox, person
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
        try:
            return self._round(now, guarded=False)
        except OperationalError:
            # The database itself is in trouble: the loop tries again later.
            raise
        except Exception:
            # Loops may catch everything. A savepoint a message costs a fifth of the intake, and most rounds need none:
            # one that does is taken back whole and done again with them.
            return self._round(now, guarded=True)

    def _round(self, now: datetime, *, guarded: bool) -> int:
        with transaction(self.engine) as session:
            claimed = inbox.claim(session, now, BATCH)
            done: list[int] = []
            said: list[Said] = []
            understood = [(one, message) for one in claimed if (message := self._understood(session, one))]
            if not guarded:
                ahead.read(session, {(one.channel, one.sender_id) for _, one in understood if not _is_past(one)})
            for waiting, message in understood:
                replies = self._worked(session, waiting, message, now, guarded=guarded)
                if replies is not None:
                    done.append(waiting.id)
                    said.extend(replies)
            outbox.put(session, said)
            inbox.settle(session, done, now)
        return len(claimed)

    def _worked(
        self, session: Session, waiting: Waiting, message: Message, now: datetime, *, guarded: bool
    ) -> list[Said] | None:
        talk = self._talk(session, message, waiting.received_at if CHANNELS[waiting.channel].past else now)
        replies = self._guarded(talk, waiting, now) if guarded else answer(talk)
        return None if replies is None else [Said.of(message, reply, talk.now) for reply in replies]

    def _guarded(self, talk: Talk, waiting: Waiting, now: datetime) -> Sequence[Reply] | None:
        try:
            with savepoint(talk.session):
                return answer(talk)
        except Refused as refusal:
            if audit.is_attempt(refusal.key):
                talk.audit("attempt.refused", f"inbox:{waiting.id}", None, f"refused:{refusal.key}")
            return refuse(talk, refusal)
        except OperationalError:
            raise
        except Exception as error:
            parked = inbox.fail(talk.session, waiting, fault_of(error), now)
            log.warning("message_failed", inbox=waiting.id, error=fault_of(error), parked=parked)
            return None

    def _talk(self, session: Session, message: Message, now: datetime) -> Talk:
        who = self._person(session, message, now)
        settings, path = self.settings, CHANNELS[message.channel].map_path
        door = f"{settings.public_url}{path}" if settings.public_url and path else ""
        return Talk(session, message, who, now, settings.zone, settings.language, settings.page_address, door)

    def _understood(self, session: Session, waiting: Waiting) -> Message | None:
        try:
            return CHANNELS[waiting.channel].translate(waiting)
        except Exception as error:
            # Translating is pure: what cannot be read now cannot be read in a minute, and its chat need not wait.
            inbox.park(session, waiting, fault_of(error))
            log.warning("message_parked", inbox=waiting.id, error=fault_of(error))
            return None

    def _person(self, session: Session, message: Message, now: datetime) -> person.Person:
        if _is_past(message):
            return person.Person(None, person.chief_by_code(session, message.sender_id))
        if message.kind in UNSPOKEN:
            # The clock speaks of somebody, who has not spoken: whoever blocked us is not written to for that.
            return person.known(session, message.channel, message.sender_id) or person.Person(None, None)
        who = person.of_account(session, message.channel, message.sender_id, message.own_chat, now)
        person.note_spoke(who, now)
        person.note_app(who, message.shows_buttons)
        return who


def _is_past(message: Message) -> bool:
    return CHANNELS[message.channel].past
