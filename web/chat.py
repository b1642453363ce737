"""The local web chat's page (本地聊天页): strings, people, session, grids, events, files."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from sqlalchemy.orm import Session

from locales import LANGUAGES, catalogue, say
from models.account import Account
from models.area import Area
from models.chief import Chief
from models.engine import reading, transaction
from rules.localtime import local_date
from services import audit, grid, inbox, invite, local_chat, person
from services.inbox import Delivery
from services.refused import Refused
from web.photo_kind import kind_of
from web.session import COOKIE, ChatPage, from_own_page, object_in, remember, required, user_of

_PAGES = Path(__file__).parent / "pages"
_POLL_S = 0.25
_KEEP_ALIVE_S = 15
_SUGGESTED = {"district": 3, "street": 4, "community": 6}


def chat_routes(page: ChatPage, zone: ZoneInfo) -> APIRouter:
    """The routes of the page."""
    router = APIRouter()

    @router.get("/")
    def home() -> FileResponse:
        return FileResponse(_PAGES / "chat.html", headers={"Cache-Control": "no-cache"})

    @router.get("/local/strings")
    def strings(lang: str = page.language) -> dict[str, str]:
        language = lang if lang in LANGUAGES else page.language
        return {k.removeprefix("chat_page."): v for k, v in catalogue(language).items() if k.startswith("chat_page.")}

    @router.get("/local/session")
    def session_(request: Request) -> dict[str, Any]:
        return _session(page, user_of(page, request))

    @router.post("/local/session")
    async def enter(request: Request) -> Response:
        from_own_page(request)
        return await asyncio.to_thread(_enter, page, await object_in(request))

    @router.delete("/local/session")
    def leave(request: Request, response: Response) -> dict[str, Any]:
        from_own_page(request)
        response.delete_cookie(COOKIE)
        return _session(page, None)

    @router.post("/local/language")
    async def language(request: Request) -> dict[str, Any]:
        from_own_page(request)
        said = await object_in(request)
        return await asyncio.to_thread(_set_language, page, user_of(page, request), str(said.get("language")))

    @router.get("/local/people")
    def people(q: str = "", lang: str = page.language) -> dict[str, Any]:
        if page.login != "pick":
            raise HTTPException(404)
        with reading(page.engine) as session:
            return {"groups": _people(session, lang if lang in LANGUAGES else page.language, q.strip()[:40])}

    @router.get("/local/grids")
    def grids(request: Request) -> dict[str, Any]:
        user = required(page, request)
        with reading(page.engine) as session:
            who = _known(session, user)
            return _grids(session, who, zone)

    @router.get("/local/events")
    def events(request: Request, after: int = 0) -> StreamingResponse:
        user = required(page, request)
        last = request.headers.get("last-event-id", "")
        start = int(last) if last.isdigit() else after
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(page, request, user, start), media_type="text/event-stream", headers=headers)

    @router.get("/local/files/{name}")
    def file(name: str, request: Request) -> FileResponse:
        user = required(page, request)
        with reading(page.engine) as session:
            path = page.data_dir / "files" / name[:2] / name
            if not local_chat.shows_file(session, user, name) or "/" in name or not path.is_file():
                raise HTTPException(404)
        kept = {"Cache-Control": "private, max-age=31536000"}
        return FileResponse(path, media_type=kind_of(path), headers=kept)

    return router


def _session(page: ChatPage, user: str | None) -> dict[str, Any]:
    with reading(page.engine) as session:
        who = _known(session, user) if user else None
        language = (who.account.language if who and who.account else None) or page.language
        return {
            "person": _person(session, who, user) if who and user else None, "language": language,
            "languages": list(LANGUAGES), "login": page.login, "version": page.version,
            "timezone": page.timezone,
        }  # fmt: skip


def _known(session: Session, user: str) -> person.Person | None:
    return person.known(session, "local", user)


def _person(session: Session, who: person.Person, user: str) -> dict[str, Any]:
    if who.chief:
        found = local_chat.people(session, who.chief.code, 1)
        level, area = (found[0][2], found[0][4]) if found else ("guest", "")
        return {"id": user, "name": who.chief.name, "role": level, "area": area}
    if who.offices:
        return {"id": user, "name": session.get_one(Area, who.offices[0]).name, "role": "office", "area": ""}
    return {"id": user, "name": user, "role": "guest", "area": ""}


def _enter(page: ChatPage, said: dict[str, Any]) -> Response:
    now = datetime.now(UTC)
    chosen = said.get("language")
    language = chosen if chosen in LANGUAGES else None
    try:
        with transaction(page.engine) as session:
            user = _picked(session, page, str(said["pick"]), now) if "pick" in said else _coded(session, said, now)
            _greet(session, page, user, language, now)
            account = _account(session, user)
            who = audit.by_account(account.id) if account else audit.ANYONE
            audit.note(session, who, "chat.entered", "local", None, page.login, now)
    except Refused as refusal:
        with transaction(page.engine) as session:
            audit.note(session, audit.ANYONE, "chat.entered", "local", None, f"refused:{refusal.key}", now)
        return JSONResponse({"error": say(language or page.language, refusal.key, **refusal.fields)}, 403)
    response = JSONResponse(_session(page, user))
    remember(page, response, user)
    return response


def _picked(session: Session, page: ChatPage, user: str, now: datetime) -> str:
    # Whoever stands before the demo may be anybody in it; nowhere else.
    if page.login != "pick":
        raise Refused("web_chat.no_picking")
    chief = person.chief_by_code(session, user)
    if chief is None and not person.offices_of(session, "local", user):
        raise Refused("web_chat.unknown_person")
    account = person.of_account(session, "local", user, user, now).account
    if chief and account:
        account.chief_id = chief.id
    return user


def _coded(session: Session, said: dict[str, Any], now: datetime) -> str:
    code = str(said.get("code", "")).strip()
    chief: Chief = invite.chief_of(session, code)
    account = person.of_account(session, "local", chief.code, chief.code, now).account
    if account and account.chief_id is None:
        invite.use(session, account, code, now)
    else:
        invite.spend(session, code, now)
    return chief.code


def _greet(session: Session, page: ChatPage, user: str, language: str | None, now: datetime) -> None:
    # The greeting comes as every answer does, by the inbox, the handlers and the outbox; in the language of the device.
    account = _account(session, user)
    changed = language is not None and account is not None and language != (account.language or page.language)
    if account and changed:
        account.language = language
    greeted_before = not _typed(session, user, "/start", f"hello:{user}", now)
    if changed and greeted_before:
        _typed(session, user, f"/language {language}", f"language:{user}:{uuid4().hex}", now)


def _typed(session: Session, user: str, text: str, key: str, now: datetime) -> bool:
    """As if the person had typed it; False where this was delivered before."""
    raw = {"user": user, "at": now.isoformat(), "message": {"text": text}, "photos": []}
    return bool(inbox.receive(session, [Delivery("local", key, f"local:{user}", json.dumps(raw), now)]))


def _account(session: Session, user: str) -> Account | None:
    return session.query(Account).filter_by(channel="local", user_id=user).one_or_none()


def _set_language(page: ChatPage, user: str | None, language: str) -> dict[str, Any]:
    if user and language in LANGUAGES:
        with transaction(page.engine) as session:
            account = _account(session, user)
            if account:
                account.language = language
                # The quick buttons are the bot's: it sends them anew.
                _typed(session, user, f"/language {language}", f"language:{user}:{uuid4().hex}", datetime.now(UTC))
    found = _session(page, user)
    return {**found, "language": language if language in LANGUAGES else found["language"]}


def _people(session: Session, language: str, query: str) -> list[dict[str, Any]]:
    rows = (
        list(local_chat.people(session, query))
        if query
        else [row for level, n in _SUGGESTED.items() for row in local_chat.people_of_level(session, level, n)]
    )
    groups: list[dict[str, Any]] = [
        {
            "role": level, "label": say(language, f"web_chat.role_{level}"),
            "people": [
                {"id": code, "name": name, "title": title, "area": area}
                for code, name, of_level, title, area in rows
                if of_level == level
            ],
        }
        for level in ("community", "street", "district")
    ]  # fmt: skip
    offices = [{"id": user, "name": area, "title": "", "area": ""} for user, area in local_chat.offices(session)]
    shown = [one for one in offices if query in one["name"]]
    office: dict[str, Any] = {"role": "office", "label": say(language, "web_chat.role_office"), "people": shown}
    # Whoever searches an area by its name means the area; without a search the chiefs come first.
    groups.insert(0 if query else len(groups), office)
    return [group for group in groups if group["people"]]


def _grids(session: Session, who: person.Person | None, zone: ZoneInfo) -> dict[str, Any]:
    today = local_date(datetime.now(UTC), zone)
    own = {id_ for id_, _ in grid.own_names(session, who.chief.id, today)} if who and who.chief else set()
    features = [
        {
            "type": "Feature", "geometry": json.loads(geometry),
            "properties": {"code": code, "name": name, "street_name": street, "own": id_ in own},
        }
        for id_, code, name, street, geometry in grid.drawn_on(session, today)
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


async def _events(page: ChatPage, request: Request, user: str, after: int) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    quiet_s = 0.0
    while not await request.is_disconnected():
        lines = await asyncio.to_thread(_lines, page, user, after)
        for number, event in lines:
            after = number
            quiet_s = 0.0
            yield event
        if not lines:
            await asyncio.sleep(_POLL_S)
            quiet_s += _POLL_S
        if quiet_s >= _KEEP_ALIVE_S:
            quiet_s = 0.0
            yield ": still here\n\n"


def _lines(page: ChatPage, user: str, after: int) -> list[tuple[int, str]]:
    with reading(page.engine) as session:
        return [(line.id, _event(line.id, line.body, line.at)) for line in local_chat.lines_after(session, user, after)]


def _event(number: int, body: str, at: datetime) -> str:
    said = json.loads(body)
    if "event" in said:
        return f"id: {number}\nevent: {said['event']}\ndata: {json.dumps({'id': said['id']})}\n\n"
    shown = {
        "id": number,
        "at": at.isoformat().replace("+00:00", "Z"),
        "client_id": None,
        "spent": False,
        **said,
    }
    menu, language = shown.pop("menu", None), shown.pop("language", None)
    event = f"id: {number}\ndata: {json.dumps(shown, ensure_ascii=False)}\n\n"
    if menu:
        event += f"event: menu\ndata: {json.dumps({'buttons': menu, 'language': language}, ensure_ascii=False)}\n\n"
    return event
