"""WeCom's callback (接收): proven, opened, on the disk, then answered with 200 and nothing else."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from fastapi import APIRouter, Request, Response

from bot.wecom.crypto import BadCallbackError, Keys, check_signature, decrypt
from bot.wecom.envelope import MAX_BYTES, encrypted_of, fields_of, key_of, sender_of, text_of
from bot.wecom.intake import Intake
from bot.wecom.translate import APP_EVENTS
from services.inbox import Delivery

WINDOW_S = 300
"""How far a callback's timestamp may be from our clock."""

log = structlog.get_logger()


def callback_routes(keys: Keys, intake: Intake, datum: Mapping[str, str]) -> APIRouter:
    """`GET /wecom/callback`, which proves that the address is ours, and `POST`, which brings the messages."""
    router = APIRouter()

    @router.get("/wecom/callback")
    async def verify(request: Request) -> Response:
        try:
            echo = request.query_params.get("echostr", "")
            _prove(keys, request, echo, datetime.now(UTC))
            return Response(decrypt(keys, echo), media_type="text/plain")
        except BadCallbackError as error:
            return _refused(error)

    @router.post("/wecom/callback")
    async def receive(request: Request) -> Response:
        now = datetime.now(UTC)
        try:
            encrypted = encrypted_of(await _body(request))
            nonce = _prove(keys, request, encrypted, now)
            xml = decrypt(keys, encrypted)
            fields = fields_of(xml)
            sender = sender_of(fields)
            raw = json.dumps({"xml": xml, "datum": dict(datum)}, ensure_ascii=False)
            delivery = Delivery("wecom", key_of(fields, xml), f"wecom:{sender}", raw, now)
            await intake.take(delivery, nonce)
            if (event := text_of(fields.get("Event")).casefold()) in APP_EVENTS:
                log.error("wecom_app_event", about=event)
        except BadCallbackError as error:
            return _refused(error)
        return Response(status_code=200)

    return router


async def _body(request: Request) -> bytes:
    said = request.headers.get("content-length", "0")
    if not (said.isascii() and said.isdigit()) or len(said) > 9 or int(said) > MAX_BYTES:
        raise BadCallbackError("size", 413)
    body = bytearray()
    async for chunk in request.stream():
        body.extend(chunk)
        if len(body) > MAX_BYTES:
            raise BadCallbackError("size", 413)
    return bytes(body)


def _prove(keys: Keys, request: Request, encrypted: str, now: datetime) -> str:
    """The nonce of a request that WeCom has signed just now; raises `BadCallbackError`."""
    said = request.query_params
    timestamp, nonce = said.get("timestamp", ""), said.get("nonce", "")
    if not (encrypted and timestamp and nonce and len(nonce) <= 128):
        raise BadCallbackError("incomplete")
    check_signature(keys, said.get("msg_signature", ""), timestamp, nonce, encrypted)
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise BadCallbackError("timestamp", 403)
    if abs(int(timestamp) - now.timestamp()) > WINDOW_S:
        raise BadCallbackError("timestamp", 403)
    return f"{timestamp}:{nonce}"


def _refused(error: BadCallbackError) -> Response:
    log.warning("wecom_refused", why=error.why)
    return Response(status_code=error.status)
