"""Old trees on the live map (一张图的古树): how long unseen, and one tree's record."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request

from locales import say
from models.area import Area
from models.old_tree import OldTree
from services import audit, old_tree, old_tree_visit, old_tree_watch
from services.old_tree import TreeFacts
from services.old_tree_visit import Visit
from web.map_session import MapPage, seen, visit
from web.map_session import Visit as Visitor

_HISTORY = 30


def map_old_tree_routes(page: MapPage) -> APIRouter:
    """A record is found by the visitor's area alone: 404 for any other."""
    router = APIRouter(prefix="/map/data")

    @router.get("/trees/{code}")
    def tree(request: Request, code: str) -> dict[str, Any]:
        with visit(page, request) as visitor:
            found = old_tree.by_codes(visitor.session, [code]).get(code.upper())
            if found is None:
                raise HTTPException(404)
            street = visitor.session.get_one(Area, visitor.area(found.street_code).code)
            shown = _record(visitor, found, street.name)
        seen(page, visitor, "tree.viewed", f"tree:{found.code}", street.code, audit.DONE)
        return shown

    return router


def tree_places(visitor: Visitor, area: Area) -> list[dict[str, Any]]:
    """The trees of an area as points: `watch` is `seen`, `unseen` (for longer than the rule allows) or `never`."""
    session, today = visitor.session, visitor.today
    trees = old_tree.in_area(session, area, today)
    if not trees:
        return []
    seen, allowed = old_tree_visit.last_seen(session), old_tree_watch.days_allowed(session, today)
    return [_point(visitor, one, seen, allowed) for one in trees]


def any_trees(visitor: Visitor, areas: list[Area]) -> bool:
    """Whether some areas have trees."""
    return any(old_tree.in_area(visitor.session, area, visitor.today) for area in areas)


def _point(visitor: Visitor, one: TreeFacts, seen: dict[int, Any], allowed: int) -> dict[str, Any]:
    last_on = seen.get(one.id)
    days = (visitor.today - last_on).days if last_on else None
    return {
        "code": one.code, "kind": "old_tree", "name": one.name, "site": one.site,
        "species": one.species, "grade": say(visitor.language, f"old_tree.grade.{one.grade}"), "lon": one.lon,
        "lat": one.lat, "last_on": last_on.isoformat() if last_on else None, "days": days,
        "watch": "never" if days is None else "unseen" if days >= allowed else "seen",
        "grid": old_tree.grid_of(visitor.session, one.lon, one.lat, visitor.today),
    }  # fmt: skip


def _record(visitor: Visitor, found: OldTree, street: str) -> dict[str, Any]:
    last_on = old_tree_visit.last_seen(visitor.session, [found.id]).get(found.id)
    return {
        "code": found.code, "species": found.species, "grade": say(visitor.language, f"old_tree.grade.{found.grade}"),
        "name": found.name, "site": found.site, "street": street, "lon": found.lon, "lat": found.lat,
        "closed_on": found.closed_on.isoformat() if found.closed_on else None,
        "last_on": last_on.isoformat() if last_on else None,
        "days": (visitor.today - last_on).days if last_on else None,
        "visits": [_visit(one) for one in old_tree_visit.history(visitor.session, found.id, _HISTORY)],
    }  # fmt: skip


def _visit(one: Visit) -> dict[str, Any]:
    return {
        "patrol": one.patrol_id, "number": one.number, "on": one.patrolled_on.isoformat(), "chief": one.chief,
        "photos": one.photos, "counts": one.counts,
    }  # fmt: skip
