"""Conversations over Telegram (电报对话): updates in, requests over HTTP out, the same words between."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chat_driver import TODAY, Chat, Heard, House, small_url
from telegram_house import PHOTO, Thread, _serve
from telegram_standin import TOKEN, StandIn

from bot.bell import Bell
from bot.network_sender import Limits, NetworkSender
from bot.telegram.client import Client
from bot.telegram.keys import chat_of, key_of
from bot.telegram.send import Speaker
from models.engine import transaction
from services import inbox
from services.inbox import Delivery
from services.outbox import Leased

MANY = Limits(1e5, lambda chat: timedelta(0))
"""The clock of the test stands still while messages go: the channel's own pace is not what is tested here."""
FIRST_USER = 7001


class TelegramTalk(House):
    """The small Xicheng on Telegram, with its stand-in."""

    def __init__(self, url: str, folder: Path, thread: Thread, standin: StandIn, address: str, now: datetime) -> None:
        super().__init__(url, folder, now)
        self.thread, self.standin, self.address = thread, standin, address
        self.names: list[str] = []
        self.channel, self.chats, self.deliver = "telegram", TelegramChat, self._deliver_telegram

    def number_of(self, who: str) -> int:
        """The Telegram number of a person."""
        if who not in self.names:
            self.names.append(who)
        return FIRST_USER + self.names.index(who)

    def user_of(self, who: str) -> str:
        return str(self.number_of(who))

    def receives(self, update: dict[str, Any]) -> None:
        """An update that Telegram gave out; then everybody works."""
        raw = json.dumps({"bot": "xunlin_test_bot", "update": update}, ensure_ascii=False)
        delivery = Delivery("telegram", key_of("4242", update), chat_of(update), raw, self.now)
        with transaction(self.engine) as session:
            inbox.receive(session, [delivery])
        self.works()

    def _deliver_telegram(self) -> None:
        # What waits for the rest of an album waits no longer than the test's clock stands still.
        self.thread.run(self._drain())

    async def _drain(self) -> None:
        client = Client(TOKEN, self.address, 8)
        await client.open()
        speaker = Speaker(client, self.engine, self.settings.data_dir, _no_list)
        sender = NetworkSender(self.engine, "telegram", speaker.post, MANY, self.settings.data_dir, Bell())
        while await sender.send_once(self.now) or sender._under_way or sender._came_back:
            await sender.bell.wait(0.01)
        await sender.finish()
        await client.close_pool()


async def _no_list(leased: Leased) -> None:
    """The command list is not what is tested here."""


@dataclass
class TelegramChat(Chat):
    """One person's chat with the bot alone."""

    @property
    def telegram(self) -> TelegramTalk:
        assert isinstance(self.house, TelegramTalk)
        return self.house

    def says(self, **what: Any) -> str:
        """Let Telegram deliver something of this person; gives what is answered."""
        update = self.telegram.standin.says(int(self.user), date=int(self.house.now.timestamp()), **what)
        self.telegram.receives(update)
        return self.hears()

    def sends(self, text: str, reply_to: Heard | None = None) -> str:
        return self.says(text=text)

    def sends_location(self, lon: float, lat: float) -> str:
        return self.says(location={"longitude": lon, "latitude": lat, "horizontal_accuracy": 12})

    def sends_photos(self, number: int = 1, reply_to: Heard | None = None, text: str = "") -> str:
        """Photos come one by one."""
        photos = [self.telegram.standin.photo(PHOTO) for _ in range(number)]
        return "\n".join(self.says(photo=photo) for photo in photos)

    def presses(self, label: str, on: Heard | None = None) -> str:
        self._reads()
        one = on or next(one for one in reversed(self.heard) if any(label in button for button in one.buttons))
        place = next(n for n, button in enumerate(one.buttons) if label in button)
        message = {"message_id": 1, "date": 1, "chat": {"id": int(self.user), "type": "private"}}
        data = [button["callback_data"] for row in one.body["inline_keyboard"] for button in row][place]
        self.telegram.receives(self.telegram.standin.presses(int(self.user), message, data))
        return self.hears()

    def _reads(self) -> None:
        calls = [call.given for call in self.telegram.standin.calls if call.given.get("chat_id") == self.user]
        said = [given for given in calls if "text" in given or "caption" in given]
        self.heard.extend(_heard(one) for one in said[len(self.heard) :])


def _heard(given: dict[str, Any]) -> Heard:
    markup = json.loads(given.get("reply_markup") or "{}")
    plain = html.unescape(re.sub("</?pre>", "", str(given.get("text") or given.get("caption") or "")))
    text = re.sub(" {2,}", "  ", plain)  # the columns of a table, however wide
    buttons = tuple(button["text"] for row in markup.get("inline_keyboard", ()) for button in row)
    return Heard(0, text, buttons, (), markup)


@contextmanager
def telegram_talk(kind: str, folder: Path, now: datetime = TODAY) -> Iterator[TelegramTalk]:
    """A fresh copy of the small Xicheng on Telegram."""
    thread, standin = Thread(), StandIn()
    runner, address = thread.run(_serve(standin))
    try:
        with small_url(kind, folder) as url:
            house = TelegramTalk(url, folder / "data", thread, standin, address, now)
            yield house
            house.engine.dispose()
    finally:
        thread.run(runner.cleanup())
        thread.close()
