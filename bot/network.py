"""What a channel over a network brings along (网络渠道): its loops, limits and routes; none where it is not set up."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from bot.network_sender import Limits, Post

Fetch = Callable[[str], Awaitable[bytes]]
"""The bytes of a photo or file by what the platform calls it; raises `ChannelError`."""


@dataclass(frozen=True, slots=True)
class NetworkChannel:
    """A channel that is set up: made by `start` in the channel's folder."""

    name: str
    post: Post
    limits: Limits
    fetch: Fetch
    receive: Callable[[asyncio.Event], Coroutine[Any, Any, None]] | None = None
    """Takes messages in until the stop, where the channel asks for them itself (polling)."""
    routes: APIRouter | None = None
    """Where the platform brings messages to (webhook, callback)."""
    close: Callable[[], Awaitable[None]] | None = None
    """Ends its connections."""
