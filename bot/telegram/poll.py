"""Asks Telegram for updates (轮询): one process at a time, acknowledged by the next question, after the commit."""

import asyncio
import os
import secrets
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.faults import fault_of
from bot.loops import GATHER_S, note_beat
from bot.telegram.receive import Intake
from models.engine import transaction
from services import lease

WAIT_S = 20
"""How long Telegram may hold a question open."""
LIMIT = 100
_LEASE = timedelta(seconds=15)
_RENEW_S = 4.0
_BEAT_S = 15.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
NAME = "receive.telegram"

log = structlog.get_logger()


@dataclass(slots=True)
class Poll:
    """The polling of one process; `owner` names it in the lease."""

    intake: Intake
    owner: str
    _offset: int | None = None
    _wait_s: float = _FIRST_WAIT_S
    _fault: str | None = None
    _beat_at: float = field(default=float("-inf"))

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop`, while the lease is ours."""
        try:
            while not stop.is_set():
                if await self._holds_lease():
                    await self._while_ours(stop)
                else:
                    await _either(stop, asyncio.sleep(_RENEW_S))
        finally:
            await asyncio.to_thread(self._give_up)

    async def _while_ours(self, stop: asyncio.Event) -> None:
        asking = asyncio.create_task(self._ask_on())
        try:
            while not stop.is_set() and not asking.done():
                await _either(stop, asyncio.sleep(_RENEW_S))
                if not stop.is_set() and not await self._holds_lease():
                    return
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _ask_on(self) -> None:
        while True:
            try:
                await self._ask()
                await self._came_round()
            except Exception as error:
                # Only loops catch everything: whatever it was, Telegram keeps what was not acknowledged.
                await self._failed(error)

    async def _ask(self) -> None:
        updates = await self.intake.client.raw_updates(self._offset, LIMIT, WAIT_S)
        if not updates:
            return
        # Once begun the commit is waited for, even when we are told to stop.
        await asyncio.shield(asyncio.to_thread(self.intake.take, updates))
        self._offset = max(int(update.get("update_id", 0)) for update in updates) + 1
        asyncio.create_task(self.intake.acknowledge_presses(updates))  # noqa: RUF006 - a courtesy that may be lost
        if 1 < len(updates) < LIMIT:
            # More are on their way: asked for at once they would come one by one, each with its own commit.
            await asyncio.sleep(GATHER_S)

    async def _came_round(self) -> None:
        self._wait_s = _FIRST_WAIT_S
        now = asyncio.get_running_loop().time()
        if self._fault or now - self._beat_at > _BEAT_S:
            if self._fault:
                log.info("poll_goes_on")
            self._fault, self._beat_at = None, now
            await asyncio.to_thread(note_beat, self.intake.engine, NAME, None)

    async def _failed(self, error: Exception) -> None:
        what = _named(error)
        if what != self._fault:
            # Said once; the age of the last good question stands in /healthz.
            log.warning("poll_failed", error=what)
            self._fault = what
        wait = error.retry_after if isinstance(error, RetryAfter) else self._wait_s
        await asyncio.sleep(wait.total_seconds() if isinstance(wait, timedelta) else wait)
        self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)

    async def _holds_lease(self) -> bool:
        try:
            return await asyncio.to_thread(self._take_lease)
        except Exception as error:
            # Without the database nothing could be kept, so nothing is asked for.
            log.warning("poll_lease_failed", error=type(error).__name__)
            return False

    def _take_lease(self) -> bool:
        with transaction(self.intake.engine) as session:
            return lease.take(session, f"poll.telegram.{self.intake.bot_id}", self.owner, datetime.now(UTC), _LEASE)

    def _give_up(self) -> None:
        try:
            with transaction(self.intake.engine) as session:
                lease.give_up(session, f"poll.telegram.{self.intake.bot_id}", self.owner)
        except Exception as error:
            # It ends by the passing of time.
            log.warning("poll_lease_failed", error=type(error).__name__)


def owner_name(embedded: bool) -> str:
    """How this process signs its leases: an embedded database has one process, which comes back under the same name."""
    return "embedded" if embedded else f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _named(error: Exception) -> str:
    if isinstance(error, Conflict):
        return "another program polls with this token, or a webhook is set"
    if isinstance(error, InvalidToken):
        return "the token is refused"
    if isinstance(error, BadRequest):
        return "the question is refused"
    return type(error).__name__ if isinstance(error, TelegramError) else fault_of(error)


async def _either(stop: asyncio.Event, other: object) -> None:
    tasks = [asyncio.create_task(stop.wait()), asyncio.create_task(other)]  # type: ignore[arg-type]
    _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
