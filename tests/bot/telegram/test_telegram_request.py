"""The transport of the Bot API (传输): what a request carries, and which way it goes."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from telegram.error import NetworkError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.telegram import request as transport
from bot.telegram.request import AiohttpRequest

SAID = RequestData([RequestParameter("chat_id", "7", None), RequestParameter("text", "巡林", None)])
ELSEWHERE = "http://bot.api.invalid/sendMessage"
"""A host that no name server knows: only a proxy can answer for it."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No proxy of whoever runs the tests, and none remembered."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    transport._proxy.cache_clear()
    yield monkeypatch
    transport._proxy.cache_clear()


async def through(environment: pytest.MonkeyPatch, url: str, bypass: str = "") -> list[dict[str, str]]:
    """Post to a URL with a server as the environment's proxy; gives what the server was asked."""
    asked: list[dict[str, str]] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        asked.append({"to": str(request.url), "type": request.content_type, **await request.json()})
        return web.json_response({"ok": True})

    async with RawTestServer(answer) as server:
        environment.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
        environment.setenv("no_proxy", bypass)
        pool = AiohttpRequest(1)
        await pool.initialize()
        try:
            await pool.do_request(url, "POST", SAID)
        finally:
            await pool.shutdown()
    return asked


def test_the_proxy_of_the_environment_is_asked_for_the_address_in_json(environment: pytest.MonkeyPatch) -> None:
    sent = {"to": ELSEWHERE, "type": "application/json", "chat_id": "7", "text": "巡林"}
    assert asyncio.run(through(environment, ELSEWHERE)) == [sent]


def test_a_host_that_needs_no_proxy_is_asked_itself(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetworkError):
        asyncio.run(through(environment, ELSEWHERE, bypass="api.invalid"))


def test_without_a_proxy_in_the_environment_there_is_none() -> None:
    assert transport.proxy_for(ELSEWHERE) is None
