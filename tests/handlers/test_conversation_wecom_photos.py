"""Photos that WeCom announces by their MD5 sums (企业微信预告照片): matched, missed, never in the way."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import wecom_payloads as wecom
from chat_driver import DISTRICT, OWN
from sqlalchemy import select
from wecom_chat import WecomChat, WecomHouse, wecom_house

from bot.wecom.missing import tell_of_missing
from models.announced import AnnouncedPhoto
from models.draft import Draft, Part
from models.patrol import Patrol
from models.photo import Photo
from services import announced

PHOTOS = [f"photo {n} as the camera made it".encode() for n in range(3)]
SUMS = [hashlib.md5(photo, usedforsecurity=False).hexdigest() for photo in PHOTOS]


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WecomHouse]:
    with wecom_house(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def chat(house: WecomHouse) -> WecomChat:
    """胡晓兰, who has agreed to share positions."""
    found = house.talk_as("胡晓兰")
    assert isinstance(found, WecomChat)
    found.sends_location(*OWN)
    found.presses("同意")
    found.sends("取消")
    return found


def announces(chat: WecomChat, *sums: str, at: int = 0) -> str:
    return chat.receives(wecom.pictures("pic_photo_or_album", chat.user, at or chat.at, *sums))


def arrives(chat: WecomChat, photo: bytes, name: str, later_s: int = 1) -> str:
    """A photo that WeCom delivers with these bytes."""
    chat.wecom.server.media[name] = photo
    return chat.receives(wecom.image(chat.user, chat.at + later_s, name))


def fates(house: WecomHouse) -> list[str]:
    return [one.state for one in house.rows(select(AnnouncedPhoto).order_by(AnnouncedPhoto.id))]


def after_a_day(house: WecomHouse) -> str:
    """What the district's office is told a day later."""
    office = house.talk_as(f"office {DISTRICT}")
    house.now += timedelta(hours=25)
    tell_of_missing(house.engine, "zh_CN", house.now)
    house.sends_out()
    return office.hears()


def test_photos_that_came_as_they_were_announced_are_matched_by_their_sums(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    assert announces(chat, *SUMS) == ""
    assert "还有 2 张已选的照片在路上" in arrives(chat, PHOTOS[2], "c")
    assert "还有 1 张已选的照片在路上" in arrives(chat, PHOTOS[0], "a")
    assert "在路上" not in arrives(chat, PHOTOS[1], "b")
    assert "没有收到" not in chat.sends("提交")
    house.fetches_photos()
    rows = house.rows(select(AnnouncedPhoto).order_by(AnnouncedPhoto.id))
    assert [(one.state, one.photo_id is not None) for one in rows] == [("same", True)] * 3
    assert after_a_day(house) == ""


def test_the_receipt_says_what_is_missing_and_the_office_hears_of_it_after_a_day(
    house: WecomHouse, chat: WecomChat
) -> None:
    announces(chat, *SUMS)
    chat.sends_location(*OWN)
    arrives(chat, PHOTOS[0], "a")
    arrives(chat, PHOTOS[1], "b")
    said = chat.sends("提交")
    assert "✅ 已登记 XL-2026-000001" in said
    assert "无待办" not in said
    assert "还有 1 张已选的照片没有收到" in said
    assert "补照片" in chat.last.buttons
    house.fetches_photos()
    assert fates(house) == ["same", "same", "waiting"]
    assert "有 1 张照片在手机上选定后超过24小时没有收到（XL-2026-000001）" in after_a_day(house)
    assert fates(house) == ["same", "same", "missing"]
    assert tell_of_missing(house.engine, "zh_CN", house.now + timedelta(days=1)) == 0
    assert [(one.verdict, one.photos) for one in house.rows(select(Patrol))] == [("counted", 2)]


def test_a_photo_that_was_encoded_again_is_noted_as_such_and_nothing_else(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    announces(chat, *SUMS[:2])
    arrives(chat, b"encoded again", "a")
    arrives(chat, PHOTOS[0], "b")
    assert "没有收到" not in chat.sends("提交")
    house.fetches_photos()
    assert after_a_day(house) == ""
    assert fates(house) == ["same", "re_encoded"]
    assert [one.verdict for one in house.rows(select(Patrol))] == ["counted"]


def test_a_photo_that_comes_after_the_receipt_joins_the_patrol_it_was_chosen_for(
    house: WecomHouse, chat: WecomChat
) -> None:
    chat.sends_location(*OWN)
    announces(chat, *SUMS[:2])
    arrives(chat, PHOTOS[0], "a")
    chat.sends("提交")
    assert "照片已补到 XL-2026-000001，共 2 张" in arrives(chat, PHOTOS[1], "b", 20)
    # All have come: the next one begins a patrol of its own.
    assert "已补到" not in arrives(chat, PHOTOS[2], "c", 25)
    assert [one.photos for one in house.rows(select(Patrol))] == [2]
    assert len(house.rows(select(Draft).where(Draft.state == "open"))) == 1


def test_the_order_of_announcement_and_photos_does_not_matter(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    arrives(chat, PHOTOS[0], "a")
    house.fetches_photos()
    announces(chat, SUMS[0], at=chat.at + 2)
    assert "没有收到" not in chat.sends("提交")
    assert after_a_day(house) == ""
    assert fates(house) == ["same"]


def test_three_deliveries_of_an_announcement_are_one(house: WecomHouse, chat: WecomChat) -> None:
    at = chat.at
    for _ in range(3):
        announces(chat, SUMS[0], at=at)
    assert fates(house) == ["waiting"]


def test_an_announcement_alone_is_no_patrol(house: WecomHouse, chat: WecomChat) -> None:
    announces(chat, *SUMS)
    assert house.rows(select(Draft).where(Draft.state == "open")) == []
    house.waits(minutes=30)
    chat.sends_location(*OWN)
    assert "没有收到" not in chat.sends("提交")
    assert len(house.rows(select(Part).where(Part.kind == "photo"))) == 0
    assert "有 3 张照片" in after_a_day(house)


def test_nobody_but_a_chief_announces(house: WecomHouse) -> None:
    stranger = WecomChat(house, "stranger")
    assert announces(stranger, *SUMS) == ""
    assert fates(house) == []


def test_the_office_sees_on_a_record_how_its_photos_came(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    announces(chat, *SUMS[:2])
    arrives(chat, PHOTOS[0], "a")
    arrives(chat, b"encoded again", "b")
    arrives(chat, b"of no announcement", "c", 500)
    chat.sends("提交")
    house.fetches_photos()
    after_a_day(house)
    photos = house.rows(select(Photo.id).order_by(Photo.id))
    with house.reading() as session:
        assert announced.fates(session, photos) == {photos[0]: "same", photos[1]: "re_encoded"}
