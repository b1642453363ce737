"""一张图 in the chat (要链接): a link that works once, for the office, where an address is known."""

import hashlib
import re

from chat_driver import House
from sqlalchemy import select

from bot.settings import read_settings
from bot.worker import Worker
from models.map_link import MapLink

LINK = re.compile(r"http://127\.0\.0\.1:8080/map#([\w-]{32})")


def test_the_office_gets_a_link_that_is_kept_only_as_a_hash(house: House) -> None:
    said = house.talk_as("office 110102").sends("一张图")
    code = LINK.findall(said)[0]
    assert "10分钟内有效，只能打开一次" in said
    assert house.rows(select(MapLink.code_hash)) == [hashlib.sha256(code.encode()).hexdigest()]


def test_a_second_link_ends_the_first(house: House) -> None:
    chat = house.talk_as("office 110102")
    chat.sends("/map")
    chat.sends("地图")
    first, second = house.rows(select(MapLink).order_by(MapLink.id))
    assert (first.ended_at is not None, second.ended_at) == (True, None)


def test_a_chief_and_a_stranger_get_no_link(house: House) -> None:
    for who in ("胡晓兰", "stranger"):
        assert "一张图由林长办查看" in house.talk_as(who).sends("一张图")
    assert house.rows(select(MapLink)) == []


def test_there_is_no_link_where_nobody_knows_the_address(house: House) -> None:
    chat = house.talk_as("office 110102")
    public = {"http_host": "0.0.0.0", "database_url": house.settings.database_url}
    house.worker = Worker(house.engine, read_settings(**public, data_dir=house.settings.data_dir))
    assert "XUNLIN_PUBLIC_URL" in chat.sends("一张图")
    named = read_settings(**public, data_dir=house.settings.data_dir, public_url="https://xunlin.example.cn/")
    house.worker = Worker(house.engine, named)
    assert "https://xunlin.example.cn/map#" in chat.sends("一张图")
