"""What only WeCom has (企业微信特有): members of a directory, menus, cards, positions that come twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import wecom_payloads as wecom
from chat_driver import DISTRICT, OWN
from sqlalchemy import select, update
from wecom_chat import WecomChat, WecomHouse, wecom_house

from models.account import Account, Office
from models.chief import Chief
from models.draft import Part
from models.engine import transaction
from models.inbox import Inbox
from models.outbox import Outbox
from models.patrol import Patrol
from models.recording import Recording
from rules.coordinates import gcj02_of_wgs84
from services import alarm, office, platform

GCJ = tuple(f"{value:.6f}" for value in gcj02_of_wgs84(*OWN))


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WecomHouse]:
    with wecom_house(request.param, tmp_path) as made:
        yield made


def chat_of(house: WecomHouse, who: str) -> WecomChat:
    chat = house.talk_as(who)
    assert isinstance(chat, WecomChat)
    return chat


@pytest.fixture
def chat(house: WecomHouse) -> WecomChat:
    """胡晓兰, who has agreed to share positions."""
    found = chat_of(house, "胡晓兰")
    found.sends_location(*OWN)
    found.presses("同意")
    found.sends("取消")
    return found


def knows(house: WecomHouse, name: str, user_id: str) -> None:
    """The directory or the roster's column names a chief."""
    with transaction(house.engine) as session:
        session.execute(update(Chief).where(Chief.name == name).values(wecom_id=user_id))


def patrols(house: WecomHouse) -> list[Patrol]:
    return list(house.rows(select(Patrol).order_by(Patrol.id)))


def account(house: WecomHouse, user: str) -> Account:
    found: Account = house.rows(select(Account).where(Account.user_id == user))[0]
    return found


def test_a_newcomer_whom_the_directory_names_says_so_with_one_tap(house: WecomHouse) -> None:
    knows(house, "胡晓兰", "huxl")
    chat = WecomChat(house, "huxl")
    said = chat.receives(wecom.event("subscribe", "HuXL", chat.at))
    assert "您是花名册上的 胡晓兰（社区级林长）吗？" in said
    assert "注册成功" in chat.presses("是我")
    assert "已定位" in chat.sends_location(*OWN) + chat.presses("同意")


def test_nobody_is_linked_without_the_tap_and_help_is_for_everybody(house: WecomHouse) -> None:
    knows(house, "胡晓兰", "huxl")
    chat = WecomChat(house, "huxl")
    assert "您是花名册上的" in chat.sends_location(*OWN)
    assert "没有绑定" in chat.presses("不是我")
    assert account(house, "huxl").chief_id is None
    assert "请发送“注册 邀请码”" in chat.sends("帮助")
    assert patrols(house) == []


def test_another_member_cannot_take_the_offer(house: WecomHouse) -> None:
    knows(house, "胡晓兰", "huxl")
    chat, other = WecomChat(house, "huxl"), WecomChat(house, "other")
    chat.sends("你好")
    offer = next(one for one in chat.heard if one.buttons)
    key = offer.body["template_card"]["button_list"][0]["key"]
    assert "按钮已经失效" in other.receives(wecom.card_click("other", other.at, key, "c"))
    knows(house, "胡晓兰", "other")
    assert "没有与您的企业微信账号对应" in chat.presses("是我", offer)
    assert account(house, "huxl").chief_id is None


def test_a_chief_who_has_an_account_is_offered_to_nobody(house: WecomHouse) -> None:
    chat_of(house, "胡晓兰")
    knows(house, "胡晓兰", "impostor")
    assert "您是花名册上的" not in WecomChat(house, "impostor").sends("你好")


def test_user_ids_are_the_same_in_any_case(house: WecomHouse, chat: WecomChat) -> None:
    house.receives(wecom.text("胡晓兰".upper(), chat.at, "我的"))
    with transaction(house.engine) as session:
        session.execute(update(Account).where(Account.user_id == "胡晓兰").values(user_id="huxl", chat_id="huxl"))
    mine = WecomChat(house, "huxl")
    assert "今年计入 0 次" in mine.receives(wecom.text("HuXL", mine.at, "我的"))
    assert len(house.rows(select(Account).where(Account.user_id == "huxl"))) == 1


@pytest.mark.parametrize("how", ["delete_user", "unsubscribe"])
def test_a_leaver_loses_access_and_the_records_stay(house: WecomHouse, chat: WecomChat, how: str) -> None:
    knows(house, "胡晓兰", "胡晓兰")
    chat.sends_location(*OWN)
    chat.sends("提交")
    with transaction(house.engine) as session:
        session.add(Office(channel="wecom", user_id="胡晓兰", area_code=DISTRICT, added_at=house.now))
    left = wecom.changed(how, "胡晓兰", chat.at) if how == "delete_user" else wecom.event(how, "胡晓兰", chat.at)
    house.receives(left)
    gone = account(house, "胡晓兰")
    assert (gone.chief_id, gone.blocked_at) == (None, house.now)
    assert [office.removed_at for office in house.rows(select(Office))] == [house.now]
    assert "您还没有登记" in chat.sends_location(*OWN)
    assert "只能查看自己" in chat.sends("统计 今年")
    assert len(patrols(house)) == 1


def test_a_new_user_id_keeps_the_account(house: WecomHouse, chat: WecomChat) -> None:
    house.receives(wecom.changed("update_user", "胡晓兰", chat.at, NewUserID="HuXL"))
    renamed = WecomChat(house, "huxl")
    assert "今年计入 0 次" in renamed.sends("我的")


def test_a_change_of_post_follows_the_roster(house: WecomHouse, chat: WecomChat) -> None:
    from models.chief import Post
    from services import mark

    with transaction(house.engine) as session:
        chief = session.scalar(select(Chief.id).where(Chief.name == "胡晓兰"))
        session.execute(
            update(Post).where(Post.chief_id == chief).values(valid_to=house.now.date() - timedelta(days=1))
        )
        mark.new_edition(session, "roster")
    assert "今天没有查到您的责任网格" in chat.sends_location(*OWN)


@pytest.mark.parametrize("first", ["event", "message"])
def test_a_place_from_the_menu_and_its_message_are_one(house: WecomHouse, chat: WecomChat, first: str) -> None:
    house.now += timedelta(minutes=3)
    event = wecom.location_select("胡晓兰", chat.at, *GCJ)
    message = wecom.location("胡晓兰", chat.at + 1, *GCJ)
    one, two = (event, message) if first == "event" else (message, event)
    assert "已定位：德胜街道 · 安德路南社区网格" in chat.receives(one)
    assert chat.receives(two) == ""
    chat.sends("提交")
    places = house.rows(select(Part).where(Part.kind == "location", Part.patrol_id.is_not(None)))
    assert [(place.datum, place.raw_position) for place in places] == [("gcj02", ",".join(GCJ))]
    assert len(patrols(house)) == 1


def test_another_place_or_the_same_one_later_is_a_second_one(house: WecomHouse, chat: WecomChat) -> None:
    chat.receives(wecom.location_select("胡晓兰", chat.at, *GCJ))
    assert chat.receives(wecom.location("胡晓兰", chat.at + 1, GCJ[0], "39.9510")) != ""
    house.now += timedelta(minutes=3)
    assert chat.receives(wecom.location("胡晓兰", chat.at, *GCJ)) != ""


def test_a_menu_click_is_the_command(house: WecomHouse, chat: WecomChat) -> None:
    assert "今年计入 0 次" in chat.receives(wecom.click("胡晓兰", chat.at, "mine"))
    assert "登记巡林" in chat.receives(wecom.click("胡晓兰", chat.at, "help"))


@pytest.mark.parametrize("name", ["enter_agent", "view", "teleport"])
def test_what_nobody_asked_for_is_not_answered(house: WecomHouse, chat: WecomChat, name: str) -> None:
    assert chat.receives(wecom.event(name, "胡晓兰", chat.at, EventKey="x")) == ""
    assert {row.state for row in house.rows(select(Inbox))} == {"done"}


def test_a_number_chooses_of_the_latest_card(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    assert chat.last.body["msgtype"] == "template_card"
    assert "已登记" in chat.sends("1")
    assert "要撤回" in chat.sends("2")
    assert "没有撤回" in chat.sends("２")


def test_a_number_without_a_button_is_words(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    chat.sends("77")
    chat.sends("提交")
    assert [one.note for one in patrols(house)] == ["77"]


def test_zero_changes_to_numbers_and_back(house: WecomHouse, chat: WecomChat) -> None:
    assert "以后用数字选择" in chat.sends("0")
    assert "1 ✅ 一切正常，提交" in chat.sends_location(*OWN)
    assert "已登记" in chat.sends("1")
    assert "以后显示按钮" in chat.sends("0")
    chat.sends("我的")
    assert chat.last.body["msgtype"] == "template_card"


def test_wechat_with_its_plug_in_gets_numbers_at_once_and_wecom_gets_cards_again(
    house: WecomHouse, chat: WecomChat
) -> None:
    place = wecom.location("胡晓兰", chat.at, *GCJ)
    assert "1 ✅ 一切正常，提交" in chat.receives(wecom.in_wechat(place))
    assert "已登记" in chat.sends("1")
    house.now += timedelta(hours=1)
    chat.sends_location(*OWN)
    assert chat.last.body["msgtype"] == "template_card"


def test_what_the_person_said_goes_before_what_the_app_tells(house: WecomHouse, chat: WecomChat) -> None:
    place = wecom.in_wechat(wecom.location("胡晓兰", chat.at, *GCJ))
    chat.receives(place)
    assert "以后显示按钮" in chat.sends("0")
    chat.receives(wecom.in_wechat(wecom.location("胡晓兰", chat.at + 1, *GCJ)))
    chat.sends("我的")
    assert chat.last.body["msgtype"] == "template_card"


def test_whoever_may_see_no_cards_is_told_once_what_to_do(house: WecomHouse) -> None:
    chat = chat_of(house, "胡晓兰")
    chat.sends("巡林")
    card, hint = chat.heard
    assert (card.body["msgtype"], hint.text) == ("template_card", "看不到上面的按钮？回复 0，改为回复数字选择。")
    assert "看不到" not in chat.sends("树都好")
    other = chat_of(house, "万枕萱")
    other.sends_location(*OWN)
    assert not any("看不到" in one.text for one in other.heard)


def test_a_warning_about_the_app_reaches_the_office_once(house: WecomHouse) -> None:
    district, street = chat_of(house, f"office {DISTRICT}"), chat_of(house, "office 110102010")
    at, effect_at = district.at, district.at + 7 * 86_400
    for _ in range(3):
        house.receives(wecom.app_event("inactive_alert", at, effect_at))
    said = district.hears()
    assert said.count("2026-12-01 10:00 起将被停用") == 1
    assert street.hears() == ""
    with house.reading() as session:
        assert list(alarm.sounding(session)) == ["wecom.app"]
    # Nobody has said it: it opens no account.
    assert house.rows(select(Account).where(Account.user_id == "sys")) == []
    assert {row.state for row in house.rows(select(Inbox))} == {"done"}


@pytest.mark.parametrize("event", ["reopen_inactive_agent", "active_restored"])
def test_the_warning_ends_when_wecom_says_so(house: WecomHouse, event: str) -> None:
    district = chat_of(house, f"office {DISTRICT}")
    house.receives(wecom.app_event("close_inactive_agent", district.at))
    assert "已于 2026-11-24 10:00 停用" in district.hears()
    house.receives(wecom.app_event(event, district.at + 60))
    assert "已恢复正常" in district.hears()
    with house.reading() as session:
        assert alarm.sounding(session) == {}


def test_the_warning_ends_when_somebody_writes_after_its_day(house: WecomHouse, chat: WecomChat) -> None:
    house.receives(wecom.app_event("inactive_alert", chat.at, chat.at + 86_400))

    def sounding() -> list[str]:
        with transaction(house.engine) as session:
            platform.end_if_used(session)
            return list(alarm.sounding(session))

    chat.sends("我的")
    assert sounding() == ["wecom.app"]
    house.now += timedelta(days=2)
    assert sounding() == ["wecom.app"]
    chat.sends("我的")
    assert sounding() == []


def test_a_stale_card_explains_itself(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    card = chat.last
    chat.presses("提交", card)
    assert [one["button"]["replace_name"] for one in house.server.updates][-1] == "已选 ✅ 一切正常，提交"
    assert "已经提交或取消了" in chat.presses("取消", card)


def test_a_position_that_the_phone_tells_by_itself_is_forgotten(house: WecomHouse, chat: WecomChat) -> None:
    assert chat.receives(wecom.device("胡晓兰", chat.at, *GCJ)) == ""
    assert [row.raw for row in house.rows(select(Inbox).order_by(Inbox.id))][-1] == "{}"
    assert house.rows(select(Part).where(Part.source == "device")) == []


def test_refused_positions_are_erased_with_their_digits(house: WecomHouse) -> None:
    chat = chat_of(house, "胡晓兰")
    chat.sends_location(*OWN)
    assert house.rows(select(Part.raw_position)) == [",".join(GCJ)]
    chat.presses("不同意")
    assert {(part.lon, part.raw_position) for part in house.rows(select(Part))} == {(None, None)}


def test_a_recording_is_kept_with_the_patrol(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    voice = wecom.message("voice", "胡晓兰", chat.at, MediaId="voice-1", Format="amr")
    assert "随这次巡林一起存档" in chat.receives(voice)
    chat.sends("提交")
    assert "已保存。要登记巡林" in chat.receives(wecom.message("video", "胡晓兰", chat.at, MediaId="video-1"))
    kept = house.rows(select(Recording).order_by(Recording.id))
    assert [(one.kind, one.draft_id is not None) for one in kept] == [("voice", True), ("video", False)]
    assert [one.photos for one in patrols(house)] == [0]


@pytest.mark.parametrize(
    ("digits", "fits"),
    [(GCJ, "发的是 GCJ-02"), (tuple(map(str, OWN)), "发的是 WGS-84"), (("116.0", "39.0"), "都差得太远")],
)
def test_the_office_sees_which_datum_a_phone_sends(house: WecomHouse, digits: Any, fits: str) -> None:
    office = chat_of(house, f"office {DISTRICT}")
    assert "请写出所在点" in office.sends("校准")
    assert "请站在这个点上" in office.sends(f"校准 {OWN[0]}，{OWN[1]}")
    said = office.receives(wecom.location(office.user, office.at, *digits))
    assert fits in said
    assert ",".join(digits) in said
    assert "菜单位置" in office.receives(wecom.location_select(office.user, office.at, *digits))
    assert "自动上报" in office.receives(wecom.device(office.user, office.at, *digits))
    office.sends("好了")
    assert office.receives(wecom.device(office.user, office.at, *digits)) == ""
    assert patrols(house) == []


def test_only_the_office_calibrates(house: WecomHouse, chat: WecomChat) -> None:
    assert "只有林长办可以校准" in chat.sends("校准 116.39,39.91")


def test_an_office_is_added_in_any_case(house: WecomHouse) -> None:
    with transaction(house.engine) as session:
        office.add(session, "wecom", "ZhangSan", DISTRICT, house.now)
    assert "计入 0 次" in WecomChat(house, "zhangsan").sends("统计 今年")
    with transaction(house.engine) as session:
        assert office.remove(session, "wecom", "ZHANGSAN", house.now) == 1


def test_nothing_of_these_conversations_waits_or_is_parked(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    chat.sends("提交")
    assert {row.state for row in house.rows(select(Outbox))} <= {"sent", "dropped"}
    assert {row.state for row in house.rows(select(Inbox))} == {"done"}
