"""What the live map draws (一张图数据): grids with their figures, the areas below, parks and old trees."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy import select

from locales import say
from locales.dates import span_name
from locales.problems import type_word
from models.area import Area
from services import map_grid, map_problem, place, summary, tally
from services.map_grid import Asked, GridFigures
from services.summary import Span, month_span
from web.map_old_tree import tree_places
from web.map_session import MapPage, Visit, visit

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def map_data_routes(page: MapPage) -> APIRouter:
    """The grids of an area, and the places in it."""
    router = APIRouter(prefix="/map/data")

    @router.get("/grids")
    def grids(
        request: Request, area: str, first: str, last: str, division: str = "", shapes: bool = True
    ) -> dict[str, Any]:
        with visit(page, request) as visitor:
            asked = asked_for(visitor, area, first, last, division)
            found = map_grid.figures(visitor.session, asked)
            drawn = collection(found, map_problem.open_by_grid(visitor.session, asked), shapes)
            return {**_heading(page, visitor, asked, found), **drawn}

    @router.get("/problems")
    def problems(request: Request, area: str, first: str, last: str) -> dict[str, Any]:
        with visit(page, request) as visitor:
            asked = asked_for(visitor, area, first, last, "")
            found = map_problem.points(visitor.session, asked, page.clock())
            return {"problems": [{**one, **_worded(visitor, one)} for one in found]}

    @router.get("/places")
    def places(request: Request, area: str) -> dict[str, Any]:
        with visit(page, request) as visitor:
            found = visitor.area(area)
            streets = list(summary.streets_of(visitor.session, found))
            return {"places": [
                {
                    "code": one.code, "kind": one.kind, "name": one.name, "site": one.site, "species": one.species,
                    "grade": one.grade, "lon": one.lon, "lat": one.lat,
                }
                for one in place.of_streets(visitor.session, streets)
            ] + tree_places(visitor, found)}  # fmt: skip

    return router


def asked_for(visitor: Visit, area: str, first: str, last: str, division: str) -> Asked:
    """What a query asks for; 404 for an area that is not the visitor's, 422 for months or a day that cannot be."""
    found = visitor.area(area)
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last)) or first > last:
        raise HTTPException(422)
    span = Span(month_span(first).start, month_span(last).end)
    try:
        day = date.fromisoformat(division) if division else span.end
    except ValueError:
        raise HTTPException(422) from None
    return Asked(found, span, day, visitor.today)


def collection(found: Sequence[GridFigures], open_problems: Mapping[int, int], shapes: bool = True) -> dict[str, Any]:
    """The grids as GeoJSON in WGS-84; without their shapes for whoever has them already."""
    return {"type": "FeatureCollection", "features": [_feature(one, open_problems[one.id], shapes) for one in found]}


def _feature(one: GridFigures, open_problems: int, shapes: bool) -> dict[str, Any]:
    return {
        "type": "Feature", "id": one.id, "geometry": json.loads(one.geometry) if shapes else None,
        "properties": {
            "code": one.code, "name": one.name, "street_name": one.street, "street_code": one.street_code,
            "patrols": one.patrols, "days": one.days, "last_on": one.last_on.isoformat() if one.last_on else None,
            "met": one.met, "owed": one.owed, "problems": one.problems,
            "open_problems": open_problems,
        },
    }  # fmt: skip


def _worded(visitor: Visit, one: dict[str, Any]) -> dict[str, str]:
    state = say(visitor.language, f"problem.state.{one['state']}")
    return {"type_name": type_word(visitor.language, one["type"]), "state_name": state}


def _heading(page: MapPage, visitor: Visit, asked: Asked, found: Sequence[GridFigures]) -> dict[str, Any]:
    counted, below = _below(page, visitor, asked)
    total = counted["total"]
    return {
        "area": {"code": asked.area.code, "name": asked.area.name, "level": asked.area.level},
        "period": span_name(asked.span.start, asked.span.end, visitor.language),
        "until": asked.until.isoformat(), "total": total, "counted": counted, "below": below,
        "without_grid": total - sum(one.patrols for one in found),
    }  # fmt: skip


def _below(page: MapPage, visitor: Visit, asked: Asked) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The counted patrols of the area by level, and those of the areas below it: the same numbers as in the chat."""
    session, span, area = visitor.session, asked.span, asked.area
    if area.level == "community":
        levels = tally.in_community(session, span, area)
        return {**{level: levels.get(level, 0) for level in summary.LEVELS}, "total": sum(levels.values())}, []
    figures = summary.figures(session, span, area, page.zone, page.clock())
    if area.level == "district":
        streets = figures["by_street"].items()
        rows = [(code, row["name"], "street", row["total"]) for code, row in streets if row["name"]]
    else:
        below = session.scalars(select(Area).where(Area.parent_code == area.code).order_by(Area.code)).all()
        rows = [(one.code, one.name, one.level, _of_community(visitor, span, one)) for one in below]
    return figures["counted"], [
        {"code": code, "name": name, "level": level, "patrols": n} for code, name, level, n in rows
    ]


def _of_community(visitor: Visit, span: Span, area: Area) -> int:
    return sum(tally.in_community(visitor.session, span, area).values())
