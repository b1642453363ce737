"""Talking about problems (问题对话): short, one question at a time, and nothing is lost on the way."""

from datetime import timedelta

import pytest
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OWN, XICHANGAN, Chat, House
from map_house import PHOTO
from sqlalchemy import select, update

from bot.problem_alarms import ProblemAlarms
from models.draft import Part
from models.engine import transaction
from models.inbox import Inbox
from models.outbox import Outbox
from models.patrol import Patrol
from models.problem import Problem, ProblemPhoto, ProblemStep
from services import unit


def problems(house: House) -> list[Problem]:
    return list(house.rows(select(Problem).order_by(Problem.id)))


def reported(chat: Chat, kind: str = "垃圾堆放") -> Problem:
    """A problem that a chief reported by two taps."""
    chat.sends("上报")
    chat.presses(kind)
    chat.presses("✅ 上报")
    return problems(chat.house)[-1]


def rings(house: House, **time: float) -> None:
    """Let time pass, and let the clocks of the problems say what they have to say."""
    house.now += timedelta(**time)
    alarms = ProblemAlarms(house.engine, house.settings)
    while alarms.ring_once(house.now):
        pass
    house.works()


# Reporting


def test_words_alone_are_a_report(house: House, chat: Chat) -> None:
    chat.sends("上报 河边有棵树快倒了")
    assert "已上报 WT-2026-000001：其他" in chat.presses("✅ 上报")
    (found,) = problems(house)
    assert (found.note, found.type_code, found.severity) == ("河边有棵树快倒了", "other", "ordinary")


def test_photos_alone_are_a_report_and_nothing_is_none(house: House, chat: Chat) -> None:
    chat.sends("上报")
    assert "请发位置和照片" in chat.sends_photos(2)
    chat.presses("✅ 上报")
    assert len(house.rows(select(ProblemPhoto))) == 2
    chat.sends("上报")
    assert "✅ 上报" not in chat.last.buttons
    assert "还没有说是什么问题" in chat.sends("提交")


def test_the_urgency_follows_the_type_and_can_be_changed(house: House, chat: Chat) -> None:
    chat.sends("上报")
    assert "砸车，危险（2 小时内）" in chat.presses("砸车")
    assert "有多紧急" in chat.presses("改紧急程度")
    assert "砸车，紧急（24 小时内）" in chat.presses("紧急")
    chat.presses("✅ 上报")
    assert problems(house)[0].severity == "urgent"


def test_a_report_is_handed_in_by_itself_and_a_slip_of_the_finger_is_not(house: House, chat: Chat) -> None:
    chat.sends("上报")
    chat.sends("树倒了")
    house.waits(minutes=11)
    assert "已上报 WT-2026-000001" in chat.hears()
    chat.sends("上报")
    chat.presses("折枝")
    house.waits(hours=25)
    assert "还没有上报，已先放下" in chat.hears()
    assert len(problems(house)) == 1
    assert "已上报 WT-2026-000002：折枝" in chat.presses("✅ 上报")


def test_a_report_that_was_dropped_is_none(house: House, chat: Chat) -> None:
    chat.sends("上报")
    chat.presses("折枝")
    assert "已取消" in chat.sends("取消")
    assert problems(house) == []


def test_a_patrol_waits_for_the_report_that_was_begun(house: House, chat: Chat) -> None:
    chat.sends("上报")
    chat.presses("折枝")
    assert "请先上报或取消" in chat.sends("巡林")
    chat.presses("✅ 上报")
    assert "请点 📍" in chat.sends("巡林")


def test_two_taps_on_report_are_one_problem(house: House, chat: Chat) -> None:
    chat.sends("上报")
    chat.presses("折枝")
    asked = chat.last
    chat.presses("✅ 上报", asked)
    assert "已经上报或取消了" in chat.presses("✅ 上报", asked)
    assert len(problems(house)) == 1


def test_a_delivery_that_comes_twice_is_one_problem(house: House, chat: Chat) -> None:
    chat.sends("上报")
    chat.presses("折枝")
    chat.presses("✅ 上报")
    chat.sends("上报")
    chat.sends_again()
    assert len(problems(house)) == 1


def test_all_is_well_stays_one_tap_and_makes_no_problem(house: House, chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.presses("一切正常")
    assert (len(house.rows(select(Patrol))), problems(house)) == (1, [])


def test_a_problem_can_be_reported_after_the_receipt_of_its_patrol(house: House, chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.presses("一切正常")
    chat.presses("上报问题")
    chat.presses("黄土裸露")
    assert "已上报" in chat.presses("✅ 上报")
    (patrol,), (found,) = house.rows(select(Patrol)), problems(house)
    assert (found.patrol_id, found.grid_version_id) == (patrol.id, patrol.grid_version_id)
    assert (found.lon, found.lat) == (patrol.lon, patrol.lat)


def test_a_problem_lies_where_it_is_and_not_where_its_finder_belongs(house: House, chat: Chat) -> None:
    chat.sends("上报")
    chat.presses("折枝")
    chat.sends_location(*NEIGHBOURS)
    chat.presses("✅ 上报")
    own = reported(chat)
    far = problems(house)[0]
    assert far.grid_version_id is not None
    assert far.grid_version_id != own.grid_version_id


def test_without_consent_no_position_is_kept(house: House) -> None:
    chief = house.talk_as("胡晓兰")
    chief.sends("上报")
    chief.presses("折枝")
    chief.sends_location(*OWN)
    assert "✅ 提交" not in chief.last.buttons
    chief.presses("不同意")
    chief.presses("✅ 上报")
    (found,) = problems(house)
    assert (found.lon, found.lat) == (None, None)
    assert found.grid_version_id is not None
    assert house.rows(select(Part.lon).where(Part.lon.is_not(None))) == []


def test_what_comes_late_joins_the_problem(house: House, chat: Chat) -> None:
    found = reported(chat)
    receipt = next(one for one in reversed(chat.heard) if "已上报" in one.text)
    assert "照片已补到 WT-2026-000001" in chat.sends_photos(1, reply_to=receipt)
    chat.presses("补照片、位置")
    assert "位置已补到 WT-2026-000001：德胜街道 · 安德路南社区网格" in chat.sends_location(*OWN)
    assert "文字已补到" in chat.sends("靠近东门")
    (again,) = problems(house)
    assert (again.note, again.version) == ("靠近东门", 4)
    assert (again.lon, again.lat) == pytest.approx(OWN, abs=1e-6)
    assert len(house.rows(select(ProblemPhoto).where(ProblemPhoto.problem_id == found.id))) == 1
    house.now += timedelta(minutes=11)
    assert "记为一次巡林" in chat.sends("今天天气好")


def test_a_late_position_without_consent_is_forgotten(house: House) -> None:
    chief = house.talk_as("胡晓兰")
    reported(chief)
    chief.presses("补照片、位置")
    assert "是否同意" in chief.sends_location(*OWN)
    assert problems(house)[0].lon is None
    assert all("116.38" not in raw for raw in house.rows(select(Inbox.raw)))


def test_a_finder_takes_back_what_nobody_has_accepted(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    office.hears()
    assert "要撤回 WT-2026-000001" in chat.presses("撤回")
    assert "已撤回 WT-2026-000001" in chat.presses("确认撤回")
    assert "撤回了上报" in office.hears()
    assert "没有未办结的问题" in office.sends("问题")
    second = reported(chat)
    office.presses("受理")
    assert f"{second.number} 林长办已经受理" in chat.presses("撤回")


def test_mine_lists_the_own_open_problems(house: House, chat: Chat) -> None:
    reported(chat)
    assert "您上报的未办结问题 1 件" in chat.sends("我的")
    assert "垃圾堆放（一般） 待受理，还有 7 天" in chat.last.text
    chat.presses("WT-2026-000001")
    assert "现在：待受理" in chat.last.text
    assert "未办结的问题" not in house.talk_as("万枕萱").sends("我的")


# Acting


def test_of_two_offices_that_press_the_second_is_told_who_was_first(house: House, chat: Chat) -> None:
    street, district = house.talk_as(f"office {DESHENG}"), house.talk_as(f"office {DISTRICT}")
    reported(chat)
    street.hears()
    district.sends("问题")
    district.presses("WT-2026-000001")
    street.presses("受理")
    said = district.presses("受理")
    assert "WT-2026-000001 已由德胜街道林长办于 11-24 10:00 受理，您这次没有生效" in said
    assert "现在：待交办" in said
    assert "您已于 11-24 10:00 受理过" in street.presses(
        "受理", next(one for one in street.heard if "【新问题】" in one.text)
    )
    assert [one.action for one in house.rows(select(ProblemStep))] == ["report", "accept"]


def test_the_hotline_needs_its_order_number(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    office.hears()
    office.presses("受理")
    office.presses("交办")
    assert "请写工单号" in office.presses("12345")
    assert "12345，工单 20261124001" in office.sends("20261124001")
    assert problems(house)[0].order_number == "20261124001"


def test_the_office_gives_it_to_the_chief_of_the_community(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    office.hears()
    office.presses("受理")
    office.presses("交办")
    office.presses("林长 胡晓兰")
    assert "交给您办" in chat.hears()
    chat.presses("整改完成")
    assert "等待核查" in chat.sends_photos(2)
    assert "照片已补到" in chat.sends_photos(1)
    assert house.rows(select(ProblemPhoto.is_after)) == [True, True, True]
    assert house.rows(select(Patrol)) == []


def test_it_is_returned_with_a_reason_and_comes_back_with_more(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    office.hears()
    office.presses("退回")
    assert "请写明" not in office.presses("情况不清楚")
    assert "【退回】您上报的问题被德胜街道林长办退回" in chat.hears()
    chat.presses("重开")
    chat.presses("已经补充情况")
    assert "【重开】" in office.hears()
    assert problems(house)[0].state == "reported"


def test_the_district_supervises_and_the_street_cannot(house: House, chat: Chat) -> None:
    street, district = house.talk_as(f"office {DESHENG}"), house.talk_as(f"office {DISTRICT}")
    found = reported(chat)
    street.hears()
    assert "督办" not in street.last.buttons
    district.sends(f"问题 {found.number}")
    district.presses("督办")
    assert "已督办" in district.presses("请尽快办结")
    assert "【督办】西城区林长办要求抓紧办理" in street.hears()


def test_a_stop_leaves_everything_as_it_was(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    office.hears()
    office.presses("退回")
    assert "没有改动" in office.sends("取消")
    assert "原因太长" not in office.sends("长" * 201)
    assert problems(house)[0].state == "reported"


def test_the_history_says_who_when_and_why(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    office.hears()
    office.presses("受理")
    office.presses("交办")
    office.presses("物业")
    said = office.presses("经过")
    assert "11-24 10:00 胡晓兰 上报" in said
    assert "德胜街道林长办 交办 → 物业" in said


def test_nobody_sees_what_is_not_theirs(house: House, chat: Chat) -> None:
    found = reported(chat)
    other, chief = house.talk_as(f"office {XICHANGAN}"), house.talk_as("万枕萱")
    unknown = other.sends("问题 WT-2026-999999")
    assert other.sends(f"问题 {found.number}") == unknown
    assert chief.sends(f"问题 {found.number}") == unknown
    assert "还没有登记为林长" in house.talk_as("stranger").sends("问题")


# Clocks


def test_who_must_act_is_warned_and_the_office_hears_that_it_is_overdue(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat, "树木倒伏")
    office.hears()
    rings(house, hours=21, minutes=59)
    assert office.hears() == ""
    rings(house, minutes=2)
    assert "【快到时限】" in office.hears()
    rings(house, hours=1)
    assert office.hears() == ""
    rings(house, hours=1)
    assert "【已逾期】" in office.hears()
    rings(house, hours=30)
    assert office.hears() == ""
    assert "其中逾期 1 件" in office.sends("问题")


def test_a_paused_clock_says_nothing_and_runs_on_by_as_much(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    before = reported(chat, "树木倒伏").due_at
    office.hears()
    office.presses("受理")
    office.presses("暂停计时")
    assert "已暂停计时" in office.presses("等待天气")
    rings(house, hours=48)
    assert office.hears() == ""
    assert "等待中，暂停计时" in office.sends("问题")
    office.presses("WT-2026-000001")
    office.presses("恢复计时")
    (found,) = problems(house)
    assert found.due_at == before + timedelta(hours=48)
    rings(house, hours=24)
    assert "【已逾期】" in office.hears()


def test_what_can_wait_is_not_said_at_night_and_danger_is(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    house.now += timedelta(hours=11)  # 21:00 in Beijing
    reported(chat, "垃圾堆放")
    reported(chat, "砸车")
    office.hears()
    rings(house, hours=2)
    assert "砸车（危险）" in office.hears()
    rings(house, days=6)  # 23:00, a day before the deadline of the other is up
    assert office.hears() == ""
    rings(house, hours=8)  # 07:00
    assert office.hears() == ""
    rings(house, minutes=31)
    assert "垃圾堆放（一般）" in office.hears()


def test_a_deadline_that_passed_in_a_downtime_waits_for_the_morning(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat, "垃圾堆放")
    office.hears()
    rings(house, days=9, hours=13)  # 23:00 in Beijing
    assert office.hears() == ""
    rings(house, hours=9)
    assert "【已逾期】" in office.hears()


def test_an_alarm_is_said_in_the_commit_that_claims_it(house: House, chat: Chat) -> None:
    house.talk_as(f"office {DESHENG}")
    found = reported(chat, "树木倒伏")
    house.now += timedelta(hours=25)
    ProblemAlarms(house.engine, house.settings).ring_once(house.now)
    (again,) = problems(house)
    assert (again.overdue_at, again.alarm_at) == (house.now, None)
    assert len(house.rows(select(Outbox).where(Outbox.problem_id == found.id, Outbox.priority == "5"))) == 1


# In an emergency


def test_one_tap_in_an_emergency_is_a_report_and_the_counts_grow(house: House, chat: Chat) -> None:
    district, street = house.talk_as(f"office {DISTRICT}"), house.talk_as(f"office {DESHENG}")
    district.sends("应急 大风 德胜街道 6小时 请检查树木")
    district.presses("确认发布")
    chat.hears()
    chat.presses("有险情")
    for word in ("树木倒伏", "折枝", "砸车", "压线", "压房", "堵路"):
        assert word in chat.last.buttons
    district.hears()
    assert "已上报 WT-2026-000001：压线。请注意安全" in chat.presses("压线")
    assert "【新问题】胡晓兰上报" in street.hears()
    assert "险情：压线 1" in district.hears()
    assert "位置已补到 WT-2026-000001" in chat.sends_location(*OWN)
    assert "【补充】胡晓兰补充了情况" in street.hears()
    asked = next(one for one in reversed(chat.heard) if "压线" in one.buttons)
    chat.presses("压线", asked)
    assert len(problems(house)) == 1
    house.now += timedelta(minutes=2)
    chat.presses("压线", asked)
    chat.presses("堵路", asked)
    assert "险情：压线 2、堵路 1" in district.sends("应急")
    first = problems(house)[0]
    assert (first.severity, first.emergency_id is not None) == ("danger", True)
    house.now += timedelta(hours=7)
    assert "已经结束" in chat.presses("折枝", asked)


# Photos


def test_the_finder_gets_the_pair_of_photos(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    chat.sends("上报")
    chat.presses("垃圾堆放")
    chat.sends_files(PHOTO.read_bytes())
    chat.presses("✅ 上报")
    office.hears()
    house.opens_photos()
    office.presses("受理")
    office.presses("交办")
    office.presses("物业")
    office.presses("整改完成")
    office.sends_files(PHOTO.read_bytes())
    house.opens_photos()
    office.presses("核查通过")
    office.presses("✅ 销号")
    told = chat.replies()[-1]
    assert "您上报的问题已办结" in told.text
    assert told.body["pictures"]
    assert told.buttons == ("没解决",)


def test_photos_that_nobody_could_open_hold_up_nothing(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    chat.sends("上报")
    chat.sends_photos(1)
    chat.presses("✅ 上报")
    office.hears()
    assert "WT-2026-000001" in office.sends("问题 WT-2026-000001")
    assert "WT-2026-000001" in office.presses("看照片")
    assert not office.last.body.get("pictures")


# Figures


def test_figures_of_problems_with_both_numbers_of_the_rate(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    reported(chat, "折枝")
    reported(chat, "折枝")
    taken_back = reported(chat)
    chat.presses("撤回")
    chat.presses("确认撤回")
    with transaction(house.engine) as session:
        ended = house.now + timedelta(hours=30)
        session.execute(update(Problem).where(Problem.id == 2).values(state="closed", closed_at=ended))
    office.hears()
    said = office.sends("统计 问题 今年")
    assert "上报问题 3 件，办结 1 件，办结率 33.3%（1÷3）；未办结 2 件，逾期 1 件；办结用时中位数 30 小时" in said
    assert ("折枝", "2", "1", "1") in office.last.rows
    assert office.sends("统计问题今年") == said
    office.presses("查看明细")
    assert "上报的问题 1–3／共 3 件" in office.last.text
    assert taken_back.number not in office.last.text
    assert "由林长办查看" in chat.sends("统计 问题")
    assert "没有上报的问题" in house.talk_as(f"office {XICHANGAN}").sends("统计 问题")


def test_the_weekly_digest_names_what_is_open(house: House, chat: Chat) -> None:
    office = house.talk_as(f"office {DESHENG}")
    reported(chat)
    assert "未办结的问题 1 件，其中逾期 0 件" in office.sends("周报")


def test_a_units_photo_without_a_word_is_told_what_to_press(house: House) -> None:
    crew = house.talk_as("team")
    with transaction(house.engine) as session:
        unit.add(session, "maintenance", "养护队", DESHENG, house.now, account=("local", "team"))
    assert "点【整改完成】再发照片" in crew.sends_photos(1)
    assert "没有未办结的问题" in crew.sends("问题")
