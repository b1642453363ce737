"""The same conversations on every channel (各渠道同一对话): nothing is written twice, nothing is said differently."""

import re

import pytest
from chat_driver import DISTRICT, OWN, House
from sqlalchemy import select

from models.draft import Part
from models.meeting import Meeting
from models.patrol import Patrol

RECEIPT = re.compile(r"已登记 XL-2026-\d{6}")


@pytest.fixture
def house(anywhere: House) -> House:
    """A small Xicheng on one of the channels."""
    return anywhere


def test_a_patrol_with_photos(house: House) -> None:
    chat = house.talk_as("胡晓兰")
    assert "是否同意" in chat.sends_location(*OWN)
    assert "已定位：德胜街道 · 安德路南社区网格" in chat.presses("同意")
    assert "已收到照片 2 张" in chat.sends_photos(2)
    said = chat.presses("提交")
    assert RECEIPT.search(said)
    assert "本周第1次（要求1次）" in said
    (patrol,) = house.rows(select(Patrol))
    assert (patrol.verdict, patrol.photos, patrol.outside_m) == ("counted", 2, 0)
    (place,) = house.rows(select(Part).where(Part.kind == "location"))
    assert (place.lon, place.lat) == pytest.approx(OWN, abs=1e-6)


def test_a_day_without_problems_is_one_tap(house: House) -> None:
    chat = house.talk_as("胡晓兰")
    chat.sends_location(*OWN)
    chat.presses("同意")
    assert RECEIPT.search(chat.presses("一切正常"))
    assert "已经提交或取消了" in chat.presses("一切正常")
    assert [one.verdict for one in house.rows(select(Patrol))] == ["counted"]


def test_a_found_problem(house: House) -> None:
    chat = house.talk_as("胡晓兰")
    chat.sends_location(*OWN)
    chat.presses("同意")
    chat.presses("发现问题")
    assert "问题：美国白蛾" in chat.presses("美国白蛾")
    chat.sends("提交")
    assert [one.problem_type for one in house.rows(select(Patrol))] == ["美国白蛾"]


def test_a_count(house: House) -> None:
    chief = house.talk_as("胡晓兰")
    chief.sends_location(*OWN)
    chief.presses("同意")
    chief.sends("提交")
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年")
    words = "\n".join(one.words for one in office.heard)
    assert "计入 1 次" in words
    assert "社区级  1" in words
    assert "合计  1" in words


def test_a_meeting(house: House) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    assert "请写调度会的名称" in office.sends("调度会")
    assert "要登记这次调度会吗" in office.sends("三季度林长制调度会")
    assert "已登记调度会：三季度林长制调度会" in office.presses("登记")
    assert [one.title for one in house.rows(select(Meeting))] == ["三季度林长制调度会"]
