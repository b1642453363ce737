"""HTTP for the Bot API (传输) on aiohttp: a pool that does not collapse when hundreds of messages go at once."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_MB = 1024 * 1024
_JSON = {"Content-Type": "application/json"}
_CONNECT_S, _ANSWER_S, _UPLOAD_S = 10.0, 20.0, 60.0


class UnknownOutcomeError(TimedOut):
    """The request went out and no answer came: it may have been carried out."""


class AiohttpRequest(BaseRequest):
    """The transport of one bot; proxies of the environment are honoured."""

    __slots__ = ("_connections", "_session")

    def __init__(self, connections: int) -> None:
        self._connections, self._session = connections, None

    _session: aiohttp.ClientSession | None

    @property
    def read_timeout(self) -> float | None:
        """How long an answer may take, in seconds."""
        return _ANSWER_S

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(connector=connector)

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, read_timeout: Any = None,
        write_timeout: Any = None, connect_timeout: Any = None, pool_timeout: Any = None,
    ) -> tuple[int, bytes]:  # fmt: skip
        """Send a request and give its status and body; raises `NetworkError`, which never holds the URL."""
        body, headers = _body(request_data)
        answer_s = read_timeout if isinstance(read_timeout, int | float) else _ANSWER_S
        total_s = answer_s + (_UPLOAD_S if isinstance(body, aiohttp.FormData) else 0)
        timeout = aiohttp.ClientTimeout(total=total_s, sock_connect=_CONNECT_S)
        asked = self.session.request(method, url, data=body, headers=headers, timeout=timeout, proxy=proxy_for(url))
        try:
            async with asked as answer:
                return answer.status, await answer.read()
        except aiohttp.ClientConnectorError as error:
            raise NetworkError(f"no connection ({type(error).__name__})") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The request may have arrived: whoever sent it decides whether once more does harm.
            raise UnknownOutcomeError(f"no answer ({type(error).__name__})") from None

    async def download(self, url: str, most_bytes: int, within_s: float) -> bytes:
        """The bytes at `url`, the whole of it within a deadline; raises `NetworkError`, `ValueError` when too large."""
        try:
            timeout = aiohttp.ClientTimeout(total=within_s)
            async with self.session.get(url, timeout=timeout, proxy=proxy_for(url)) as answer:
                if answer.status != 200:
                    raise NetworkError(f"file refused ({answer.status})")
                return await _read(answer, most_bytes)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NetworkError(f"file broke off ({type(error).__name__})") from None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open pool; raises `RuntimeError` before `initialize`."""
        if self._session is None:
            raise RuntimeError("the transport is not open")
        return self._session


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address, or none."""
    parts = urlsplit(url)
    return _proxy(parts.scheme, parts.netloc)


@cache
def _proxy(scheme: str, host: str) -> str | None:
    # Where the pool itself looks into the environment it does so in a thread, for each request.
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _body(data: RequestData | None) -> tuple[aiohttp.FormData | bytes | None, dict[str, str] | None]:
    """What a request carries: files as a form, all else as JSON, which costs a tenth of a form."""
    if data is None:
        return None, None
    if not data.contains_files:
        return data.json_payload, _JSON
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, None


async def _read(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    if (answer.content_length or 0) > most_bytes:
        raise ValueError("too large")
    pieces, size = [], 0
    async for piece in answer.content.iter_chunked(_MB):
        size += len(piece)
        if size > most_bytes:
            raise ValueError("too large")
        pieces.append(piece)
    return b"".join(pieces)
