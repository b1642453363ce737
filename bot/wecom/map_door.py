"""The live map from the chat (从聊天打开一张图): WeCom says who it is, then the session of a one-use link."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from bot.wecom.login import Login
from locales import say
from models.engine import transaction
from services import map_link, person
from web.map_session import MapPage, remember

PAGE = "/wecom/map"


def map_door_routes(page: MapPage, login: Login) -> APIRouter:
    """`/wecom/map`, which asks WeCom each time: an older log-in opens no session."""
    router = APIRouter()
    login.arrivals[PAGE] = lambda user: _arrive(page, user)

    @router.get(PAGE)
    def show() -> Response:
        return login.ask(PAGE)

    return router


def _arrive(page: MapPage, user: str) -> Response:
    link_id = _session(page, user)
    if link_id is None:
        return PlainTextResponse(say(page.language, "map.not_yours"), 403)
    response = RedirectResponse("/map", 302, headers={"Cache-Control": "no-store"})
    remember(page, response, link_id)
    return response


def _session(page: MapPage, user: str) -> int | None:
    """The id of a new session; None for anybody who is no office."""
    now = page.clock()
    with transaction(page.engine) as session:
        if not person.offices_of(session, "wecom", user):
            return None
        account = person.of_account(session, "wecom", user, user, now).account
        return map_link.open_session(session, account.id, now) if account else None
