"""The channels (渠道) and what the worker and the sender need of each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module

from sqlalchemy import Engine
from sqlalchemy.orm import Session

import bot.clock.translate
import bot.local.send
import bot.local.translate
import bot.replay.send
import bot.replay.translate
from bot.bell import Bells
from bot.network import NetworkChannel
from bot.settings import Settings
from models.message import Message
from services.inbox import Waiting
from services.outbox import Leased


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: how a delivery becomes a message, and how a message of ours gets there."""

    translate: Callable[[Waiting], Message]
    deliver: Callable[[Session, Leased], None] | None = None
    """Delivers inside the transaction that marks the message as sent: for channels that live in the database."""
    past: bool = False
    """Its deliveries happen at the time they say, not now."""
    map_path: str = ""
    """Where its members open the live map without a link, because the platform says who they are."""


def _later(module: str) -> Callable[[Waiting], Message]:
    # A platform's library is loaded when its first message is: commands that need none start at once.
    return lambda waiting: import_module(module).translate(waiting)


CHANNELS: dict[str, Channel] = {
    "local": Channel(bot.local.translate.translate, bot.local.send.deliver),
    "telegram": Channel(_later("bot.telegram.translate")),
    "wecom": Channel(_later("bot.wecom.translate"), map_path="/wecom/map"),
    "clock": Channel(bot.clock.translate.translate, bot.replay.send.deliver),
    "replay": Channel(bot.replay.translate.translate, bot.replay.send.deliver, past=True),
}

DATABASE_CHANNELS = tuple(name for name, channel in CHANNELS.items() if channel.deliver)
"""Channels whose messages are handed over inside the database."""

Start = Callable[[Engine, Settings, Bells], Awaitable[NetworkChannel | None]]
_NETWORK = ("bot.telegram.channel", "bot.wecom.channel")


async def start_channels(engine: Engine, settings: Settings, bells: Bells) -> list[NetworkChannel]:
    """The channels over a network that are set up."""
    starts: list[Start] = [import_module(name).start for name in _NETWORK]
    started = [await start(engine, settings, bells) for start in starts]
    return [channel for channel in started if channel]
