"""Bells (铃): one loop of a process tells another that there is work, so that nobody waits for the next look."""

import asyncio
import contextlib
from threading import get_ident


class Bell:
    """Rung from any thread, waited for in the loop; a ring that nobody heard yet is not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._loop, self._thread = asyncio.get_running_loop(), get_ident()

    def ring(self) -> None:
        """Wake who waits."""
        if get_ident() == self._thread:
            self._event.set()
            return
        self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        """Wait for a ring, at most so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()


class Bells:
    """The bells of one process: for the worker, for the photos, for the reminders, and one for each sender."""

    def __init__(self) -> None:
        self.work, self.media, self.remind = Bell(), Bell(), Bell()
        self._senders: dict[str, Bell] = {}

    def sending(self, channel: str) -> Bell:
        """The bell of a channel's sender."""
        return self._senders.setdefault(channel, Bell())

    def send(self) -> None:
        """Wake all that follow the worker: the senders and the photos."""
        for bell in (*self._senders.values(), self.media):
            bell.ring()
