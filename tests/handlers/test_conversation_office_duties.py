"""The office's duties (任务), overdue lists (未巡), weekly digests (周报) and emergencies (应急)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from chat_driver import OWN, Chat, House
from reminding import at, reminders_of, ticks
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.grid import GridVersion
from models.outbox import Outbox
from services import duty, grid

MONDAY = date(2026, 11, 30)
WEDNESDAY, NEXT_MONDAY = MONDAY + timedelta(days=2), MONDAY + timedelta(days=7)


@pytest.fixture
def district(house: House) -> Chat:
    """The office of the district."""
    return house.talk_as("office 110102")


@pytest.fixture
def street(house: House) -> Chat:
    """The office of 德胜街道."""
    return house.talk_as("office 110102010")


def test_the_office_sees_adds_and_ends_duties_of_its_own_area(house: House, chat: Chat, street: Chat) -> None:
    listed = street.sends("任务")
    assert "社区级 每周 1 次" in listed
    assert street.last.buttons == ()  # those of everywhere are not this street's to end
    assert "已增加：德胜街道 社区级 每周 2 次" in street.sends("任务 社区级 每周2次")
    ticks(house, at(MONDAY, "00:01"))
    chat.replies()
    ticks(house, at(WEDNESDAY, "09:00"))
    assert "本周应巡 2 次，已巡 0 次" in chat.hears()
    assert "已停用" in street.presses("停用")
    assert "停用" not in "".join(street.last.buttons)


def test_a_duty_of_a_grid_with_a_window(house: House, chat: Chat, street: Chat) -> None:
    with house.reading() as session:
        code, name = next(_grids(session, chat))
    assert f"网格 {name} 每月 1 次、第 1 至 10 天" in street.sends(f"任务 {name} 每月 1次 1-10 2026-12-01")
    ticks(house, at(date(2026, 12, 1), "00:01"))
    with house.reading() as session:
        rows = [row for row in duty.listed(session, date(2026, 12, 1)) if row.grid_code]
    due = reminders_of(house, chat.account.chief_id, duty_id=rows[0].id)
    assert [(row.grid_code, row.closes_on) for row in due] == [(code, date(2026, 12, 10))]


def _grids(session: Session, chat: Chat) -> Iterator[tuple[str, str]]:
    for id_, name in grid.own_names(session, chat.account.chief_id or 0, MONDAY):
        yield session.get_one(GridVersion, id_).code, name


def test_a_duty_of_one_post_is_given_by_the_name_of_its_chief_and_listed_by_the_office(
    house: House, chat: Chat, street: Chat, district: Chat
) -> None:
    added = street.sends("任务 胡晓兰 每周 3次")
    assert "已增加：安德路南社区 社区党委书记、居委会主任 每周 3 次" in added
    assert "胡晓兰" not in street.sends("任务")
    ticks(house, at(MONDAY, "00:01"))
    chat.replies()
    ticks(house, at(WEDNESDAY, "09:00"))
    assert "本周应巡 3 次，已巡 0 次" in chat.hears()
    assert "可以这样写" in street.sends("任务 武惜楸 每月 2次")  # of another street
    assert "已增加：西长安街街道" in district.sends("任务 武惜楸 每月 2次")
    assert "110102010002-L1 安德路南社区" in district.sends("任务 胡晓兰 西长安街街道 每周 2次")


def test_what_is_asked_anew_takes_the_place_of_what_was_asked_before(house: House, street: Chat) -> None:
    house.now = at(MONDAY, "09:00")
    street.sends("任务 社区级 每周2次 2026-01-01")
    answered = street.sends("任务 社区级 每周3次")
    assert "原来的第 4 项（德胜街道 社区级 每周 2 次）到 2026-11-29 为止" in answered
    assert "同样的任务已有（编号 5，2026-11-30 起）" in street.sends("任务 社区级 每周1次")
    assert "已增加" in street.sends("任务 街道级 每月2次 2027-01-01")
    assert "街道级 每月 2 次（2027-01-01 起）" in street.sends("任务")
    assert "已取消：德胜街道 街道级 每月 2 次，原定 2027-01-01 起" in street.presses("停用 6")
    assert "已停用：德胜街道 社区级 每周 3 次" in street.presses("停用 5")
    assert "2026-11-30 已经停用" not in street.sends("任务")
    house.now = at(NEXT_MONDAY, "09:00")
    assert "任务 5 到 2026-11-30 已经停用" in street.presses("停用 5")


@pytest.mark.parametrize("said", ["任务 随便", "任务 每周 0次", "任务 每周 火星街道", "任务 每年 11-01~05-31"])
def test_what_is_no_duty_is_refused_with_an_example(street: Chat, said: str) -> None:
    assert "可以这样写" in street.sends(said)


def test_a_chief_neither_sets_duties_nor_sees_who_is_overdue(chat: Chat) -> None:
    assert "由林长办设置" in chat.sends("任务")
    assert "由林长办查看" in chat.sends("未巡")
    assert "只发给林长办" in chat.sends("周报")
    assert "由林长办发布" in chat.sends("应急")


def test_after_the_period_the_office_sees_by_area_what_was_left_undone(
    house: House, chat: Chat, street: Chat, district: Chat
) -> None:
    house.now = at(WEDNESDAY, "08:30")
    chat.sends_location(*OWN)
    chat.sends("提交")
    house.now = at(NEXT_MONDAY, "09:00")
    answered = street.sends("未巡")
    assert "2026-11-30 – 2026-12-06，社区级 每周 1 次：应巡 3 个岗位，已巡 1 个，未巡 2 个" in answered
    assert "未巡：安德路北社区、新风中直社区" in answered
    for name in ("胡晓兰", "万枕萱", "顾梓"):
        assert name not in answered
    assert "没有未完成的任务" in street.sends("未巡 2020-12-08")
    assert "街道级 每月 1 次：应巡 1 个岗位，已巡 0 个，未巡 1 个。\n未巡：德胜街道" in street.sends("未巡 本月")
    assert "德胜街道林长办" in street.presses("起草提示函")
    letter = street.last.text
    assert "提示函（草稿）" in letter
    assert "还有 2 个未完成" in letter or "还有 1 个未完成" in letter
    assert "各有关责任区：" in letter
    assert letter.endswith("德胜街道林长办公室\n2026-12-07")
    assert "街道级 每月 1 次" in district.sends("未巡 2026-11")
    assert "德胜街道安德路北社区" in district.sends("未巡 上周")
    district.sends("未巡 上周 德胜街道")
    assert "德胜街道林长办：" in district.presses("起草提示函")
    assert district.last.text.endswith("西城区林长办公室\n2026-12-07")
    assert "只能查看" in street.sends("未巡 西长安街街道")


def test_a_leave_is_told_apart_from_what_was_left_undone(house: House, chat: Chat, street: Chat) -> None:
    ticks(house, at(MONDAY, "00:01"))
    ticks(house, at(WEDNESDAY, "09:00"))
    chat.presses("本期请假")
    house.now = at(NEXT_MONDAY, "09:00")
    street.sends("未巡")
    weekly = next(one for one in street.heard if "每周" in one.text)
    assert weekly.rows == (("德胜街道", "3", "0", "3", "1"),)


def test_the_weekly_digest_comes_on_monday_and_can_be_moved_and_switched_off(
    house: House, chat: Chat, street: Chat
) -> None:
    street.sends("帮助")
    ticks(house, at(MONDAY, "08:00"))
    street.replies()
    ticks(house, at(NEXT_MONDAY, "09:09"))
    assert street.hears() == ""
    ticks(house, at(NEXT_MONDAY, "09:10"))
    heard = street.hears()
    assert "德胜街道 周报（2026-11-30 – 2026-12-06）" in heard
    assert "社区级 每周 1 次（2026-11-30 – 2026-12-06）：应巡 3，已巡 0，未巡 3" in heard
    assert "街道级 每月 1 次（2026-12-01 – 2026-12-31，进行中）：应巡 1，已巡 0\n" in heard
    assert "提醒的成本" in heard
    ticks(house, at(NEXT_MONDAY, "09:11"))
    assert street.hears() == ""
    assert "周报每周周二 10:20 发送" in street.sends("周报 周二 10:20")
    ticks(house, at(NEXT_MONDAY, "12:00"))
    ticks(house, at(NEXT_MONDAY + timedelta(days=1), "10:20"))
    assert "周报" in street.hears()
    assert "已关闭" in street.sends("周报 关")
    ticks(house, at(NEXT_MONDAY + timedelta(days=8), "10:30"))
    assert street.hears() == ""
    assert "周报" in street.sends("周报")


def test_a_digest_that_was_missed_for_days_is_left_out(house: House, street: Chat) -> None:
    ticks(house, at(MONDAY, "08:00"))
    street.replies()
    ticks(house, at(NEXT_MONDAY + timedelta(days=3), "09:10"))
    assert street.hears() == ""


def test_an_emergency_reaches_everybody_there_at_once_and_ends_by_itself(
    house: House, chat: Chat, street: Chat, district: Chat
) -> None:
    wan, elsewhere = house.talk_as("万枕萱"), house.talk_as("武惜楸")
    house.now = at(MONDAY, "23:00")  # the night does not wait
    preview = street.sends("应急 汛情 6小时 请检查河岸树木")
    assert "将立即发给 德胜街道 的全体林长，6 小时后自动结束" in preview
    assert chat.hears() == ""
    called = street.presses("确认发布")
    assert "已发给 德胜街道 的 2 位林长" in called
    assert "另有 2 位林长还没有可用的账号" in called
    for one in (chat, wan):
        assert one.hears().startswith("【应急】汛情（德胜街道）请检查河岸树木")
    assert elsewhere.hears() == ""
    assert "已经发过" in street.presses("确认发布")
    assert "收到" in chat.presses("安全")
    assert "已转告林长办" in wan.presses("有险情")
    told = street.hears()
    assert "有险情：安德路北社区（万枕萱）" in told
    assert "安全 1，有险情 1，未回复 2" in street.presses("查看汇总")
    assert "安全 1，有险情 1，未回复 2" in district.sends("应急")
    chat.presses("有险情")
    assert "安全 0，有险情 2，未回复 2" in district.sends("应急")
    ticks(house, at(MONDAY + timedelta(days=1), "05:00"))
    assert "应急已结束：汛情（德胜街道）" in street.hears()
    assert "已经结束" in chat.presses("安全")
    assert "没有进行中的应急" in district.sends("应急")


def test_an_emergency_that_is_ended_early_says_when(house: House, street: Chat) -> None:
    house.now = at(MONDAY, "10:00")
    street.sends("应急 大风 6小时")
    street.presses("确认发布")
    house.now = at(MONDAY, "11:30")
    assert "应急已结束：大风（德胜街道），11-30 11:30" in street.presses("结束应急")


def test_a_chief_who_writes_of_a_storm_reports_it(chat: Chat) -> None:
    assert "记为巡林" in "".join((chat.sends("大风 吹倒了一棵树"), *chat.last.buttons))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("任务 每周两次", "德胜街道 社区级 每周 2 次"),
        ("任务 街道 每月三次", "德胜街道 街道级 每月 3 次"),
        ("任务 社区 一周 2次", "德胜街道 社区级 每周 2 次"),
    ],
)
def test_a_duty_is_understood_as_people_say_it(street: Chat, said: str, answer: str) -> None:
    assert f"已增加：{answer}" in street.sends(said)


def test_an_emergency_that_nobody_confirmed_never_runs(house: House, chat: Chat, street: Chat) -> None:
    street.sends("应急 大风")
    assert "没有进行中的应急" in street.sends("应急")
    ticks(house, at(MONDAY, "09:00"))
    assert "应急" not in street.hears()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("汛情 6小时", "将立即发给 德胜街道 的全体林长，6 小时后"),
        ("应急 地震", "可用：汛情、大风、暴雪"),
        ("应急 汛情 100小时", "1 到 72 小时"),
        ("应急 汛情 西长安街街道", "只能查看"),
    ],
)
def test_an_emergency_is_announced_for_the_own_area_only(street: Chat, said: str, answer: str) -> None:
    assert answer in street.sends(said)


def test_an_emergency_that_could_not_be_sent_before_its_end_is_not_sent_after_it(
    house: House, chat: Chat, street: Chat
) -> None:
    street.sends("应急 暴雪 1小时")
    house.sends_at_once = False
    street.presses("确认发布")
    ticks(house, house.now + timedelta(hours=2))
    house.sends_out()
    assert "【应急】" not in chat.hears()
    assert house.rows(select(Outbox.id).where(Outbox.state == "dropped", Outbox.error == "late"))
