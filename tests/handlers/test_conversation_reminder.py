"""Being reminded (提醒): once, when it helps, with what to look at; and every way to have less of it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from chat_driver import OWN, Chat, House
from reminding import at, reminders_of, ticks
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.engine import transaction
from models.grid import GridCommunity, GridVersion
from models.outbox import Outbox
from models.patrol import Patrol
from models.problem import Problem
from models.reminder import Reminder
from rules.duty import Rule
from services import duty, grid, reminder
from services.duty import Wanted

MONDAY = date(2026, 11, 30)
WEDNESDAY, FRIDAY = MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)


@pytest.fixture
def week(house: House, chat: Chat) -> House:
    """The week of 30 November 2026 has begun and is planned."""
    ticks(house, at(MONDAY, "00:01"))
    chat.replies()
    return house


def goes_on(house: House, day: date, *clocks: str) -> None:
    """Let it be some times of a day, one after the other."""
    for clock in clocks:
        ticks(house, at(day, clock))


def test_who_has_not_patrolled_is_reminded_once_on_wednesday_and_once_more_on_friday(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "08:49")
    assert chat.hears() == ""
    goes_on(week, WEDNESDAY, "09:00", "09:30", "12:00")
    heard = chat.replies()
    assert len(heard) == 1
    assert heard[0].text.startswith("【巡林提醒】")
    assert "本周应巡 1 次，已巡 0 次，还有 5 天" in heard[0].text
    assert heard[0].buttons == ("📍 现在巡林", "稍后（2小时）", "本期请假")
    goes_on(week, FRIDAY, "08:00", "09:00", "14:00", "19:59")
    again = chat.replies()
    assert [one.text[:6] for one in again] == ["【再次提醒】"]
    assert again[0].buttons == ("📍 现在巡林", "本期请假")
    goes_on(week, FRIDAY + timedelta(days=2), "09:00", "23:59")
    assert chat.hears() == ""


def test_who_patrolled_hears_nothing(week: House, chat: Chat) -> None:
    week.now = at(WEDNESDAY, "08:30")
    chat.sends_location(*OWN)
    chat.sends("提交")
    goes_on(week, WEDNESDAY, "09:00")
    goes_on(week, FRIDAY, "09:00")
    assert "提醒" not in chat.hears()
    assert [(row.state, row.reason) for row in reminders_of(week, chat.account.chief_id)] == [("settled", "done")]


def test_a_patrol_after_the_reminder_settles_the_follow_up(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "09:00")
    chat.presses("现在巡林")
    chat.sends_location(*OWN)
    chat.sends("提交")
    chat.replies()
    goes_on(week, FRIDAY, "09:00")
    assert chat.hears() == ""
    assert reminders_of(week, chat.account.chief_id)[0].taps == 1


def test_a_withdrawn_patrol_opens_the_duty_again(week: House, chat: Chat) -> None:
    week.now = at(WEDNESDAY, "08:30")
    chat.sends_location(*OWN)
    chat.sends("提交")
    chat.sends("撤回")
    chat.presses("确认撤回")
    chat.replies()
    goes_on(week, WEDNESDAY, "09:00")
    assert "应巡 1 次，已巡 0 次" in chat.hears()


def test_later_comes_in_two_hours_and_uses_up_the_follow_up(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "09:00")
    assert "12-02 11:00 再提醒一次" in chat.presses("稍后")
    assert "已经用过了" in chat.presses("稍后")
    goes_on(week, WEDNESDAY, "10:59")
    assert chat.hears() == ""
    goes_on(week, WEDNESDAY, "11:00")
    assert chat.hears().startswith("【再次提醒】")
    goes_on(week, FRIDAY, "09:00", "12:00")
    assert chat.hears() == ""
    assert "已经用过了" in chat.presses("稍后", on=next(one for one in chat.heard if "巡林提醒" in one.text))


def test_later_in_the_evening_comes_on_the_next_workday(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "09:00")
    week.now = at(WEDNESDAY, "18:30")
    assert "12-03 08:50" in chat.presses("稍后")
    week.now = at(date(2026, 12, 6), "19:00")
    assert "已经用过了" in chat.presses("稍后")


def test_leave_ends_the_reminders_of_the_period_and_a_patrol_still_counts(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "09:00")
    assert "本期不再提醒" in chat.presses("本期请假")
    goes_on(week, FRIDAY, "09:00")
    assert chat.hears() == ""
    rows = reminders_of(week, chat.account.chief_id, "followup")
    assert [(row.state, row.reason) for row in rows] == [("skipped", "leave")]
    goes_on(week, WEDNESDAY + timedelta(days=7), "00:01", "09:00")
    assert "【巡林提醒】" in chat.hears()


def test_a_button_of_a_past_period_is_refused_kindly(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "09:00")
    week.now = at(MONDAY + timedelta(days=8), "09:00")
    assert "已经结束" in chat.presses("本期请假")


def test_nobody_presses_the_reminder_of_another(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "09:00")
    mine = reminders_of(week, chat.account.chief_id)[0]
    with transaction(week.engine) as session:
        assert reminder.own(session, mine.id, -1) is None
        assert reminder.own(session, mine.id, mine.chief_id) is not None


def test_after_hours_of_downtime_what_is_still_useful_is_said_and_the_rest_recorded(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "12:40")
    assert "【巡林提醒】" in chat.hears()
    goes_on(week, FRIDAY, "13:10")
    assert chat.hears() == ""
    rows = reminders_of(week, chat.account.chief_id, "followup")
    assert [(row.state, row.reason) for row in rows] == [("missed", "expired")]


def test_what_could_not_be_sent_in_time_is_dropped_and_recorded(week: House, chat: Chat) -> None:
    week.sends_at_once = False
    goes_on(week, WEDNESDAY, "09:00")
    goes_on(week, WEDNESDAY, "13:10")
    week.sends_out()
    assert chat.hears() == ""
    row = reminders_of(week, chat.account.chief_id)[0]
    assert (row.state, row.reason) == ("missed", "not_sent")
    assert {one.state for one in week.rows(_of(row))} == {"dropped"}


def _of(row: Reminder) -> Any:
    return select(Outbox).where(Outbox.reminder_id == row.id)


def test_a_problem_is_named_until_it_is_closed(week: House, chat: Chat) -> None:
    week.now = at(MONDAY - timedelta(days=3), "10:00")
    chat.sends_location(*OWN)
    chat.presses("发现问题")
    chat.presses("树木倒伏")
    chat.sends("提交")
    chat.replies()
    goes_on(week, WEDNESDAY, "09:00")
    assert "还没有办结的问题：树木倒伏 1 处。" in chat.hears()
    with transaction(week.engine) as session:
        session.execute(update(Problem).values(state="closed", closed_at=week.now, alarm_at=None))
    goes_on(week, FRIDAY, "09:00")
    heard = chat.hears()
    assert "【再次提醒】" in heard
    assert "树木倒伏" not in heard


def test_what_was_only_noted_on_a_patrol_is_named_for_two_months(week: House, chat: Chat) -> None:
    week.now = at(MONDAY - timedelta(days=3), "10:00")
    chat.sends_location(*OWN)
    chat.sends("提交")
    chat.replies()
    with transaction(week.engine) as session:
        # As the replay leaves it: a word on the patrol, and nothing that anybody handles.
        session.execute(update(Patrol).values(problem_type="树木倒伏"))
    goes_on(week, WEDNESDAY, "09:00")
    assert "近两个月发现的问题：树木倒伏 1 处。" in chat.hears()


def test_of_two_accounts_the_one_that_spoke_last_is_reminded_and_never_a_blocked_one(week: House, chat: Chat) -> None:
    other = week.talk_as("another")
    with transaction(week.engine) as session:
        session.get_one(Account, other.account.id).chief_id = chat.account.chief_id
    week.now = at(MONDAY, "10:00")
    other.sends("帮助")
    chat.replies()
    other.replies()
    goes_on(week, WEDNESDAY, "09:00")
    assert (chat.hears(), other.hears()[:6]) == ("", "【巡林提醒】")
    with transaction(week.engine) as session:
        session.get_one(Account, other.account.id).blocked_at = week.now
    goes_on(week, FRIDAY, "09:00")
    assert (chat.hears()[:6], other.hears()) == ("【再次提醒】", "")


def test_what_the_clock_says_of_a_person_is_not_their_word(week: House, chat: Chat) -> None:
    week.now = at(WEDNESDAY, "08:00")
    chat.sends_location(*OWN)
    with transaction(week.engine) as session:
        session.get_one(Account, chat.account.id).blocked_at = week.now
    before = chat.account
    week.waits(minutes=11)
    assert "已登记" in chat.hears()
    assert (chat.account.blocked_at, chat.account.spoke_at) == (before.blocked_at, before.spoke_at)


def test_a_chief_without_an_account_is_recorded(week: House) -> None:
    wan = week.talk_as("万枕萱")
    with transaction(week.engine) as session:
        session.get_one(Account, wan.account.id).chief_id = None
    goes_on(week, WEDNESDAY, "09:00")
    states = {(row.state, row.reason) for row in week.rows(_reminders()) if row.duty_id == 3}
    assert ("skipped", "no_account") in states


def _reminders() -> Any:
    return select(Reminder).where(Reminder.kind == "reminder")


def test_a_chief_sets_the_own_time(week: House, chat: Chat) -> None:
    assert "每周周三 08:50（只在工作日），20:00 到 07:30 不打扰。" in chat.sends("提醒")
    assert "每周周四 14:30" in chat.sends("提醒 周四 14:30")
    goes_on(week, WEDNESDAY, "09:00")
    assert chat.hears() == ""
    goes_on(week, WEDNESDAY + timedelta(days=1), "14:29", "14:40")
    assert "还有 4 天" in chat.hears()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("提醒 23:30", "免打扰时段以外"),
        ("提醒 免打扰 23:00-07:30", "22:00 到 06:00"),
        ("提醒 免打扰 18:00-09:00 10:00", "每周周三 10:00（只在工作日），18:00 到 09:00"),
        ("提醒 周三 每天 09:00", "休息日也提醒"),
        ("提醒 随便", "看不懂“随便”"),
        ("提醒 暂停 明天", "请写明日期和原因"),
        ("提醒 暂停 2026-01-01 出差", "已经过去"),
    ],
)
def test_settings_are_understood_or_refused_with_a_way_on(week: House, chat: Chat, said: str, answer: str) -> None:
    assert answer in chat.sends(said)


def test_a_pause_with_its_reason_is_seen_by_the_office_and_ends_by_itself(week: House, chat: Chat) -> None:
    assert "林长办看得到这个原因" in chat.sends("提醒 暂停 2026-12-03 出差学习")
    office = week.talk_as("office 110102010")
    assert "胡晓兰：到 2026-12-03，出差学习" in office.sends("提醒")
    chat.replies()
    goes_on(week, WEDNESDAY, "09:00")
    assert chat.hears() == ""
    assert [(r.state, r.reason) for r in reminders_of(week, chat.account.chief_id)] == [("skipped", "paused")]
    goes_on(week, FRIDAY, "09:00")
    assert "【再次提醒】" in chat.hears()


def test_a_pause_can_be_ended(week: House, chat: Chat) -> None:
    chat.sends("提醒 暂停 2026-12-30 出差")
    assert "已恢复" in chat.presses("恢复提醒")
    chat.replies()
    goes_on(week, WEDNESDAY, "09:00")
    assert "【巡林提醒】" in chat.hears()


def test_the_office_sets_the_time_of_a_level_a_street_and_a_grid(week: House, chat: Chat) -> None:
    district = week.talk_as("office 110102")
    assert "社区级 的提醒时间已改：每周周五 10:00" in district.sends("提醒 社区级 周五 10:00")
    street = week.talk_as("office 110102010")
    assert "由区林长办设置" in street.sends("提醒 社区级 周五 10:00")
    assert "德胜街道 的提醒时间已改" in street.sends("提醒 德胜街道 周四")
    assert "只能查看" in street.sends("提醒 西长安街街道 周四")
    chat.replies()
    goes_on(week, WEDNESDAY, "09:00")
    assert chat.hears() == ""
    goes_on(week, WEDNESDAY + timedelta(days=1), "10:10")
    assert "【巡林提醒】" in chat.hears()


def test_what_the_reminders_cost_is_counted(week: House, chat: Chat) -> None:
    goes_on(week, WEDNESDAY, "09:00")
    chat.presses("稍后")
    chat.presses("稍后")
    with week.reading() as session:
        cost = reminder.costs(session, MONDAY, MONDAY, "110102010")
    assert (cost["messages"], cost["taps"]) == (1, 1)


def test_a_new_time_is_never_in_the_past(week: House, chat: Chat) -> None:
    now: datetime = at(WEDNESDAY, "08:00")
    week.now = now
    chat.sends("提醒 周一 09:00")
    goes_on(week, WEDNESDAY, "09:00")
    assert "【巡林提醒】" in chat.hears()


def test_a_duty_of_a_grid_is_done_by_patrols_in_that_grid_only(week: House, chat: Chat) -> None:
    account = chat.account
    with transaction(week.engine) as session:
        own, other = _own_and_other_grid(session, account.chief_id or 0)
        rule = Rule("week", 1, date(2026, 1, 1))
        for code in (own, other):
            duty.add(session, Wanted(rule, "community", grid_code=code))
        # The other grid is made to serve the same community.
        session.add(GridCommunity(grid_version_id=_id(session, other), community_code="110102010002"))
    week.now = at(MONDAY, "09:00")
    chat.sends_location(*OWN)
    chat.sends("提交")
    goes_on(week, MONDAY, "12:00")
    chat.replies()
    goes_on(week, WEDNESDAY, "09:00")
    with week.reading() as session:
        rows = session.scalars(
            select(Reminder).where(Reminder.chief_id == account.chief_id, Reminder.grid_code.in_((own, other)))
        )
        states = {row.grid_code: (row.state, row.reason) for row in rows if row.kind == "reminder"}
    assert states == {own: ("settled", "done"), other: ("said", None)}
    assert len(chat.replies()) == 1


def _own_and_other_grid(session: Session, chief_id: int) -> tuple[str, str]:
    own_id = grid.own_names(session, chief_id, MONDAY)[0][0]
    own = session.get_one(GridVersion, own_id)
    others = select(GridVersion.code).where(GridVersion.street_code == own.street_code, GridVersion.id != own_id)
    return own.code, session.scalars(others.order_by(GridVersion.code)).all()[-1]


def _id(session: Session, code: str) -> int:
    return session.scalars(select(GridVersion.id).where(GridVersion.code == code)).one()
