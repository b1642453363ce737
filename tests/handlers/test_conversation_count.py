"""Asking for counts (统计对话): each sees the own area and no more; bad questions get one clear sentence."""

import pytest
from chat_driver import DESHENG, DISTRICT, OUT_BY_50_M, OWN, XICHANGAN, Chat, House


@pytest.fixture
def patrolled(house: House, chat: Chat) -> House:
    """Two patrols in 德胜街道: one of 胡晓兰, one of 万枕萱 who has refused to share positions."""
    chat.sends_location(*OWN)
    chat.presses("提交")
    other = house.talk_as("万枕萱")
    other.sends("巡林")
    other.presses("不同意")
    other.presses("提交")
    return house


def test_the_district_office_sees_the_whole_district(patrolled: House) -> None:
    office = patrolled.talk_as(f"office {DISTRICT}")
    said = office.sends("统计 今年")
    assert "西城区2026年" in said
    assert "计入 2 次" in said
    counted = next(one for one in office.heard if one.rows)
    assert counted.rows == (("区级", "0"), ("街道级", "0"), ("社区级", "2"), ("合计", "2"))
    assert office.last.body["pictures"]


def test_every_grouping_has_the_same_total_and_the_records_behind_it(patrolled: House) -> None:
    office = patrolled.talk_as(f"office {DISTRICT}")
    for group in ("按街道", "按月", "按网格", "按级别"):
        assert "计入 2 次" in office.sends(f"统计 今年 德胜街道 {group}")
    office.presses("查看明细")
    assert [(row[1], row[2]) for row in office.last.rows] == [
        ("万枕萱", "安德路北社区网格"), ("胡晓兰", "安德路南社区网格"),
    ]  # fmt: skip


def test_a_patrol_without_a_grid_is_in_its_street_and_in_the_records(house: House) -> None:
    chief = house.talk_as("顾梓")
    chief.sends("巡林")
    chief.presses("不同意")
    chief.presses("提交")
    office = house.talk_as(f"office {DESHENG}")
    assert "计入 1 次" in office.sends("统计 今年 按网格")
    assert "计入 1 次" in office.sends("统计 今年")
    office.presses("查看明细")
    assert [row[1] for row in office.last.rows] == ["顾梓"]


def test_the_office_of_a_street_sees_its_street_and_no_other(patrolled: House) -> None:
    office = patrolled.talk_as(f"office {DESHENG}")
    assert "德胜街道" in office.sends("统计 今年")
    assert "计入 1 次" in office.sends("统计 今年 安德路南社区")
    assert "只能查看自己责任区" in office.sends("统计 今年 西长安街街道")
    assert "只能查看自己责任区" in office.sends("统计 今年 西城区")
    other = patrolled.talk_as(f"office {XICHANGAN}")
    assert "计入 0 次" in other.sends("统计 今年")
    assert "只能查看自己责任区" in other.sends("统计 德胜")


def test_a_chief_sees_the_own_area_and_only_own_records(patrolled: House) -> None:
    street = patrolled.talk_as("谢怀棠")
    said = street.sends("统计 今年")
    assert "德胜街道2026年" in said
    assert "计入 2 次" in said
    assert "您自己2026年：计入 0 次" in said
    assert "没有计入的记录" in street.presses("查看明细")
    chief = patrolled.talk_as("胡晓兰")
    said = chief.sends("统计 今年")
    assert "安德路南社区2026年" in said
    assert "计入 1 次" in said
    assert "您自己2026年：计入 1 次" in said
    assert "您自己的记录" in chief.presses("查看明细")
    assert [row[1] for row in chief.last.rows] == ["胡晓兰"]
    assert "只能查看自己责任区" in chief.sends("统计 今年 安德路北社区")


def test_a_community_is_counted_by_month_too(patrolled: House) -> None:
    chief = patrolled.talk_as("胡晓兰")
    chief.sends("统计 今年 按月")
    counted = next(one for one in reversed(chief.heard) if one.rows)
    assert [row for row in counted.rows if row[1] != "0"] == [("2026年11月", "1"), ("合计", "1")]
    assert "按街道" not in counted.buttons


def test_nobody_else_is_told_anything(patrolled: House) -> None:
    stranger = patrolled.talk_as("stranger")
    assert "只能查看自己责任区" in stranger.sends("统计 今年")
    assert "年报由林长办查看" in stranger.sends("年报 2026")
    assert "年报由林长办查看" in patrolled.talk_as("胡晓兰").sends("年报")


def test_the_annual_summary_is_a_sentence_with_a_picture_and_a_table(patrolled: House) -> None:
    office = patrolled.talk_as(f"office {DISTRICT}")
    said = office.sends("年报 2026")
    assert "区级林长巡林0次，召开调度会0次；街道级林长巡林0次；社区级林长巡林2次。" in said
    assert office.heard[0].body["pictures"]
    assert ("德胜街道", "0", "0", "2", "2") in office.last.rows


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("统计 2023-02-30到2023-03-01", "日期不存在"),
        ("统计 2023-05-31到2023-03-01", "起止日期颠倒"),
        ("统计 德升街道", "没有找到“德升街道”。是不是：德胜街道"),
        ("统计 天书奇谈", "看不懂“天书奇谈”"),
        ("年报 天书", "看不懂“天书”"),
    ],
)
def test_a_bad_question_gets_one_sentence_that_says_how_to_ask(house: House, question: str, answer: str) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    assert answer in office.sends(question)
    assert len(office.heard) == 1


def test_records_come_in_pages(house: House, chat: Chat) -> None:
    for _ in range(10):
        chat.sends_location(*OUT_BY_50_M)
        chat.presses("提交")
        house.waits(minutes=6)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年")
    assert "1–8／共 10 条" in office.presses("查看明细")
    assert "9–10／共 10 条" in office.presses("下一页")
    assert "1–8／共 10 条" in office.presses("上一页")
