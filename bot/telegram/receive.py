"""Takes updates into the inbox (接收): by asking for them, a batch a commit, or by the webhook, one a commit."""

import asyncio
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy import Engine
from telegram.error import TelegramError

from bot.bell import Bell
from bot.telegram.client import Client
from bot.telegram.keys import chat_of, key_of
from models.engine import transaction
from services import inbox
from services.inbox import Delivery

MAX_BODY = 1024 * 1024
"""An update is some kilobytes; a larger body is nobody's update."""
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

log = structlog.get_logger()


@dataclass(slots=True)
class Intake:
    """Where updates go: the inbox of one database, and the worker's bell."""

    engine: Engine
    client: Client
    bot_id: str
    bell: Bell
    username: str = ""
    """What people write behind a command in a group; known once Telegram was asked."""

    def take(self, updates: Sequence[dict[str, Any]]) -> None:
        """Put updates into the inbox in one commit; when this returns they are on the disk."""
        now = datetime.now(UTC)
        deliveries = [self._delivery(update, now) for update in updates]
        with transaction(self.engine) as session:
            inbox.receive(session, deliveries)
        self.bell.ring()

    async def acknowledge_presses(self, updates: Sequence[dict[str, Any]]) -> None:
        """Answer pressed buttons at once, so that the phone's button stops turning; what they do is said later."""
        queries = (update.get("callback_query") for update in updates)
        ids = [query["id"] for query in queries if isinstance(query, dict) and query.get("id")]
        await asyncio.gather(*(self._answer(str(query_id)) for query_id in ids))

    def _delivery(self, update: dict[str, Any], now: datetime) -> Delivery:
        raw = json.dumps({"bot": self.username, "update": update}, ensure_ascii=False)
        return Delivery("telegram", key_of(self.bot_id, update), chat_of(update), raw, now)

    async def _answer(self, query_id: str) -> None:
        try:
            await self.client.answer_callback_query(query_id)
        except TelegramError as error:
            # It is a courtesy: a query that is too old or was answered before changes nothing.
            log.debug("press_not_answered", error=type(error).__name__)


def webhook_routes(intake: Intake, secret: str) -> APIRouter:
    """`POST /telegram/webhook`, which answers 200 when the update is on the disk."""
    router = APIRouter()

    @router.post("/telegram/webhook")
    async def webhook(request: Request) -> Response:
        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return Response(status_code=415)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        update = _update(body)
        # A database that is away raises: Telegram brings the update again.
        await asyncio.to_thread(intake.take, [update])
        asyncio.create_task(intake.acknowledge_presses([update]))  # noqa: RUF006 - a courtesy that may be lost
        return Response(status_code=200)

    return router


async def _body(request: Request) -> bytes | None:
    if int(request.headers.get("content-length") or 0) > MAX_BODY:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _update(body: bytes) -> dict[str, Any]:
    try:
        update = json.loads(body)
    except ValueError:
        update = None
    # What is no update is kept as it came, and parked by the worker.
    return update if isinstance(update, dict) else {"unreadable": body.decode("utf-8", "replace")}
