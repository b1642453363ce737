"""核实 (review): the office judges, says why, and everything stays to be seen; the counts follow at once."""

from datetime import timedelta

import pytest
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OWN, XICHANGAN, Chat, House
from sqlalchemy import select, update

from models.account import Account
from models.chief import Chief, Post
from models.engine import transaction
from models.patrol import Patrol, PatrolEvent
from services import count, mark, office


@pytest.fixture
def disputed(house: House, chat: Chat) -> str:
    """The number of a patrol of 胡晓兰 far outside her area, a minute after one within."""
    chat.sends_location(*OWN)
    chat.presses("提交")
    house.now += timedelta(seconds=30)
    chat.sends_location(*NEIGHBOURS)
    chat.presses("提交")
    number: str = house.rows(select(Patrol.number).order_by(Patrol.id.desc()))[0]
    return number


def total(office: Chat) -> str:
    return office.sends("统计 今年").splitlines()[0]


def kept_right(house: House) -> bool:
    with house.reading() as session:
        return count.differences(session) == []


def test_what_waits_is_shown_with_what_is_odd_about_it(house: House, disputed: str) -> None:
    said = house.talk_as(f"office {DISTRICT}").sends("核实")
    assert "等待核实 1 条" in said
    assert disputed in said
    assert "责任区外" in said
    assert "时速合" in said


def test_an_accepted_patrol_counts_at_once_and_its_reason_stays(house: House, disputed: str, chat: Chat) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    assert "计入 1 次" in total(office)
    office.sends("核实")
    office.presses("计入")
    said = office.presses("联合巡林")
    assert f"{disputed} 已计入（远离责任区 → 计入）。原因：联合巡林或会议在责任区外" in said
    assert "计入 2 次" in total(office)
    assert kept_right(house)
    assert "联合巡林" in chat.hears()
    assert "没有等待核实" in office.sends("核实")
    assert "林长办核实计入：远离责任区 → 计入（联合巡林" in office.sends(f"核实 {disputed}")
    event = house.rows(select(PatrolEvent).order_by(PatrolEvent.id.desc()))[0]
    assert (event.what, event.before, event.after) == ("accepted", "far_outside", "counted")
    assert event.account_id == office.account.id


def test_a_counted_patrol_can_be_voided_in_own_words_and_taken_in_again(house: House, disputed: str) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    counted: str = house.rows(select(Patrol.number).order_by(Patrol.id))[0]
    office.sends(f"核实 {counted}")
    office.presses("作废")
    assert f"{counted} 已作废（计入 → 林长办作废）。原因：代他人登记" in office.sends("代他人登记")
    assert "计入 0 次" in total(office)
    assert kept_right(house)
    office.sends(f"核实 {counted}")
    office.presses("计入")
    office.sends("核对有误")
    assert "计入 1 次" in total(office)
    whys = house.rows(select(PatrolEvent.why).where(PatrolEvent.why.is_not(None)).order_by(PatrolEvent.id))
    assert whys == ["代他人登记", "核对有误"]


def test_no_ruling_without_a_reason(house: House, disputed: str) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("核实")
    office.presses("作废")
    assert "没有改动" in office.sends("取消")
    office.presses("作废")
    assert "原因太长" in office.sends("长" * 201)
    assert house.rows(select(Patrol.voided_at).where(Patrol.number == disputed)) == [None]


def test_the_same_ruling_twice_is_one(house: House, disputed: str) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("核实")
    office.presses("计入")
    asked = office.last
    office.presses("联合巡林", asked)
    assert "之前已经核实计入" in office.presses("联合巡林", asked)
    assert len(house.rows(select(PatrolEvent).where(PatrolEvent.what == "accepted"))) == 1


def test_what_the_chief_withdrew_is_judged_no_more(house: House, disputed: str, chat: Chat) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("核实")
    office.presses("计入")
    asked = office.last
    chat.sends("撤回")
    chat.presses("确认撤回")
    assert "已由林长本人撤回" in office.presses("联合巡林", asked)


def test_another_streets_patrol_is_as_unknown_as_none(house: House, disputed: str) -> None:
    mine, other = house.talk_as(f"office {DESHENG}"), house.talk_as(f"office {XICHANGAN}")
    assert disputed in mine.sends(f"核实 {disputed.lower()}")
    unknown = other.sends("核实 XL-2026-999999")
    assert other.sends(f"核实 {disputed}") == unknown
    assert "没有等待核实" in other.sends("核实")
    assert "按钮已经失效" in other.presses("计入", mine.last)
    assert "由林长办办理" in house.talk_as("胡晓兰").sends("核实")


def test_a_patrol_without_a_post_counts_under_the_nearest_one_when_it_is_accepted(house: House, chat: Chat) -> None:
    with transaction(house.engine) as session:
        chief = session.scalars(select(Chief.id).where(Chief.name == "胡晓兰")).one()
        session.execute(
            update(Post).where(Post.chief_id == chief).values(valid_to=house.now.date() - timedelta(days=9))
        )
        mark.new_edition(session, "roster")
    chat.sends("巡林")
    chat.sends_location(*OWN)
    chat.presses("提交")
    office = house.talk_as(f"office {DISTRICT}")
    assert "没有查到责任岗位" in office.sends("核实")
    office.presses("计入")
    office.presses("经核实")
    assert kept_right(house)
    assert house.rows(select(Patrol.level)) == ["community"]
    office.sends("统计 今年 按级别")
    assert next(one for one in reversed(office.heard) if one.rows).rows[-2] == ("社区级", "1")


def test_nobody_judges_the_own_patrol_and_another_of_the_office_can(house: House, disputed: str, chat: Chat) -> None:
    other = house.talk_as(f"office {DESHENG}")
    other.sends("核实")
    shown = other.last
    with transaction(house.engine) as session:
        office.add(session, house.channel, chat.user, DESHENG, house.now)
    said = chat.sends("核实")
    assert f"{disputed} 是您本人的巡林" in said
    assert chat.last.buttons == ("下一条",)
    assert kept_right(house)
    other.presses("计入", shown)
    assert "已计入" in other.presses("经核实")


@pytest.mark.parametrize("act", ["计入", "作废"])
def test_who_became_a_chief_after_the_question_cannot_answer_it_for_the_own_patrol(
    house: House, disputed: str, act: str
) -> None:
    judge = house.talk_as(f"office {DESHENG}")
    judge.sends("核实")
    asked = judge.last
    judge.presses(act)
    with transaction(house.engine) as session:
        account = session.get_one(Account, judge.account.id)
        account.chief_id = session.scalars(select(Chief.id).where(Chief.name == "胡晓兰")).one()
    assert "不能由本人核实" in judge.sends("情况属实")
    assert "不能由本人核实" in judge.presses(act, asked)
    assert house.rows(select(Patrol.ruling).where(Patrol.number == disputed)) == [None]
    assert house.rows(select(Patrol.voided_at).where(Patrol.number == disputed)) == [None]
