"""Conversations over WeCom (企业微信对话): XML in, JSON over HTTP out, the same words between."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import wecom_payloads as wecom
from chat_driver import TODAY, Chat, Heard, House, small_url
from wecom_house import wecom_doors, wecom_settings
from wecom_seal import AGENT, CORP, SECRET
from wecom_server import WecomServer, wecom_server

from bot.bell import Bell
from bot.media import Media
from bot.network_sender import Limits, NetworkSender
from bot.wecom.api import Api
from bot.wecom.envelope import fields_of, key_of, sender_of
from bot.wecom.intake import keep
from bot.wecom.stale import update_stale
from bot.worker import Worker
from models.engine import transaction
from rules.coordinates import gcj02_of_wgs84
from services.inbox import Delivery

DATUM = {"location": "gcj02", "event": "gcj02"}
MANY = Limits(1e5, lambda chat: timedelta(0))
"""The clock of the test stands still while messages go: the channel's own pace is not what is tested here."""


class WecomHouse(House):
    """The small Xicheng on WeCom, with its stand-in."""

    def __init__(self, url: str, folder: Path, server: WecomServer, now: datetime = TODAY) -> None:
        super().__init__(url, folder, now)
        self.server = server
        self.settings = wecom_settings(url, folder, server.url)
        self.worker = Worker(self.engine, self.settings)
        self.channel, self.chats, self.deliver = "wecom", WecomChat, self._deliver_wecom

    def receives(self, xml: str) -> None:
        """A delivery that the callback has opened; then everybody works."""
        fields = fields_of(xml)
        sender = sender_of(fields)
        raw = json.dumps({"xml": xml, "datum": DATUM}, ensure_ascii=False)
        with transaction(self.engine) as session:
            keep(session, Delivery("wecom", key_of(fields, xml), f"wecom:{sender}", raw, self.now))
        self.works()

    def fetches_photos(self) -> None:
        """Fetch the photos that WeCom keeps for us."""

        async def run() -> None:
            api = Api(self.engine, self.server.url, CORP, AGENT, SECRET)
            media = Media(self.engine, self.settings, {"wecom": api.download})
            try:
                while await media.fetch_once(self.now):
                    pass
            finally:
                await api.close()

        asyncio.run(run())

    def keeps_up(self) -> int:
        """A round of updating cards whose drafts have ended; gives how many there were."""

        async def run() -> int:
            api = Api(self.engine, self.server.url, CORP, AGENT, SECRET)
            try:
                return await update_stale(self.engine, api, "zh_CN", self.now)
            finally:
                await api.close()

        return asyncio.run(run())

    def _deliver_wecom(self) -> None:
        asyncio.run(self._drain())

    async def _drain(self) -> None:
        async with wecom_doors(self.engine, self.settings) as doors:
            sender = NetworkSender(self.engine, "wecom", doors.channel.post, MANY, self.settings.data_dir, Bell())
            quiet = 0
            while quiet < 2:
                did = await sender.send_once(self.now)
                quiet = 0 if did or sender._under_way or sender._came_back else quiet + 1
                await asyncio.sleep(0.002)
            await sender.finish()


@dataclass
class WecomChat(Chat):
    """One member's chat."""

    number: int = 0

    @property
    def wecom(self) -> WecomHouse:
        assert isinstance(self.house, WecomHouse)
        return self.house

    @property
    def at(self) -> int:
        return int(self.house.now.timestamp())

    def receives(self, xml: str) -> str:
        """Let WeCom deliver something of this member; gives what is answered."""
        self.wecom.receives(xml)
        return self.hears()

    def sends(self, text: str) -> str:
        return self.receives(wecom.text(self.user, self.at, text))

    def sends_location(self, lon: float, lat: float) -> str:
        x, y = gcj02_of_wgs84(lon, lat)
        return self.receives(wecom.location(self.user, self.at, f"{x:.6f}", f"{y:.6f}"))

    def sends_photos(self, number: int = 1, reply_to: Heard | None = None, text: str = "") -> str:
        """Photos come one by one."""
        said = []
        for _ in range(number):
            self.number += 1
            media_id = f"{self.user}-{self.number}"
            self.wecom.server.media[media_id] = f"photo {media_id}".encode()
            said.append(self.receives(wecom.image(self.user, self.at, media_id)))
        return "\n".join(said)

    def presses(self, label: str, on: Heard | None = None) -> str:
        self._reads()
        one = on or next(one for one in reversed(self.heard) if any(label in button for button in one.buttons))
        place = next(n for n, button in enumerate(one.buttons) if label in button)
        if one.body["msgtype"] == "text":
            return self.sends(str(place + 1))
        key = one.body["template_card"]["button_list"][place]["key"]
        return self.receives(wecom.card_click(self.user, self.at, key, f"code-{key}-{len(self.heard)}"))

    def _reads(self) -> None:
        got = self.wecom.server.to(self.user)
        self.heard.extend(_heard(one) for one in got[len(self.heard) :])


def _heard(one: dict[str, Any]) -> Heard:
    card = one.get("template_card")
    if card:
        said = card.get("main_title", {}).get("title"), card.get("sub_title_text")
        text = "\n".join(part for part in said if part)
        buttons: Sequence[str] = [button["text"] for button in card["button_list"]]
        outbox_id = int(card["button_list"][0]["key"].partition(":")[0])
        return Heard(outbox_id, text, tuple(buttons), (), one)
    text = one.get("text", {}).get("content", "")
    lines = [line.partition(" ") for line in text.splitlines()]
    numbered = [label for n, (number, _, label) in enumerate(lines) if number.isdigit() and label]
    return Heard(0, text, tuple(numbered), (), one)


@contextmanager
def wecom_house(kind: str, folder: Path, now: datetime = TODAY) -> Iterator[WecomHouse]:
    """A fresh copy of the small Xicheng on WeCom."""
    with small_url(kind, folder) as url, wecom_server() as server:
        house = WecomHouse(url, folder / "data", server, now)
        yield house
        house.engine.dispose()
