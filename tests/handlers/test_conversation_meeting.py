"""Dispatch meetings in conversation (调度会对话): shown before they are recorded, counted once, taken back."""

from datetime import date, timedelta

import pytest
from chat_driver import DESHENG, DISTRICT, Chat, House
from sqlalchemy import select

from models.meeting import Meeting


@pytest.fixture
def office(house: House) -> Chat:
    """The office of the district."""
    return house.talk_as(f"office {DISTRICT}")


def meetings(chat: Chat) -> list[tuple[str, date]]:
    """Title and day of the meetings that count."""
    found = chat.house.rows(select(Meeting).where(Meeting.voided_at.is_(None)).order_by(Meeting.id))
    return [(one.title, one.held_on) for one in found]


def test_a_meeting_is_shown_with_its_date_and_recorded_after_one_button(office: Chat) -> None:
    assert "请写调度会的名称" in office.sends("调度会")
    said = office.sends("三季度林长制调度会")
    assert "三季度林长制调度会\n召开日期：2026年11月24日" in said
    assert (office.last.buttons, meetings(office)) == (("登记", "取消"), [])
    assert "✅ 已登记调度会：三季度林长制调度会（2026年11月24日）" in office.presses("登记")
    assert "召开调度会1次" in office.sends("年报 2026")


def test_a_chief_of_the_district_records_one_too(house: House) -> None:
    chief = house.talk_as("万守梓")
    chief.sends("调度会 防火调度会")
    assert "已登记调度会：防火调度会" in chief.presses("登记")


@pytest.mark.parametrize(
    ("text", "title", "day"),
    [
        ("2026年11月20日召开的三季度林长制调度会", "三季度林长制调度会", date(2026, 11, 20)),
        ("昨天的防火调度会", "防火调度会", date(2026, 11, 23)),
        ("2026-11-02，美国白蛾防控调度会", "美国白蛾防控调度会", date(2026, 11, 2)),
        ("三季度调度会", "三季度调度会", date(2026, 11, 24)),
        ("2025-2026年度调度会", "2025-2026年度调度会", date(2026, 11, 24)),
        ("明年工作部署调度会", "明年工作部署调度会", date(2026, 11, 24)),
        ("2026年工作调度会", "2026年工作调度会", date(2026, 11, 24)),
    ],
)
def test_a_day_before_the_title_is_the_day_of_the_meeting(office: Chat, text: str, title: str, day: date) -> None:
    office.sends(f"调度会 {text}")
    office.presses("登记")
    assert meetings(office) == [(title, day)]


def test_a_day_alone_is_kept_while_the_title_is_asked_for(office: Chat) -> None:
    assert "请写调度会的名称" in office.sends("调度会 11月20日")
    office.sends("防火调度会")
    office.presses("登记")
    assert meetings(office) == [("防火调度会", date(2026, 11, 20))]


def test_one_button_pressed_twice_is_one_meeting(office: Chat) -> None:
    office.sends("调度会 防火调度会")
    question = office.last
    office.presses("登记", question)
    office.presses("登记", question)
    assert len(meetings(office)) == 1


def test_the_same_meeting_once_more_is_asked_about(office: Chat) -> None:
    office.sends("调度会 防火调度会")
    first = office.last
    office.sends("调度会 防火 调度会")
    second = office.last
    office.presses("登记", first)
    assert "已登记过" in office.presses("登记", second)
    assert len(meetings(office)) == 1
    assert "好的，没有登记调度会" in office.presses("取消")
    assert "这是另一次吗" in office.sends("调度会 防火调度会")
    office.presses("是另一次")
    assert len(meetings(office)) == 2


def test_a_meeting_is_taken_back_within_24_hours_and_its_row_stays(office: Chat) -> None:
    office.sends("调度会 防火调度会")
    office.presses("登记")
    receipt = office.last
    office.house.now += timedelta(hours=23)
    assert "已撤回调度会：防火调度会" in office.presses("撤回", receipt)
    assert "之前已经撤回" in office.presses("撤回", receipt)
    assert meetings(office) == []
    assert len(office.house.rows(select(Meeting))) == 1
    assert "召开调度会0次" in office.sends("年报 2026")


def test_after_24_hours_it_stays(office: Chat) -> None:
    office.sends("调度会 防火调度会")
    office.presses("登记")
    receipt = office.last
    office.house.now += timedelta(hours=24)
    assert "已超过24小时" in office.presses("撤回", receipt)
    assert len(meetings(office)) == 1


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2026年12月1日召开的年终调度会", "还没有召开"),
        ("明天的防火调度会", "还没有召开"),
        ("11月31日的防火调度会", "日期不存在"),
        ("防" * 201, "名称太长（最多 200 字）"),
    ],
)
def test_what_cannot_be_is_refused(office: Chat, text: str, answer: str) -> None:
    assert answer in office.sends(f"调度会 {text}")
    office.sends("调度会")
    assert answer in office.sends(text)
    office.sends("防火调度会")
    office.presses("登记")
    assert [title for title, _ in meetings(office)] == ["防火调度会"]


def test_a_meeting_is_not_registered_by_others(house: House) -> None:
    for who in ("胡晓兰", "谢怀棠", f"office {DESHENG}", "stranger"):
        assert "只有区级林长和区林长办可以登记" in house.talk_as(who).sends("调度会 社区会议")
    assert "召开调度会0次" in house.talk_as(f"office {DISTRICT}").sends("年报 2026")
