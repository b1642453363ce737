"""What the live map shows, to take along (导出): the grids with their figures as a sheet or as a layer."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from locales import say
from services import audit, map_grid, map_problem
from services.map_grid import GridFigures
from web.map_data import asked_for, collection
from web.map_session import MapPage, seen, visit

_COLUMNS = ("code", "name", "street", "patrols", "last_on", "days", "met", "owed", "problems")
_CSV = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LAYERS = frozenset({"geojson", "kml", "shp", "gpkg"})

Write = Callable[[str, Sequence[dict[str, Any]]], tuple[bytes, str, str]]
"""Makes a layer of a kind from GeoJSON features: its bytes, its ending, its media type."""


def map_export_routes(page: MapPage, write: Write) -> APIRouter:
    """The files; they are asked for like the grids themselves."""
    router = APIRouter(prefix="/map")

    @router.get("/export.{kind}")
    def export(request: Request, kind: str, area: str, first: str, last: str, division: str = "") -> Response:
        if kind != "csv" and kind not in _LAYERS:
            return Response(status_code=404)
        with visit(page, request) as visitor:
            asked = asked_for(visitor, area, first, last, division)
            found = map_grid.figures(visitor.session, asked)
            open_problems = map_problem.open_by_grid(visitor.session, asked)
            sheet = _csv(found, visitor.language).encode() if kind == "csv" else b""
        features = collection(found, open_problems)["features"]
        body, ending, media = (sheet, "csv", _CSV) if kind == "csv" else write(kind, features)
        name = f"xunlin-{asked.area.code}-{first}-{last}.{ending}"
        seen(page, visitor, "map.exported", f"grids:{first}..{last}:{kind}", area, audit.DONE)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(body, media_type=media, headers=headers)

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
