"""A patrol on Telegram (电报巡林): from the invite code to the receipt, over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_driver import OWN, small_house
from sqlalchemy import select
from telegram_house import PHOTO, TelegramHouse, telegram_house

from models.patrol import Patrol
from models.photo import Photo


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TelegramHouse]:
    """The small Xicheng, running on Telegram."""
    with small_house(request.param, tmp_path) as small, telegram_house(small) as living:
        yield living


def test_a_chief_enrols_by_code_and_records_a_patrol(house: TelegramHouse) -> None:
    hu = house.chat(7001)
    hu.sends(f"/start {house.house.invite('胡晓兰')}").hears("胡晓兰，注册成功")
    hu.sends_location(*OWN).hears("是否同意")
    hu.presses("同意").hears("已定位：德胜街道 · 安德路南社区")
    hu.sends_photo(PHOTO).hears("已收到照片 1 张")
    hu.presses("提交").hears("已登记 XL-")
    (patrol,) = house.house.rows(select(Patrol))
    assert (patrol.verdict, patrol.photos) == ("counted", 1)
    photo = house.waits_for(lambda: house.house.rows(select(Photo).where(Photo.state == "checked")))[0]
    assert photo.size == len(PHOTO)
    assert (house.settings.data_dir / "files" / photo.sha256[:2] / photo.sha256).read_bytes() == PHOTO
