"""The sender of a channel over a network (网络发件): rounds of one commit, many messages under way between them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.attachments import with_files
from bot.bell import Bell
from bot.channel_error import ChannelError
from bot.faults import fault_of
from bot.loops import GATHER_S
from models.engine import transaction
from services import outbox, pace, person
from services.outbox import Leased

MOST_UNDER_WAY = 256
"""Messages on the wire at once: one slow answer must not hold up the others."""
GIVE_UP_AFTER = timedelta(hours=24)
"""An answer that could not be delivered for a day is told to nobody any more; its record stands all the same."""
_STEPS = 2
"""After so many messages' time a sender that was held up by the pace looks again."""
_SHUT_S = 3.0
_POST_S = 40.0
"""A message must be given up before its lease ends, or two processes say it at once."""

Post = Callable[[Leased], Awaitable[str | None]]
"""Sends a message and gives what the platform calls it; raises `ChannelError`."""

Outcome = tuple[Leased, str | ChannelError | None]
"""A message with what the platform calls it, or with why it did not take it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """A platform's limits: messages a second in all, and the gap between two to one chat."""

    per_second: float
    gap: Callable[[str], timedelta]


@dataclass(slots=True)
class NetworkSender:
    """Sends what the outbox of one channel holds, within its limits, answers first, each chat in its order."""

    engine: Engine
    channel: str
    post: Post
    limits: Limits
    data_dir: Path
    bell: Bell
    alone: bool = False
    """Whether no other process sends on this database: then what a dead one had leased is free at once."""
    template: Path | None = None
    """The office's own document for the annual report."""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _came_back: list[Outcome] = field(default_factory=list)
    _fresh: bool = True
    _held_up: bool = False
    """Whether something waits that the pace does not let go yet."""

    async def send_once(self, now: datetime) -> int:
        """One round: note what came back, take what may go, begin to send it; gives how many of both there were."""
        if self._under_way:
            await asyncio.sleep(GATHER_S)
        back, self._came_back = self._came_back, []
        try:
            leased = await asyncio.to_thread(self._round, now, MOST_UNDER_WAY - len(self._under_way), back)
        except BaseException:
            # What was sent must be noted in a later round, or it is sent again when its lease ends.
            self._came_back = [*back, *self._came_back]
            raise
        for message in leased:
            task = asyncio.create_task(self._send(message))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if self._held_up:
            # A loop that looks only now and then loses what it might have sent meanwhile: no more than a burst is kept.
            asyncio.get_running_loop().call_later(_STEPS / self.limits.per_second, self.bell.ring)
        return len(leased) + len(back)

    async def finish(self) -> None:
        """At the end: wait a little for what is under way, and note what came back."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_SHUT_S)
        await asyncio.to_thread(self._round, datetime.now(UTC), 0, self._came_back)

    async def _send(self, message: Leased) -> None:
        outcome: str | ChannelError | None
        try:
            ready = message
            if _has_file(message):
                ready = await asyncio.to_thread(
                    with_files, self.engine, self.data_dir, message, datetime.now(UTC), self.template
                )
            async with asyncio.timeout(_POST_S):
                outcome = await self.post(ready)
        except ChannelError as error:
            outcome = error
        except TimeoutError:
            # It may have been said: once more does less harm than never, for the receipt number is in it.
            outcome = ChannelError("no answer in time", retryable=True)
        except Exception as error:
            # Only loops catch everything: a message that cannot be put together must not be tried for ever.
            outcome = ChannelError(fault_of(error))
            log.warning("send_failed", outbox=message.id, error=outcome.why)
        self._came_back.append((message, outcome))
        self.bell.ring()

    def _round(self, now: datetime, room: int, back: Sequence[Outcome]) -> list[Leased]:
        with transaction(self.engine) as session:
            if self._fresh and self.alone:
                outbox.forget_leases(session, self.channel)
            self._settle(session, back, now)
            leased = self._take(session, now, room)
        self._fresh = False
        return leased

    def _take(self, session: Session, now: datetime, room: int) -> list[Leased]:
        self._held_up = False
        if room <= 0 or not outbox.any_waiting(session, self.channel, now):
            return []
        allowed = pace.reserve(session, self.channel, self.limits.per_second, room, now)
        self._held_up = not allowed
        leased = outbox.lease_heads(session, self.channel, now, allowed) if allowed else []
        pace.give_back(session, self.channel, self.limits.per_second, allowed - len(leased))
        for message in leased:
            if gap := self.limits.gap(message.chat_id):
                pace.hold(session, self.channel, message.chat_id, now + gap)
        return leased

    def _settle(self, session: Session, back: Sequence[Outcome], now: datetime) -> None:
        outbox.sent_each(session, [(m.id, said) for m, said in back if not isinstance(said, ChannelError)], now)
        for message, error in back:
            if isinstance(error, ChannelError):
                self._settle_failure(session, message, error, now)

    def _settle_failure(self, session: Session, message: Leased, error: ChannelError, now: datetime) -> None:
        if error.retry_after is not None:
            pace.hold(session, self.channel, "", now + error.retry_after)
            outbox.hold_back(session, message, error.why, now + error.retry_after)
        elif error.chat_wait is not None:
            pace.hold(session, self.channel, message.chat_id, now + error.chat_wait)
            outbox.hold_back(session, message, error.why, now + error.chat_wait)
        elif error.moved_to:
            person.move_chat(session, self.channel, message.chat_id, error.moved_to)
            outbox.move_chat(session, self.channel, message.chat_id, error.moved_to)
        elif error.gone:
            person.note_gone(session, self.channel, message.chat_id, now)
            outbox.fail_chat(session, self.channel, message.chat_id, error.why)
        elif error.retryable and now - message.created_at < GIVE_UP_AFTER:
            outbox.put_off(session, message, error.why, now)
        else:
            outbox.give_up(session, message, error.why)


def _has_file(message: Leased) -> bool:
    return bool(message.body.get("attachment"))
