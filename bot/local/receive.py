"""Takes what the page posts into the inbox (接收): files first, then one commit, then the answer."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from bot import store
from locales import say
from models.engine import reading, transaction
from services import inbox, local_chat, person
from services.inbox import Delivery
from services.refused import Refused
from web.session import ChatPage, from_own_page, required

_MB = 1024 * 1024
MAX_FILE_BYTES = 20 * _MB
MAX_POST_BYTES = 100 * _MB
MAX_PHOTOS = 9
MAX_TEXT = 4000


def receive_routes(page: ChatPage, ring: Callable[[], None]) -> APIRouter:
    """`POST /local/messages`, which answers 202 when the message is on the disk; then `ring` wakes the worker."""
    router = APIRouter()

    @router.post("/local/messages")
    async def messages(request: Request) -> JSONResponse:
        from_own_page(request)
        user = required(page, request)
        try:
            if int(request.headers.get("content-length") or 0) > MAX_POST_BYTES:
                raise Refused("web_chat.too_large_together", mb=MAX_POST_BYTES // _MB)
            async with _form(request) as form:
                message = _message(form)
                photos = [await _stored(page, part) for part in form.getlist("photos") if isinstance(part, UploadFile)]
                files = [await _stored(page, part) for part in form.getlist("file") if isinstance(part, UploadFile)]
            if len(photos) > MAX_PHOTOS:
                raise Refused("web_chat.too_many_photos", most=MAX_PHOTOS)
            line = await asyncio.to_thread(_take, page, user, message, photos, files)
            ring()
        except Refused as refusal:
            language = await asyncio.to_thread(_language, page, user)
            status = 413 if refusal.key.startswith("web_chat.too_") else 400
            return JSONResponse({"error": say(language, refusal.key, **refusal.fields)}, status)
        return JSONResponse({"id": line}, 202)

    return router


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    try:
        form = await request.form(max_files=MAX_PHOTOS + 2, max_part_size=_MB)
    except HTTPException as error:
        if str(error.detail).startswith("Too many files"):
            raise Refused("web_chat.too_many_photos", most=MAX_PHOTOS) from None
        raise Refused("web_chat.not_understood") from None
    try:
        yield form
    finally:
        await form.close()


def _language(page: ChatPage, user: str) -> str:
    with reading(page.engine) as session:
        who = person.known(session, "local", user)
        return (who.account.language if who and who.account else None) or page.language


def _message(form: FormData) -> dict[str, Any]:
    try:
        said = json.loads(str(form.get("message", "")))
        if not isinstance(said, dict) or not str(said.get("id") or ""):
            raise ValueError
        if location := said.get("location"):
            said["location"] = _position(location)
        for name in ("press", "reply_to"):
            _check_reference(said.get(name))
    except (ValueError, KeyError, TypeError):
        raise Refused("web_chat.not_understood") from None
    if said.get("text"):
        said["text"] = str(said["text"])
        if len(said["text"]) > MAX_TEXT:
            raise Refused("web_chat.too_long", most=MAX_TEXT)
    return said


def _position(said: dict[str, Any]) -> dict[str, Any]:
    lon, lat = float(said["lon"]), float(said["lat"])
    accuracy = float(said["accuracy_m"]) if said.get("accuracy_m") is not None else None
    if not all(math.isfinite(number) for number in (lon, lat, accuracy or 0)):
        raise ValueError
    return {**said, "lon": lon, "lat": lat, "accuracy_m": accuracy}


def _check_reference(said: Any) -> None:
    # What a press or an answer refers to is a number of a line, or a line and a button.
    if isinstance(said, dict):
        int(said["message"]), int(said["button"])
    elif said is not None:
        int(said)


async def _stored(page: ChatPage, part: UploadFile) -> dict[str, Any]:
    if (part.size or 0) > MAX_FILE_BYTES:
        raise Refused("web_chat.too_large", mb=MAX_FILE_BYTES // _MB)
    data = await part.read()
    kept = await asyncio.to_thread(store.put, page.data_dir, data)
    return {"sha256": kept.sha256, "size": kept.size, "name": (part.filename or "")[:120]}


def _take(
    page: ChatPage, user: str, message: dict[str, Any], photos: list[dict[str, Any]], files: list[dict[str, Any]]
) -> int:
    now = datetime.now(UTC)
    key = f"{user}:{str(message['id'])[:80]}"
    with transaction(page.engine) as session:
        person.of_account(session, "local", user, user, now)
        raw: dict[str, Any] = {"user": user, "at": now.isoformat(), "message": message, "photos": photos}
        raw["file"] = files[0] if files else None
        raw["reply_to"] = (
            local_chat.outbox_of_line(session, user, int(message["reply_to"])) if message.get("reply_to") else None
        )
        if press := message.get("press"):
            outbox_id = local_chat.outbox_of_line(session, user, int(press["message"]))
            message["press"] = {"outbox": outbox_id or 0, "button": int(press["button"])}
        new = inbox.receive(
            session, [Delivery("local", key, f"local:{user}", json.dumps(raw, ensure_ascii=False), now)]
        )
        inbox_id = new[0] if new else inbox.id_of(session, "local", key)
        local_chat.show(session, user, _shown(message, photos, files), now, inbox_id=inbox_id)
        return local_chat.line_of_inbox(session, inbox_id) or 0


def _shown(message: dict[str, Any], photos: list[dict[str, Any]], files: list[dict[str, Any]]) -> str:
    return json.dumps({
        "from": "me", "client_id": message["id"], "text": message.get("label") or message.get("text"),
        "location": message.get("location"), "buttons": None, "table": None,
        "pictures": [
            {"url": f"/local/files/{photo['sha256']}", "alt": photo["name"], "size": photo["size"]} for photo in photos
        ],
        "documents": [{"url": f"/local/files/{f['sha256']}", "name": f["name"], "size": f["size"]} for f in files],
    }, ensure_ascii=False)  # fmt: skip
