"""A problem from finding to closing (问题闭环), on every channel: chief, office and unit talk by buttons."""

import re

import pytest
from chat_driver import DESHENG, DISTRICT, OWN, Chat, House
from sqlalchemy import select

from models.engine import transaction
from models.patrol import Patrol
from models.problem import Problem, ProblemPhoto, ProblemStep
from rules.problem_flow import State
from services import problem_step, unit

NUMBER = re.compile(r"WT-2026-\d{6}")


@pytest.fixture
def house(anywhere: House) -> House:
    """A small Xicheng on one of the channels."""
    return anywhere


def team(house: House, name: str = "德胜养护一队") -> Chat:
    """The chat of a maintenance team that serves 德胜街道."""
    chat = house.talk_as("team")
    with transaction(house.engine) as session:
        unit.add(session, "maintenance", name, DESHENG, house.now, account=(house.channel, house.user_of("team")))
    return chat


def agreed(house: House, who: str = "胡晓兰") -> Chat:
    """A chief who has agreed to share positions."""
    chief = house.talk_as(who)
    chief.sends_location(*OWN)
    chief.presses("同意")
    chief.sends("取消")
    return chief


def test_three_taps_report_a_problem_found_on_a_patrol(house: House) -> None:
    chief = agreed(house)
    chief.sends_location(*OWN)
    chief.presses("发现问题")
    said = chief.presses("树木倒伏")
    assert "或点【提交】" in said
    assert "一切正常" not in said
    said = chief.presses("提交")
    assert NUMBER.search(said)
    assert "已登记 XL-2026-" in said
    (found,) = house.rows(select(Problem))
    (patrol,) = house.rows(select(Patrol))
    assert (found.patrol_id, found.type_code, found.severity) == (patrol.id, "fallen_tree", "urgent")
    assert (found.grid_version_id, found.street_code) == (patrol.grid_version_id, DESHENG)


def test_a_report_of_its_own_is_two_taps_and_no_patrol(house: House) -> None:
    chief = agreed(house)
    assert "发现了什么问题" in chief.sends("上报")
    assert "问题：垃圾堆放，一般（7 天内）" in chief.presses("垃圾堆放")
    assert NUMBER.search(chief.presses("上报"))
    assert house.rows(select(Patrol)) == []


def test_from_finding_to_closing(house: House) -> None:
    chief, office, district, crew = (
        agreed(house), house.talk_as(f"office {DESHENG}"), house.talk_as(f"office {DISTRICT}"), team(house),
    )  # fmt: skip
    # The chief finds it.
    chief.sends("上报")
    chief.presses("树木倒伏")
    chief.sends_photos(1)
    chief.sends_location(*OWN)
    said = chief.presses("上报")
    assert "已告知德胜街道林长办，办理时限还有 24 小时" in said
    # The street's office accepts and assigns it; the district's hears nothing of it.
    assert "【新问题】胡晓兰上报" in office.hears()
    assert district.hears() == ""
    assert "已受理" in office.presses("受理")
    assert "交给谁办" in office.presses("交办")
    assert "已交办" in office.presses("德胜养护一队")
    # The team puts it right, with a photo.
    assert "【交办】德胜街道林长办交给您办" in crew.hears()
    assert "整改后的照片" in crew.presses("整改完成")
    assert "请先发整改后的照片" in crew.sends("弄好了")
    assert "等待核查" in crew.sends_photos(1)
    # It is not good enough.
    assert "【待核查】德胜养护一队已整改" in office.hears()
    assert "原因是什么" in office.presses("退回")
    assert "已退回" in office.presses("没有整改到位")
    assert "核查没有通过" in crew.hears()
    # Again.
    crew.presses("整改完成")
    crew.sends_photos(1)
    office.hears()
    assert "核查通过" in office.presses("核查通过")
    assert "已销号" in office.presses("销号")
    # The finder hears the end and could say that it is not solved.
    assert "您上报的问题已办结" in chief.hears()
    (found,) = house.rows(select(Problem))
    assert (found.state, found.closed_at is not None) == (State.CLOSED, True)
    steps = house.rows(select(ProblemStep.action).order_by(ProblemStep.id))
    assert steps == ["report", "accept", "assign", "rectify", "send_back", "rectify", "verify", "close"]
    assert sorted(house.rows(select(ProblemPhoto.is_after))) == [False, True, True]
    with house.reading() as session:
        assert problem_step.differences(session) == []


def test_the_finder_says_that_it_is_not_solved(house: House) -> None:
    chief, office = agreed(house), house.talk_as(f"office {DESHENG}")
    chief.sends("上报")
    chief.presses("垃圾堆放")
    chief.presses("上报")
    office.hears()
    office.presses("受理")
    office.presses("交办")
    office.presses("物业")
    office.presses("整改完成")
    office.sends_photos(1)
    office.presses("核查通过")
    office.presses("销号")
    assert "由物业处理" in chief.hears()
    assert "哪里没有解决" in chief.presses("没解决")
    assert "已请林长办再办" in chief.sends("垃圾还在")
    told = office.hears()
    assert "【重开】胡晓兰说没有解决" in told
    assert "原因：垃圾还在" in told
    (found,) = house.rows(select(Problem))
    assert (found.state, found.closed_at, found.unit_id) == (State.ACCEPTED, None, None)
