"""Who is using the page (会话): a signed cookie, and headers that keep other sites out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Engine

COOKIE = "xunlin"
_WEEK_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ChatPage:
    """What the chat's pages share: the database, the cookie's signer, how people come in."""

    engine: Engine
    signer: URLSafeTimedSerializer
    login: str
    """`pick` in the demo on the loopback, else `code`."""
    language: str
    data_dir: Path
    version: str
    timezone: str
    """The zone of every time that is shown, wherever the browser is."""


def signer(secret: str) -> URLSafeTimedSerializer:
    """The signer of the session cookie."""
    return URLSafeTimedSerializer(secret, salt="local chat")


def user_of(page: ChatPage, request: Request) -> str | None:
    """The user of the cookie, or None."""
    try:
        return str(page.signer.loads(request.cookies.get(COOKIE, ""), max_age=_WEEK_S))
    except BadSignature:
        return None


def required(page: ChatPage, request: Request) -> str:
    """The user of the cookie; 401 without one."""
    user = user_of(page, request)
    if user is None:
        raise HTTPException(401)
    return user


def from_own_page(request: Request) -> None:
    """403 for a request that another site made: browsers send our header from our own pages only."""
    if request.headers.get("x-xunlin") != "1":
        raise HTTPException(403)


async def object_in(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings; 422 for anything else."""
    try:
        said = await request.json()
    except (ValueError, RecursionError):
        raise HTTPException(422) from None
    if not isinstance(said, dict):
        raise HTTPException(422)
    return said


def remember(page: ChatPage, response: Response, user: str) -> None:
    """Set the cookie."""
    response.set_cookie(COOKIE, page.signer.dumps(user), max_age=_WEEK_S, httponly=True, samesite="strict")
