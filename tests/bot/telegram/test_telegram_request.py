"""The transport of the Bot API (传输): what a request carries, and which way it goes."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from telegram.error import NetworkError

from bot.telegram import request as transport
from bot.telegram.client import Client

ELSEWHERE = "http://bot.api.invalid"
"""A host that no name server knows: only a proxy can answer for it."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No proxy of whoever runs the tests, and none remembered."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    transport._proxy.cache_clear()
    yield monkeypatch
    transport._proxy.cache_clear()


async def said(environment: pytest.MonkeyPatch, bypass: str = "") -> list[dict[str, object]]:
    """Say 巡林 with a server as the environment's proxy; gives what the server was asked."""
    asked: list[dict[str, object]] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        asked.append({"to": str(request.url), "type": request.content_type, **await request.json()})
        return web.json_response({"ok": True, "result": {"message_id": 1}})

    async with RawTestServer(answer) as server:
        environment.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
        environment.setenv("no_proxy", bypass)
        client = Client("1:token", ELSEWHERE, 1)
        await client.open()
        try:
            await client.say("7", "巡林", None)
        finally:
            await client.close_pool()
    return asked


def test_the_proxy_of_the_environment_is_asked_for_the_address_in_json(environment: pytest.MonkeyPatch) -> None:
    (asked,) = asyncio.run(said(environment))
    assert (asked["to"], asked["type"]) == (f"{ELSEWHERE}/bot1:token/sendMessage", "application/json")
    assert (asked["chat_id"], asked["text"]) == ("7", "巡林")


def test_a_host_that_needs_no_proxy_is_asked_itself(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetworkError):
        asyncio.run(said(environment, bypass="api.invalid"))


def test_without_a_proxy_in_the_environment_there_is_none() -> None:
    assert transport.proxy_for(ELSEWHERE) is None
