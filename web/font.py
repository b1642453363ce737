"""The Chinese letters of the pages (中文字体) for a device that has none: from the own host, fetched only then."""

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pylopdf_fonts_zh_cn import sans_path

_A_YEAR = "public, max-age=31536000, immutable"


def font_routes() -> APIRouter:
    """`GET /font/sans-sc.otf`: Noto Sans SC, under the SIL Open Font Licence."""
    router = APIRouter()

    @router.get("/font/sans-sc.otf")
    def font() -> FileResponse:
        return FileResponse(sans_path(), media_type="font/otf", headers={"Cache-Control": _A_YEAR})

    return router
