"""A house with WeCom (接入企业微信的房子): the callback over ASGI, the sender over HTTP against the stand-in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from sqlalchemy import Engine
from wecom_seal import AES_KEY, AGENT, CORP, OLD_AES_KEY, OLD_TOKEN, SECRET, TOKEN, Sealed

from bot.bell import Bells
from bot.network import NetworkChannel
from bot.serve import app_for
from bot.settings import Settings, read_settings
from bot.wecom.channel import start


def wecom_settings(url: str, folder: Path, api_url: str = "http://127.0.0.1:1", **more: Any) -> Settings:
    """Settings with the app of the tests."""
    given = {
        "database_url": url, "data_dir": folder, "timezone": "Asia/Shanghai", "language": "zh_CN",
        "wecom_corp_id": CORP, "wecom_agent_id": AGENT, "wecom_secret": SECRET, "wecom_token": TOKEN,
        "wecom_aes_key": AES_KEY, "wecom_api_url": api_url, "public_url": "https://xunlin.example.cn", **more,
    }  # fmt: skip
    return read_settings(**given)


ROTATION = {"wecom_old_token": OLD_TOKEN, "wecom_old_aes_key": OLD_AES_KEY}


@dataclass
class Doors:
    """The channel and the web application of one process."""

    channel: NetworkChannel
    app: FastAPI

    async def delivers(self, sealed: Sealed) -> int:
        """WeCom delivers; gives the status."""
        return (await self.calls("POST", "/wecom/callback", sealed.query, sealed.body))[0]

    async def calls(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes, dict[str, str]]:
        """One request; gives status, body and headers."""
        given = {"content-length": str(len(body)), "host": "xunlin.example.cn", **(headers or {})}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": urlencode(query or {}).encode(), "scheme": "https",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 1), "server": ("xunlin.example.cn", 443), "root_path": "",
        }  # fmt: skip
        told: list[dict[str, Any]] = []
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Any:
            try:
                return next(messages)
            except StopIteration:
                await asyncio.sleep(3600)

        async def send(message: Any) -> None:
            told.append(message)

        await self.app(scope, receive, send)
        head = {name.decode(): value.decode() for name, value in told[0]["headers"]}
        return told[0]["status"], b"".join(one.get("body", b"") for one in told[1:]), head


@asynccontextmanager
async def wecom_doors(engine: Engine, settings: Settings) -> AsyncIterator[Doors]:
    """The channel started and its routes served."""
    channel = await start(engine, settings, Bells())
    assert channel is not None
    try:
        yield Doors(channel, app_for(engine, settings, channels=[channel]))
    finally:
        assert channel.close is not None
        await channel.close()
