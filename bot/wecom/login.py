"""Who opens a page from the chat (网页登录): OAuth2 snsapi_base, then a signed cookie of our own."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.channel_error import ChannelError
from bot.wecom.api import Api
from models.engine import transaction
from services import wecom

COOKIE = "xunlin_wecom"
_STATE_COOKIE = "xunlin_state_"
_ASK = "https://open.weixin.qq.com/connect/oauth2/authorize"
_HOURS_S = 8 * 3600
_STATE_S = 600


class Login:
    """Lets members in by what WeCom says of them."""

    def __init__(self, api: Api, signer: URLSafeTimedSerializer, public_url: str) -> None:
        self.api, self.signer, self.public_url = api, signer, public_url
        self.secure = urlsplit(public_url).scheme == "https"
        self.arrivals: dict[str, Callable[[str], Response]] = {}
        """What a page does with whoever comes back for it; a page that is not here gets a cookie."""

    def user_of(self, request: Request) -> str | None:
        """The member of the cookie."""
        user = self._read(request.cookies.get(COOKIE, ""), _HOURS_S).get("user")
        return user if isinstance(user, str) else None

    def ask(self, page: str) -> Response:
        """Send the phone to WeCom, which sends it back with a code."""
        back, nonce = quote(f"{self.public_url}/wecom/login", safe=""), secrets.token_urlsafe(18)
        state = self.signer.dumps({"page": page, "nonce": nonce})
        address = (
            f"{_ASK}?appid={self.api.corp_id}&redirect_uri={back}&response_type=code&scope=snsapi_base"
            f"&state={state}&agentid={self.api.agent_id}#wechat_redirect"
        )
        response = RedirectResponse(address, 302, headers={"Cache-Control": "no-store"})
        # Whoever comes back must be the browser that was sent: else one could be let in as somebody else.
        self._set(response, _state_cookie(nonce), nonce, _STATE_S)
        return response

    async def enter(self, request: Request) -> Response:
        """The way back: the code is turned into the member; 403 for a false code, or a state that is not ours."""
        page, code = await self._asked(request), request.query_params.get("code", "")
        if page is None or not code or len(code) > 512:
            return Response(status_code=403)
        try:
            answer = await self.api.get("auth/getuserinfo", code=code)
        except ChannelError as error:
            return Response(status_code=503 if error.retryable else 403)
        user = str(answer.get("userid") or "").lower()
        # Somebody from outside the organisation has an openid and no userid.
        if not user:
            return Response(status_code=403)
        if arrive := self.arrivals.get(page):
            return await asyncio.to_thread(arrive, user)
        response = RedirectResponse(page, 302, headers={"Cache-Control": "no-store"})
        self._set(response, COOKIE, self.signer.dumps({"user": user}), _HOURS_S)
        return response

    async def _asked(self, request: Request) -> str | None:
        """The page that this browser was sent away from; a state is good once."""
        said = self._read(request.query_params.get("state", ""), _STATE_S)
        page, nonce = said.get("page"), said.get("nonce")
        if not isinstance(page, str) or not isinstance(nonce, str):
            return None
        kept = request.cookies.get(_state_cookie(nonce), "")
        if not hmac.compare_digest(kept.encode(), nonce.encode()):
            return None
        return page if await asyncio.to_thread(self._first_use, nonce) else None

    def _first_use(self, nonce: str) -> bool:
        with transaction(self.api.engine) as session:
            return wecom.remember_nonce(session, f"login:{nonce}", secrets.token_hex(8), datetime.now(UTC))

    def _set(self, response: Response, name: str, value: str, age_s: int) -> None:
        response.set_cookie(
            name, value, max_age=age_s, path="/wecom", httponly=True, samesite="lax", secure=self.secure
        )

    def _read(self, signed: str, age_s: int) -> dict[str, Any]:
        try:
            said = self.signer.loads(signed, max_age=age_s)
        except BadSignature:
            return {}
        return said if isinstance(said, dict) else {}


def _state_cookie(nonce: str) -> str:
    # A name of its own, so that two pages can be opened at once.
    return f"{_STATE_COOKIE}{nonce[:8]}"
