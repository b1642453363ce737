"""Who looks at the live map (一张图会话): a signed cookie, a token for changes, the area of the office."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request, Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import Field
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.account import Account
from models.area import Area
from models.engine import reading, transaction
from rules.localtime import local_date
from services import audit, map_link, person, scope
from services.person import Person
from services.refused import Refused
from web.map_tiles import Tiles

COOKIE = "xunlin_map"
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Number = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""What an id or an offset of a query can be: no database holds a larger one."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Signers:
    """What signs the cookie, and what signs the token that goes with it."""

    cookie: URLSafeSerializer
    token: URLSafeSerializer


@dataclass(frozen=True, slots=True)
class MapPage:
    """What the map's routes share."""

    engine: Engine
    signers: Signers
    language: str
    data_dir: Path
    zone: ZoneInfo
    secure: bool
    """Whether the cookie goes over https only."""
    tiles: Tiles | None = None
    clock: Callable[[], datetime] = field(default=_now)

    @property
    def policies(self) -> dict[str, str]:
        """The headers that say what the page may load: its own host, and the hosts of the tiles where there are any."""
        hosts = self.tiles.hosts() if self.tiles else ()
        found = {"Content-Security-Policy": _CSP.format(images=" ".join(["'self'", *hosts]))}
        if self.tiles:
            # A key is bound to the sites that use it: the tile host may know which site asks, and no more.
            found["Referrer-Policy"] = "strict-origin"
        return found


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who has come in."""

    session: Session
    link_id: int
    account: Account
    person: Person
    today: date
    language: str

    def area(self, code: str) -> Area:
        """An area that the visitor may see; 404 for any other, whether it exists or not."""
        found = self.session.get(Area, code) if code.isalnum() else None
        try:
            if found is not None:
                return scope.may_see(self.session, self.person, found, self.today)
        except Refused:
            pass
        raise HTTPException(404)


def signers(secret: str) -> Signers:
    """The signers of a house's secret."""
    return Signers(URLSafeSerializer(secret, salt="map session"), URLSafeSerializer(secret, salt="map token"))


@contextmanager
def visit(page: MapPage, request: Request) -> Iterator[Visit]:
    """A look at the database for whoever asks; 401 without an open session of an office account."""
    link_id, now = _link_of(page, request), page.clock()
    with reading(page.engine) as session:
        account = map_link.holder(session, link_id, now)
        who = person.known(session, account.channel, account.user_id) if account else None
        # Asked of the database each time: an office that was taken away sees nothing more.
        if account is None or who is None or not who.offices:
            raise HTTPException(401)
        today = local_date(now, page.zone)
        yield Visit(session, link_id, account, who, today, account.language or page.language)


def seen(page: MapPage, visitor: Visit, what: str, object: str, area: str | None, result: str) -> None:
    """Note what a visitor is shown, before it is: what cannot be noted is not shown."""
    with transaction(page.engine) as session:
        audit.note(session, audit.by_account(visitor.account.id), what, object, area, result, page.clock())


def remember(page: MapPage, response: Response, link_id: int) -> None:
    """Set the cookie."""
    lasts = int(map_link.SESSION_LASTS.total_seconds())
    signed = page.signers.cookie.dumps(link_id)
    response.set_cookie(
        COOKIE, signed, max_age=lasts, path="/map", httponly=True, samesite="strict", secure=page.secure
    )


def token_for(page: MapPage, link_id: int) -> str:
    """The token that a request which changes something brings along (CSRF)."""
    return page.signers.token.dumps(link_id)


def check_token(page: MapPage, request: Request, link_id: int) -> None:
    """403 for a request without the session's own token."""
    try:
        known = page.signers.token.loads(request.headers.get("x-csrf-token", ""))
    except BadSignature:
        known = None
    if known != link_id:
        raise HTTPException(403)


def _link_of(page: MapPage, request: Request) -> int:
    try:
        return int(page.signers.cookie.loads(request.cookies.get(COOKIE, "")))
    except (BadSignature, TypeError, ValueError):
        raise HTTPException(401) from None
