"""A stand-in for WeCom's API (企业微信替身): real HTTP, its errcodes, its token, its silent limits."""

import asyncio
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import web
from wecom_seal import CORP, SECRET

MEMBER_A_MINUTE = 30
CODE_SPENT = 40058


@dataclass
class WecomServer:
    """What the stand-in was asked, what it will say."""

    url: str = ""
    tokens: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    sent: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    menus: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    unlicensed: set[str] = field(default_factory=set)
    spent: set[str] = field(default_factory=set)
    """Codes that have updated their card: each does it once."""
    says: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))
    """For a path what comes next: an errcode, `slow`, `cut`, `html`, `page`, `elsewhere`; afterwards it works again."""
    life_s: int = 7200
    valid_from: int = 0
    """Tokens with a smaller number are refused."""
    _times: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def expire(self) -> None:
        """Let every token that was given out be worth nothing."""
        self.valid_from = len(self.tokens)

    def to(self, user: str) -> list[dict[str, Any]]:
        """What a member got."""
        return [one for one in self.sent if one["touser"] == user]

    def app(self) -> web.Application:
        app = web.Application(client_max_size=50 * 1024 * 1024)
        app.router.add_get("/cgi-bin/gettoken", self._gettoken)
        app.router.add_route("*", "/stolen", self._stolen)
        for path, answer in self._paths().items():
            app.router.add_route("*", f"/cgi-bin/{path}", self._guarded(path, answer))
        return app

    def _paths(self) -> dict[str, Any]:
        return {
            "message/send": self._send, "message/update_template_card": self._update, "menu/create": self._menu,
            "media/upload": self._upload, "media/get": self._media, "user/getuserid": self._userid,
            "auth/getuserinfo": self._userinfo,
        }  # fmt: skip

    async def _stolen(self, request: web.Request) -> web.StreamResponse:
        self.calls["stolen"] += 1
        return error(0)

    async def _gettoken(self, request: web.Request) -> web.StreamResponse:
        self.calls["gettoken"] += 1
        if bad := await self._disturbed("gettoken", request):
            return bad
        if (request.query.get("corpid"), request.query.get("corpsecret")) != (CORP, SECRET):
            return error(40001)
        self.tokens.append(f"token-{len(self.tokens)}")
        return web.json_response(
            {"errcode": 0, "errmsg": "ok", "access_token": self.tokens[-1], "expires_in": self.life_s}
        )

    def _guarded(self, path: str, answer: Any) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.calls[path] += 1
            token = request.query.get("access_token", "")
            if token not in self.tokens:
                return error(40014)
            if self.tokens.index(token) < self.valid_from:
                return error(42001)
            if bad := await self._disturbed(path, request):
                return bad
            found: web.StreamResponse = await answer(request)
            return found

        return handle

    async def _disturbed(self, path: str, request: web.Request) -> web.StreamResponse | None:
        if not self.says[path]:
            return None
        how = self.says[path].popleft()
        if how == "slow":
            await asyncio.sleep(0.5)
            return None
        if how == "cut":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if how == "page":
            return web.Response(text="<html>log in to the network</html>", content_type="text/html")
        if how == "elsewhere":
            return web.Response(status=302, headers={"Location": f"{self.url}/stolen"})
        return web.Response(text="<html>busy</html>", status=502) if how == "html" else error(how)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        user = said["touser"]
        if user in self.gone:
            return web.json_response({"errcode": 0, "errmsg": "ok", "invaliduser": user.upper(), "msgid": ""})
        if user in self.unlicensed:
            return web.json_response({"errcode": 0, "errmsg": "ok", "unlicenseduser": user, "msgid": ""})
        times = self._times[user]
        while times and monotonic() - times[0] > 60:
            times.popleft()
        # WeCom says ok and drops it.
        (self.dropped if len(times) >= MEMBER_A_MINUTE else self.sent).append(said)
        times.append(monotonic())
        answer = {"errcode": 0, "errmsg": "ok", "msgid": f"m{len(self.sent)}"}
        if said["msgtype"] == "template_card":
            answer["response_code"] = f"code-{len(self.sent)}"
        return web.json_response(answer)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        if said["response_code"] in self.spent:
            return error(CODE_SPENT)
        self.spent.add(said["response_code"])
        self.updates.append(said)
        return error(0)

    async def _menu(self, request: web.Request) -> web.StreamResponse:
        self.menus.append(await request.json())
        return error(0)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        part = await (await request.multipart()).next()
        assert part is not None
        assert part.name == "media"  # type: ignore[union-attr]
        media_id = f"up-{len(self.uploads)}"
        self.uploads[media_id] = await part.read()  # type: ignore[union-attr, assignment]
        return web.json_response({"errcode": 0, "type": request.query["type"], "media_id": media_id})

    async def _media(self, request: web.Request) -> web.StreamResponse:
        data = self.media.get(request.query.get("media_id", ""))
        if data is None:
            return error(40007)
        return web.Response(body=data, content_type="image/jpeg")

    async def _userid(self, request: web.Request) -> web.StreamResponse:
        user = self.phones.get((await request.json())["mobile"])
        return web.json_response({"errcode": 0, "userid": user}) if user else error(46004)

    async def _userinfo(self, request: web.Request) -> web.StreamResponse:
        user = self.codes.pop(request.query.get("code", ""), None)
        return web.json_response({"errcode": 0, "userid": user}) if user else error(40029)


def error(errcode: int) -> web.Response:
    return web.json_response({"errcode": errcode, "errmsg": "more info at https://open.work.weixin.qq.com"})


@contextmanager
def wecom_server() -> Iterator[WecomServer]:
    """A stand-in that answers."""
    server, loop, ready = WecomServer(), asyncio.new_event_loop(), threading.Event()
    runner = web.AppRunner(server.app(), shutdown_timeout=0.1)

    async def serve() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
