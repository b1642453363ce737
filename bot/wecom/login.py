"""Who opens a page from the chat (网页登录): OAuth2 snsapi_base, then a signed cookie of our own."""

from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.channel_error import ChannelError
from bot.wecom.api import Api

COOKIE = "xunlin_wecom"
_ASK = "https://open.weixin.qq.com/connect/oauth2/authorize"
_HOURS_S = 8 * 3600
_STATE_S = 600


class Login:
    """Lets members in by what WeCom says of them."""

    def __init__(self, api: Api, signer: URLSafeTimedSerializer, public_url: str) -> None:
        self.api, self.signer, self.public_url = api, signer, public_url

    def user_of(self, request: Request) -> str | None:
        """The member of the cookie."""
        return self._read(request.cookies.get(COOKIE, ""), "user", _HOURS_S)

    def ask(self, page: str) -> Response:
        """Send the phone to WeCom, which sends it back with a code."""
        back = quote(f"{self.public_url}/wecom/login", safe="")
        state = self.signer.dumps({"page": page})
        address = (
            f"{_ASK}?appid={self.api.corp_id}&redirect_uri={back}&response_type=code&scope=snsapi_base"
            f"&state={state}&agentid={self.api.agent_id}#wechat_redirect"
        )
        return RedirectResponse(address, 302, headers={"Cache-Control": "no-store"})

    async def enter(self, request: Request) -> Response:
        """The way back: the code is turned into the member; 403 for a false code, or a state that is not ours."""
        page = self._read(request.query_params.get("state", ""), "page", _STATE_S)
        code = request.query_params.get("code", "")
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
        response = RedirectResponse(page, 302, headers={"Cache-Control": "no-store"})
        secure = urlsplit(self.public_url).scheme == "https"
        response.set_cookie(
            COOKIE, self.signer.dumps({"user": user}), max_age=_HOURS_S, httponly=True, samesite="lax", secure=secure
        )
        return response

    def _read(self, signed: str, name: str, age_s: int) -> str | None:
        try:
            said = self.signer.loads(signed, max_age=age_s)
        except BadSignature:
            return None
        value = said.get(name) if isinstance(said, dict) else None
        return value if isinstance(value, str) else None
