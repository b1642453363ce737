"""WeCom's API (接口): every answer read to its errcode, a stale token renewed, nothing secret in an error."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import structlog
from sqlalchemy import Engine

from bot.channel_error import ChannelError
from bot.wecom.errcode import RENEW, ConfigurationError, error_of
from bot.wecom.token import Tokens
from models.engine import transaction
from services import alarm

MOST_BYTES = 25 * 1024 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5)
FAULT = "wecom.fault"
"""The alarms of what is wrong in the console's settings, one an interface; over when it has answered again."""
_PLAIN = {"msgtype", "agentid", "card_type", "style"}
"""What of a request may be logged as it is."""
_SHOWN_OF_ERRMSG = 200
"""WeCom's own words name the address that is not allow-listed; they are never shown to a person in the chat."""

log = structlog.get_logger()


class Api:
    """Requests of one app, over one pool of connections."""

    def __init__(self, engine: Engine, url: str, corp_id: str, agent_id: int, secret: str) -> None:
        self.engine, self.url, self.corp_id, self.agent_id, self._secret = engine, url, corp_id, agent_id, secret
        self.http = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True)
        self.tokens = Tokens(engine, f"{corp_id}:{agent_id}", self._ask)
        self._faulty: dict[str, bool] = {}

    async def post(self, path: str, said: dict[str, Any], **query: str | int) -> dict[str, Any]:
        """Post JSON and give the answer; raises `ChannelError` for any errcode but 0."""
        return await self._call("POST", path, query, lambda: {"json": said})

    async def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Get the answer of a path."""
        return await self._call("GET", path, query, dict)

    async def upload(self, kind: str, name: str, data: bytes) -> str:
        """Upload a file of a kind and give its media id, good for three days."""

        def form() -> dict[str, Any]:
            made = aiohttp.FormData(quote_fields=False)
            made.add_field("media", data, filename=name.replace('"', "_"), content_type="application/octet-stream")
            return {"data": made}

        return str((await self._call("POST", "media/upload", {"type": kind}, form))["media_id"])

    async def download(self, media_id: str) -> bytes:
        """The bytes of a media id; raises `ChannelError`."""
        answer = await self._call("GET", "media/get", {"media_id": media_id}, dict, file=True)
        return bytes(answer["data"])

    async def close(self) -> None:
        """End the connections."""
        await self.http.close()

    async def _call(
        self, method: str, path: str, query: dict[str, Any], made: Callable[[], dict[str, Any]], file: bool = False
    ) -> dict[str, Any]:
        token = await self.tokens.get()
        answer = await self._request(method, path, {**query, "access_token": token}, made(), file)
        if answer.get("errcode") in RENEW:
            token = await self.tokens.renew(token)
            answer = await self._request(method, path, {**query, "access_token": token}, made(), file)
        await self._check(path, answer, made().get("json"))
        return answer

    async def _ask(self) -> tuple[str, int]:
        query = {"corpid": self.corp_id, "corpsecret": self._secret}
        answer = await self._request("GET", "gettoken", query, {}, file=False)
        await self._check("gettoken", answer)
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))

    async def _request(
        self, method: str, path: str, query: dict[str, Any], said: dict[str, Any], file: bool
    ) -> dict[str, Any]:
        try:
            address = f"{self.url}/cgi-bin/{path}"
            # A redirect would carry the token to wherever it says.
            async with self.http.request(method, address, params=query, allow_redirects=False, **said) as response:
                data = await _bounded(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Their own words hold the address, and with it the token.
            raise ChannelError(f"{path}: {type(error).__name__}", retryable=True) from None
        if response.status >= 500:
            raise ChannelError(f"{path}: HTTP {response.status}", retryable=True)
        # A refusal comes as JSON, under whatever type, and a proxy's page is no photo.
        words = response.content_type.startswith("text/") or "json" in response.content_type
        if file and response.status == 200 and not words:
            return {"data": data}
        return _parsed(path, data, response.status)

    async def _check(self, path: str, answer: dict[str, Any], said: dict[str, Any] | None = None) -> None:
        errcode = int(answer.get("errcode", 0) or 0)
        if not errcode:
            await self._note_fault(path, "")
            return
        error = error_of(errcode)
        if isinstance(error, ConfigurationError):
            words = " ".join(str(answer.get("errmsg") or "").split())[:_SHOWN_OF_ERRMSG]
            await self._note_fault(path, f"{errcode} {path}: {words}")
        elif not error.retryable and not error.gone:
            log.error("wecom_refused_ours", path=path, errcode=errcode, request=_shape(said or {}))
        raise error

    async def _note_fault(self, path: str, fault: str) -> None:
        if self._faulty.get(path) == bool(fault):
            return
        self._faulty[path] = bool(fault)
        if fault:
            log.error("wecom_configuration", fault=fault)
        await asyncio.to_thread(self._sound, path, fault)

    def _sound(self, path: str, fault: str) -> None:
        with transaction(self.engine) as session:
            if fault:
                alarm.sound(session, f"{FAULT}.{path}", f"{fault} ({datetime.now(UTC):%Y-%m-%d %H:%M}Z)")
            else:
                alarm.end(session, f"{FAULT}.{path}")


def _shape(said: Any) -> Any:
    """A request without what it says: names, and the bytes of each text; whom and what must stand in no log."""
    if isinstance(said, dict):
        return {name: value if name in _PLAIN else _shape(value) for name, value in said.items()}
    if isinstance(said, list):
        return [_shape(one) for one in said]
    return len(str(said).encode())


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        data.extend(chunk)
        if len(data) > MOST_BYTES:
            raise ChannelError("too_large")
    return bytes(data)


def _parsed(path: str, data: bytes, status: int) -> dict[str, Any]:
    try:
        answer = json.loads(data)
        if not isinstance(answer, dict):
            raise ValueError
    except ValueError:
        raise ChannelError(f"{path}: no JSON, HTTP {status}", retryable=True) from None
    return answer
