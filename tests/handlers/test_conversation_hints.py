"""Hints about photos (照片提示): the office sees what is worth a look; no verdict follows from it."""

import io
from datetime import timedelta
from pathlib import Path

from chat_driver import OWN, House
from PIL import Image
from sqlalchemy import select

from models.patrol import Patrol

SPECIAL = Path(__file__).parent.parent / "data" / "photos" / "special"
PHOTO = (Path(__file__).parent.parent.parent / "demo" / "xicheng" / "photos" / "p16.jpg").read_bytes()
OTHER = (Path(__file__).parent.parent.parent / "demo" / "xicheng" / "photos" / "p17.jpg").read_bytes()


def patrol_with(house: House, who: str, photo: bytes) -> None:
    chat = house.talk_as(who)
    house.now += timedelta(hours=1)
    chat.sends_location(*OWN)
    if any("同意" in one.buttons for one in chat.heard):
        chat.presses("同意")
    chat.sends_files(photo)
    chat.presses("提交")
    house.opens_photos()


def encoded_again(photo: bytes) -> bytes:
    copy = io.BytesIO()
    Image.open(io.BytesIO(photo)).convert("RGB").save(copy, "JPEG", quality=50)
    return copy.getvalue()


def hints(house: House) -> str:
    office = house.talk_as("office 110102")
    office.sends("统计 今年")
    return office.presses("查看明细")


def test_the_same_bytes_of_anybody_and_the_same_picture_of_the_sender_are_shown(house: House) -> None:
    patrol_with(house, "胡晓兰", PHOTO)
    patrol_with(house, "胡晓兰", encoded_again(PHOTO))
    patrol_with(house, "胡晓兰", OTHER)
    patrol_with(house, "万枕萱", PHOTO)
    first, second, third, fourth = house.rows(select(Patrol.number).order_by(Patrol.id))
    office = house.talk_as("office 110102")
    office.sends("统计 今年")
    said = office.presses("查看明细") + office.sends("统计 今年") + office.presses("不计入")
    assert f"{second} 的照片与 {first} 的相同" in said
    assert f"{fourth} 的照片与 {first} 的相同" in said
    assert f"{third} 的照片与" not in said


def test_a_photo_of_another_place_or_day_is_shown_and_counts_all_the_same(house: House) -> None:
    patrol_with(house, "胡晓兰", (SPECIAL / "exif_gps_other_district.jpg").read_bytes())
    patrol_with(house, "胡晓兰", (SPECIAL / "exif_old_date.jpg").read_bytes())
    said = hints(house)
    assert "公里" in said
    assert "拍摄于 2019-" in said
    assert house.rows(select(Patrol.verdict)) == ["counted", "counted"]


def test_chiefs_see_no_hints(house: House) -> None:
    patrol_with(house, "胡晓兰", PHOTO)
    patrol_with(house, "胡晓兰", PHOTO)
    chat = house.talk_as("胡晓兰")
    chat.sends("统计 今年")
    assert "提示" not in chat.presses("查看明细")
