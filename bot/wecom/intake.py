"""Puts WeCom's deliveries on the disk (收件): into the database, or into the spool while that is away."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.bell import Bell
from bot.wecom.cards import click_of
from bot.wecom.crypto import BadCallbackError
from bot.wecom.spool import Spool
from models.engine import transaction
from services import inbox, outbox, wecom, wecom_card
from services.inbox import Delivery

DATABASE_WITHIN_S = 0.5
"""How long the database may take before the spool takes the message: WeCom wants its answer."""
_AGAIN_S = 1.0

log = structlog.get_logger()


def keep(session: Session, delivery: Delivery) -> None:
    """Write a delivery into the inbox; a click lets its card say what was chosen, whatever the handler says later."""
    if not inbox.receive(session, [delivery]) or (click := click_of(delivery)) is None:
        return
    user, update = click
    # Asked before the click is worked on: afterwards every draft that it submits would be over.
    update = replace(update, ended=wecom_card.ended(session, update.outbox_id))
    outbox.put(session, [update.said(user, delivery.received_at)])
    wecom_card.close(session, update.outbox_id)


class Intake:
    """The one door into the inbox for everything that WeCom delivers to this process."""

    def __init__(self, engine: Engine, spool: Spool, bell: Bell) -> None:
        self.engine, self.spool, self.bell = engine, spool, bell
        # Threads of its own: a database that hangs must not take those of the rest of the process.
        self.threads, self.disk = ThreadPoolExecutor(4, "wecom"), ThreadPoolExecutor(1, "wecom-spool")
        self._draining: asyncio.Task[None] | None = None

    async def take(self, delivery: Delivery, nonce: str = "") -> None:
        """Store a delivery; it is on the disk when this returns; raises `BadCallbackError` for a nonce used twice."""
        loop = asyncio.get_running_loop()
        try:
            work = loop.run_in_executor(self.threads, self._store, delivery, nonce)
            await asyncio.wait_for(work, DATABASE_WITHIN_S)
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("wecom_spooled", error=type(error).__name__)
            await loop.run_in_executor(self.disk, self.spool.add, delivery)
            self.drain_later()
        self.bell.ring()

    def drain_later(self) -> None:
        """Empty the spool as soon as the database is back."""
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())

    def close(self) -> None:
        """Let the threads go."""
        if self._draining:
            self._draining.cancel()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.disk.shutdown(wait=True)

    async def _drain(self) -> None:
        while self.spool.waits():
            try:
                await asyncio.get_running_loop().run_in_executor(self.threads, self.drain)
                self.bell.ring()
            except SQLAlchemyError:
                await asyncio.sleep(_AGAIN_S)

    def drain(self) -> int:
        """Move what the spool holds into the inbox; gives how much that was."""
        return self.spool.drain(self._receive) if self.spool.waits() else 0

    def _receive(self, deliveries: list[Delivery]) -> None:
        with transaction(self.engine) as session:
            for delivery in deliveries:
                keep(session, delivery)

    def _store(self, delivery: Delivery, nonce: str) -> None:
        self.drain()
        with transaction(self.engine) as session:
            if nonce and not wecom.remember_nonce(session, nonce, delivery.key, datetime.now(UTC)):
                raise BadCallbackError("nonce", 403)
            keep(session, delivery)
