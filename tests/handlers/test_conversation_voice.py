"""A report by voice alone (语音上报): handed in like any other, and heard by whoever must act."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import wecom_payloads as wecom
from chat_driver import DESHENG, Chat, House
from sqlalchemy import select
from telegram_chat import TelegramChat, telegram_talk
from wecom_chat import WecomChat, wecom_house

from bot.recordings import fetch_recordings
from models.audit import Audit
from models.outbox import Outbox
from models.patrol import Patrol

HOUSES = {"telegram": telegram_talk, "wecom": wecom_house}
VOICE = b"OggS a branch is about to fall"


@pytest.fixture(params=sorted(HOUSES))
def house(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng on one of the channels whose phones send voices."""
    with HOUSES[request.param](database, tmp_path) as made:
        yield made


def speaks(chat: Chat) -> str:
    """Send a voice message."""
    if isinstance(chat, WecomChat):
        return chat.receives(wecom.message("voice", "胡晓兰", chat.at, MediaId="voice-1", Format="amr"))
    assert isinstance(chat, TelegramChat)
    return chat.says(voice={"file_id": "voice-1", "file_unique_id": "U1", "duration": 3, "mime_type": "audio/ogg"})


def reported(house: House) -> None:
    """胡晓兰 reports by her voice and does nothing more."""
    chief = house.talk_as("胡晓兰")
    chief.sends("上报")
    assert "录音已保存" in speaks(chief)
    house.waits(minutes=11)
    assert "已上报 WT-2026-000001" in chief.hears()


def fetched(house: House) -> None:
    """The platform hands the bytes out."""

    async def fetch(_ref: str) -> bytes:
        return VOICE

    asked = fetch_recordings(house.engine, house.settings.data_dir, {house.channel: fetch}, house.now)
    assert asyncio.run(asked) == 1


def test_a_voice_alone_is_a_report_and_the_office_hears_it(house: House) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(house)
    assert "录音、录像：1 段" in office.hears()
    fetched(house)
    office.presses("听录音")
    (sent,) = [row.body["attachment"] for row in house.rows(select(Outbox)) if row.body.get("attachment")]
    assert (sent["report"], sent["figures"]["name"]) == ("kept_file", "WT-2026-000001-1")
    assert house.rows(select(Outbox.state).where(Outbox.state != "sent")) == []
    assert house.rows(select(Audit.object).where(Audit.what == "problem.recordings_heard")) == [
        "problem:WT-2026-000001"
    ]
    assert house.rows(select(Patrol)) == []


def test_a_voice_that_is_not_here_yet_is_said_so(house: House) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(house)
    office.hears()
    assert "录音还没有取到" in office.presses("听录音")
