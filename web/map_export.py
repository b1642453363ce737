"""What the live map shows, to take along (导出): GeoJSON and CSV of the grids with their figures."""

import csv
import io
import json
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from locales import say
from services import audit, map_grid
from services.map_grid import GridFigures
from web.map_data import asked_for, collection
from web.map_session import MapPage, seen, visit

_COLUMNS = ("code", "name", "street", "patrols", "last_on", "days", "met", "owed", "problems")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def map_export_routes(page: MapPage) -> APIRouter:
    """The two files; they are asked for like the grids themselves."""
    router = APIRouter(prefix="/map")

    @router.get("/export.{ending}")
    def export(request: Request, ending: str, area: str, first: str, last: str, division: str = "") -> Response:
        if ending not in {"csv", "geojson"}:
            return Response(status_code=404)
        with visit(page, request) as visitor:
            asked = asked_for(visitor, area, first, last, division)
            found = map_grid.figures(visitor.session, asked)
            body = _csv(found, visitor.language) if ending == "csv" else json.dumps(collection(found))
        seen(page, visitor, "map.exported", f"grids:{first}..{last}:{ending}", area, audit.DONE)
        name = f"xunlin-{area}-{first}-{last}.{ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        kind = "text/csv; charset=utf-8" if ending == "csv" else "application/geo+json"
        return Response(body, media_type=kind, headers=headers)

    return router


def _csv(found: Sequence[GridFigures], language: str) -> str:
    # The mark at the beginning: without it Excel takes UTF-8 for something else.
    file = io.StringIO("\ufeff", newline="")
    file.seek(0, io.SEEK_END)
    sheet = csv.writer(file)
    sheet.writerow(say(language, f"map_page.column_{name}") for name in _COLUMNS)
    sheet.writerows([_cell(getattr(one, name)) for name in _COLUMNS] for one in found)
    return file.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    # Text that a spreadsheet would work out stays text.
    return f"'{text}" if text.startswith(_FORMULA) else text
