"""The upload page (原图上传): photos as the camera made them, which a chat would encode again."""

import asyncio
import json
import secrets
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from sqlalchemy import Engine
from starlette.datastructures import UploadFile

from bot import store
from bot.wecom.intake import Intake
from bot.wecom.login import Login
from locales import say
from models.engine import reading
from services import member
from services.inbox import Delivery

PAGE = "/wecom/upload"
MAX_PHOTOS, MAX_FILE_BYTES, MAX_POST_BYTES = 9, 20 * 1024 * 1024, 100 * 1024 * 1024
_WEB = Path(__file__).parents[2] / "web"
_LONGEST_ID = 64


class UploadPage:
    """What the page needs."""

    def __init__(self, engine: Engine, intake: Intake, login: Login, data_dir: Path, language: str) -> None:
        self.engine, self.intake, self.login, self.data_dir, self.language = engine, intake, login, data_dir, language

    def shown(self, user: str, said: str = "", status: int = 200) -> Response:
        """The page in the language of the member, with one sentence where something happened."""
        language = self._language(user)
        words = {name: escape(say(language, f"wecom.page.{name}")) for name in ("title", "hint", "choose", "send")}
        note = escape(say(language, f"wecom.page.{said}")) if said else ""
        template = Template((_WEB / "pages" / "wecom_upload.html").read_text("utf-8"))
        html = template.substitute(words, note=note, id=secrets.token_urlsafe(12), lang=language.replace("_", "-"))
        return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})

    async def take(self, user: str, form: Any) -> str:
        """Store the photos, then the delivery that brings them; gives the word for what happened."""
        files = [one for one in form.getlist("photos") if isinstance(one, UploadFile) and one.filename]
        if not files:
            return "none"
        if len(files) > MAX_PHOTOS or any((one.size or 0) > MAX_FILE_BYTES for one in files):
            return "too_large"
        now = datetime.now(UTC)
        photos = [await self._stored(one) for one in files]
        said = {"upload": {"user": user, "at": now.isoformat(), "photos": photos}}
        key = f"upload:{user}:{str(form.get('id', ''))[:_LONGEST_ID]}"
        await self.intake.take(Delivery("wecom", key, f"wecom:{user}", json.dumps(said, ensure_ascii=False), now))
        return "thanks"

    async def _stored(self, file: UploadFile) -> dict[str, Any]:
        data = await file.read()
        kept = await asyncio.to_thread(store.put, self.data_dir, data)
        return {"sha256": kept.sha256, "size": kept.size, "name": (file.filename or "")[:120]}

    def _language(self, user: str) -> str:
        with reading(self.engine) as session:
            account = member.account_of(session, user)
            return (account.language if account else None) or self.language


def upload_routes(page: UploadPage) -> APIRouter:
    """`/wecom/upload` for members who came in by `/wecom/login`."""
    router = APIRouter()

    @router.get("/wecom/login")
    async def enter(request: Request) -> Response:
        return await page.login.enter(request)

    @router.get(PAGE)
    def show(request: Request) -> Response:
        user = page.login.user_of(request)
        return page.shown(user) if user else page.login.ask(PAGE)

    @router.post(PAGE)
    async def send(request: Request) -> Response:
        user = page.login.user_of(request)
        if user is None:
            return Response(status_code=401)
        length = request.headers.get("content-length", "")
        # Without a length nobody could say when it is too much.
        if not (length.isascii() and length.isdigit()) or len(length) > 12:
            return Response(status_code=411)
        if int(length) > MAX_POST_BYTES:
            return page.shown(user, "too_large", 413)
        async with request.form(max_files=MAX_PHOTOS + 1, max_part_size=MAX_FILE_BYTES) as form:
            return page.shown(user, await page.take(user, form))

    @router.get("/wecom/upload.css")
    def style() -> FileResponse:
        return FileResponse(_WEB / "static" / "wecom_upload.css")

    return router
