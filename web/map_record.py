"""The patrols of a grid, one record, its photos (一张图的记录)."""

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse

from locales import catalogue, say
from models.grid import GridVersion
from models.photo import Photo
from services import announced, audit, hint, map_grid, map_record
from services.hint import Hint
from services.map_record import Change, Full
from services.tally import Record
from web.map_data import asked_for
from web.map_session import MapPage, Number, Visit, seen, visit
from web.photo_kind import kind_of

_PAGE = 20


def map_record_routes(page: MapPage) -> APIRouter:
    """Records are found by the visitor's area alone: 404 for any other."""
    router = APIRouter(prefix="/map/data")

    @router.get("/records")
    def records(
        request: Request,
        grid: Number,
        first: str,
        last: str,
        division: str = "",
        counted: bool = True,
        offset: Number = 0,
    ) -> dict[str, Any]:
        with visit(page, request) as visitor:
            street = _street_of(visitor, grid)
            asked = asked_for(visitor, street, first, last, division)
            found, total = map_grid.records_of(visitor.session, asked, grid, counted, _PAGE, offset)
            seen(page, visitor, "record.listed", f"grid:{grid}:{first}..{last}", street, str(len(found)))
            return {"total": total, "page": _PAGE, "records": [_line(page, visitor, one) for one in found]}

    @router.get("/records/{patrol_id}")
    def record(request: Request, patrol_id: Number) -> dict[str, Any]:
        with visit(page, request) as visitor:
            found = map_record.find(visitor.session, visitor.person, visitor.today, patrol_id)
            if found is None:
                seen(page, visitor, "record.viewed", f"patrol_id:{patrol_id}", None, "refused")
                raise HTTPException(404)
            number, street = found.patrol.number, found.patrol.street_code
            seen(page, visitor, "record.viewed", f"patrol:{number}", street, audit.DONE)
            hints = hint.of_patrols(visitor.session, [patrol_id])
            return {**_record(page, visitor, found), "hints": [_hint(visitor, found, one) for one in hints]}

    @router.get("/photos/{photo_id}/{size}")
    def photo(request: Request, photo_id: Number, size: str) -> FileResponse:
        with visit(page, request) as visitor:
            found = map_record.photo_of(visitor.session, visitor.person, visitor.today, photo_id)
        path = _path(page, found, size) if found else None
        if path is None or not path.is_file():
            seen(page, visitor, "photo.viewed", f"photo:{photo_id}", None, "refused")
            raise HTTPException(404)
        # The small ones belong to the view of their record.
        if size == "full":
            seen(page, visitor, "photo.viewed", f"photo:{photo_id}", None, audit.DONE)
        # By its bytes: what is no picture is never shown as one.
        return FileResponse(path, media_type=kind_of(path), headers={"Cache-Control": "private, max-age=3600"})

    return router


def _street_of(visitor: Visit, grid_id: int) -> str:
    found = visitor.session.get(GridVersion, grid_id)
    if found is None:
        raise HTTPException(404)
    return visitor.area(found.street_code).code


def _path(page: MapPage, photo: Photo, size: str) -> Path | None:
    folders = {"small": ("thumbnails", ".jpg"), "full": ("files", "")}
    if photo.sha256 is None or size not in folders:
        return None
    folder, ending = folders[size]
    return page.data_dir / folder / photo.sha256[:2] / f"{photo.sha256}{ending}"


def _line(page: MapPage, visitor: Visit, one: Record) -> dict[str, Any]:
    return {
        "id": one.id, "number": one.number, "at": _moment(page, one.patrolled_at), "chief": one.chief,
        "photos": one.photos, "verdict": _bucket(visitor, one.reason or one.verdict),
    }  # fmt: skip


def _record(page: MapPage, visitor: Visit, found: Full) -> dict[str, Any]:
    patrol = found.patrol
    sent = announced.fates(visitor.session, [one.id for one in found.photos])
    return {
        "id": patrol.id, "number": patrol.number, "at": _moment(page, patrol.patrolled_at),
        "submitted_at": _moment(page, patrol.submitted_at), "chief": found.chief,
        "level": say(visitor.language, f"level.{patrol.level or 'unassigned'}"), "grid": found.grid,
        "street": found.street, "lon": patrol.lon, "lat": patrol.lat, "accuracy_m": patrol.accuracy_m,
        "outside_m": patrol.outside_m, "note": patrol.note, "problem": patrol.problem_type,
        "counted": patrol.verdict == "counted", "verdict": _bucket(visitor, patrol.reason or patrol.verdict),
        "photo_count": patrol.photos,
        "photos": [
            {"id": one.id, "state": one.state, "original": one.original, "as_sent": sent.get(one.id)}
            for one in found.photos
        ],
        "changes": [_change(page, visitor, one) for one in found.changes],
    }  # fmt: skip


def _change(page: MapPage, visitor: Visit, one: Change) -> dict[str, Any]:
    return {
        "at": _moment(page, one.at), "what": one.what, "by": one.by, "before": _bucket(visitor, one.before),
        "after": _bucket(visitor, one.after), "why": one.why,
    }  # fmt: skip


def _hint(visitor: Visit, found: Full, one: Hint) -> str:
    number, km = found.patrol.number, f"{one.metres / 1000:.1f}"
    return say(visitor.language, f"hint.{one.kind}", number=number, other=one.number, km=km, day=one.taken_on)


def _bucket(visitor: Visit, name: str) -> str:
    known = catalogue(visitor.language)
    keys = (f"count.verdict.{name}", f"report.reason.{name}")
    return next((say(visitor.language, key) for key in keys if key in known), name)


def _moment(page: MapPage, at: datetime) -> str:
    return at.astimezone(page.zone).strftime("%Y-%m-%d %H:%M")
