"""The live map's page (一张图): comes in by a link of the chat, once; then a session."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from locales import LANGUAGES, catalogue, say
from models.account import Account
from models.area import Area
from models.engine import transaction
from services import map_grid, map_link, place, scope, summary
from web.map_old_tree import any_trees
from web.map_session import COOKIE, MapPage, Visit, check_token, remember, token_for, visit
from web.session import from_own_page

_PAGE = Path(__file__).parent / "pages" / "map.html"
_WORDS = "map_page."


def map_routes(page: MapPage) -> APIRouter:
    """The page, its words, coming in and leaving."""
    router = APIRouter()

    @router.get("/map")
    def home() -> FileResponse:
        # The link alone uses nothing up: whoever looks at it for a preview does not come in.
        return FileResponse(_PAGE, headers={"Cache-Control": "no-cache", **page.policies})

    @router.get("/map/strings")
    def strings(lang: str = page.language) -> dict[str, str]:
        known = catalogue(lang if lang in LANGUAGES else page.language)
        return {key.removeprefix(_WORDS): words for key, words in known.items() if key.startswith(_WORDS)}

    @router.post("/map/session")
    def enter(request: Request, said: dict[str, Any]) -> Response:
        from_own_page(request)
        with transaction(page.engine) as session:
            link_id = map_link.use(session, str(said.get("code", "")), page.clock())
        if link_id is None:
            return JSONResponse({"error": say(page.language, "map.link_used")}, 403)
        response = Response(status_code=204)
        remember(page, response, link_id)
        return response

    @router.get("/map/session")
    def session_(request: Request) -> dict[str, Any]:
        with visit(page, request) as visitor:
            return _session(page, visitor)

    @router.delete("/map/session")
    def leave(request: Request) -> Response:
        with visit(page, request) as visitor:
            check_token(page, request, visitor.link_id)
        with transaction(page.engine) as session:
            map_link.end(session, visitor.link_id, page.clock())
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/map")
        return response

    @router.post("/map/language")
    def language(request: Request, said: dict[str, Any]) -> Response:
        with visit(page, request) as visitor:
            check_token(page, request, visitor.link_id)
        chosen = said.get("language")
        if chosen in LANGUAGES:
            with transaction(page.engine) as session:
                session.get_one(Account, visitor.account.id).language = str(chosen)
        return Response(status_code=204)

    return router


def _any_places(visitor: Visit, areas: list[Area], streets: list[str]) -> bool:
    """Whether some areas have parks or old trees."""
    return bool(place.of_streets(visitor.session, streets)) or any_trees(visitor, areas)


def _session(page: MapPage, visitor: Visit) -> dict[str, Any]:
    session = visitor.session
    areas = scope.top_areas(session, visitor.person, visitor.today)
    first, last, begin = map_grid.months(session, visitor.today)
    streets = [code for area in areas for code in summary.streets_of(session, area)]
    return {
        "areas": [{"code": area.code, "name": area.name, "level": area.level} for area in areas],
        "language": visitor.language, "languages": list(LANGUAGES), "timezone": page.zone.key,
        "tiles": page.tiles.shown() if page.tiles else None,
        "token": token_for(page, visitor.link_id), "today": visitor.today.isoformat(),
        "months": [first, last], "month": begin, "places": _any_places(visitor, areas, streets),
        "divisions": [
            {"from": start.isoformat(), "to": end.isoformat() if end else None}
            for start, end in map_grid.divisions(session)
        ],
    }  # fmt: skip
