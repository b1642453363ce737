"""What anybody may ask (个人对话): enrolment, own counts, own data, complaints, language."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OWN, XICHANGAN, Chat, House
from sqlalchemy import select

from models.account import Feedback
from models.meeting import Meeting


def own_data(chat: Chat) -> str:
    """The file that 我的数据 gives."""
    chat.sends("我的数据")
    document = chat.last.body["documents"][0]
    name = Path(document["url"]).name
    return (chat.house.settings.data_dir / "files" / name[:2] / name).read_text("utf-8")


WITH_POSITION = (Path(__file__).parent.parent / "data/photos/special/exif_gps.jpg").read_bytes()


def test_a_code_enrols_its_chief_once(house: House) -> None:
    code = house.invite("胡晓兰")
    guest = house.talk_as("stranger")
    assert "请发送“注册 邀请码”" in guest.sends_location(*OWN)
    assert "胡晓兰，注册成功" in guest.sends(f"注册 {code}")
    assert "您已经注册过了" in guest.sends(f"注册 {code}")
    assert "邀请码不对或已用过" in house.talk_as("another").sends(f"注册 {code}")
    assert "是否同意" in guest.sends_location(*OWN)


def test_a_code_may_follow_a_wide_space(house: House) -> None:
    code = house.invite("胡晓兰")
    assert "注册成功" in house.talk_as("stranger").sends(f"注册　{code}")


def test_a_new_code_ends_the_one_before(house: House) -> None:
    old, new = house.invite("胡晓兰"), house.invite("胡晓兰")
    guest = house.talk_as("stranger")
    assert "邀请码不对" in guest.sends(f"注册 {old}")
    assert "注册成功" in guest.sends(f"注册 {new}")


def test_a_chief_is_enrolled_in_one_chat_only_and_the_code_survives(house: House) -> None:
    first = house.talk_as("stranger")
    first.sends(f"注册 {house.invite('胡晓兰')}")
    code = house.invite("胡晓兰")
    second = house.talk_as("another")
    assert "已有注册账号" in second.sends(f"注册 {code}")
    assert "已有注册账号" in second.sends(f"注册 {code}")


def test_after_five_wrong_codes_even_the_right_one_waits_for_an_hour(house: House) -> None:
    code, guest, office = house.invite("胡晓兰"), house.talk_as("stranger"), house.talk_as("office 110102")
    for n in range(4):
        assert "邀请码不对" in guest.sends(f"注册 wrong-{n}")
    assert "一小时后再试" in guest.sends("注册 wrong-4")
    assert "stranger" in office.hears()
    assert guest.sends(f"注册 {code}") == ""
    house.now += timedelta(minutes=59, seconds=59)
    assert guest.sends(f"注册 {code}") == ""
    assert office.hears() == ""
    house.now += timedelta(seconds=1)
    assert "注册成功" in guest.sends(f"注册 {code}")


def test_help_answers_by_role(house: House) -> None:
    assert "登记巡林" in house.talk_as("胡晓兰").sends("帮助")
    assert "年度总结" in house.talk_as("office 110102").sends("帮助")
    guest = house.talk_as("stranger")
    assert "注册 邀请码" in guest.sends("帮助")
    assert [button["label"] for row in guest.last.body["menu"] for button in row] == ["帮助"]


def test_a_complaint_is_kept_at_once_or_in_the_next_message(house: House, chat: Chat) -> None:
    assert "请写下您的意见" in chat.sends("意见")
    assert "意见已保存" in chat.sends("按钮太小")
    assert "意见已保存" in house.talk_as("stranger").sends("意见 我也想巡林")
    assert house.rows(select(Feedback.text).order_by(Feedback.id)) == ["按钮太小", "我也想巡林"]
    assert "要把这段话记为一次巡林吗" in chat.sends("按钮太小")


def test_the_word_cancel_ends_a_question_of_ours(house: House, chat: Chat) -> None:
    chat.sends("意见")
    assert chat.sends("取消") == "好的，不提意见了。"
    assert "要把这段话记为一次巡林吗" in chat.sends("按钮太小")
    district = house.talk_as("office 110102")
    district.sends("调度会")
    assert district.sends("取消") == "好的，没有登记调度会。"
    district.sends("防火")
    assert house.rows(select(Meeting)) == []


@pytest.mark.parametrize("other", ["撤回", "提交"])
def test_a_command_that_is_refused_ends_a_question_of_ours_too(chat: Chat, other: str) -> None:
    chat.sends("意见")
    chat.sends(other)
    chat.sends("按钮太小")
    assert chat.house.rows(select(Feedback)) == []


def test_a_button_ends_a_question_of_ours(chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.sends("意见")
    chat.presses("提交")
    chat.sends("按钮太小")
    assert chat.house.rows(select(Feedback)) == []


def test_a_complaint_reaches_the_offices_of_the_area_and_no_other(house: House, chat: Chat) -> None:
    district, street, other = (house.talk_as(f"office {code}") for code in (DISTRICT, DESHENG, XICHANGAN))
    assert "已转给林长办" in chat.sends("意见 按钮太小")
    for office in (district, street):
        assert office.hears() == "收到意见（胡晓兰）：\n按钮太小"
        assert "胡晓兰：按钮太小" in office.sends("意见")
    assert other.hears() == ""
    assert "还没有收到意见" in other.sends("意见")


def test_a_strangers_complaint_reaches_the_district_and_an_offices_own_goes_up(house: House) -> None:
    district, street = (house.talk_as(f"office {code}") for code in (DISTRICT, DESHENG))
    house.talk_as("stranger").sends("意见 邀请码收不到")
    assert "收到意见（未登记的用户）：\n邀请码收不到" in district.hears()
    assert street.hears() == ""
    street.sends("意见 网格名称有误")
    assert "网格名称有误" in district.hears()
    assert "网格名称有误" in street.sends("意见")


def test_where_no_office_is_there_a_complaint_is_kept_and_no_more_is_said(house: House, chat: Chat) -> None:
    assert "意见已保存，林长办可以查看" in chat.sends("意见 按钮太小")


def test_an_office_is_not_told_of_invite_codes(house: House) -> None:
    office = house.talk_as(f"office {DISTRICT}")
    for word in ("我的", "巡林", "撤回"):
        assert "林长办账号不登记巡林" in office.sends(word)


def test_help_names_what_works_for_whom(house: House) -> None:
    texts = {
        who: house.talk_as(who).sends("帮助") for who in ("胡晓兰", "万守梓", f"office {DISTRICT}", f"office {DESHENG}")
    }
    assert ["调度会" in text for text in texts.values()] == [False, True, True, False]
    assert all("统计" in text for text in texts.values())
    assert "补照片" in texts["胡晓兰"]


def test_the_answer_about_the_location_can_be_changed_later(house: House, chat: Chat) -> None:
    assert "您已同意" in chat.sends("我的数据")
    assert chat.last.buttons == ("不同意",)
    assert "不使用您的位置" in chat.presses("不同意")
    assert "您没有同意" in chat.sends("我的数据")
    chat.presses("同意")
    assert "已定位" in chat.sends_location(*OWN)


def test_own_data_hold_drafts_photos_meetings_and_the_chat(house: House) -> None:
    chief = house.talk_as("万守梓")
    chief.sends("巡林")
    chief.presses("同意")
    chief.sends_photos(of=WITH_POSITION)
    house.opens_photos()
    chief.sends("调度会 防火调度会")
    chief.presses("登记")
    data = json.loads(own_data(chief))
    assert [(one["state"], one["exif_lon"] is not None) for one in data["photos"]] == [("checked", True)]
    assert [one["state"] for one in data["drafts"]] == ["open"]
    assert {one["kind"] for one in data["parts"]} == {"opened", "photo"}
    assert [one["title"] for one in data["meetings"]] == ["防火调度会"]
    assert {"from": "me", "text": "巡林"}.items() <= data["chat"][0].items()
    assert any("已登记调度会" in one["text"] for one in data["chat"])


def test_the_page_names_the_language_at_once(chat: Chat) -> None:
    assert chat.sends("/language en") == "English it is."
    assert [button["label"] for row in chat.last.body["menu"] for button in row][-1] == "Help"
    assert chat.last.body["language"] == "en"
    assert "This week: 0 done" in chat.sends("Mine")


def test_own_counts_and_duties(chat: Chat) -> None:
    assert "今年计入 0 次，本月 0 次。\n本周已巡 0 次（要求 1 次）" in chat.sends("我的")
    chat.sends_location(*OWN)
    chat.presses("提交")
    chat.house.now += timedelta(hours=1)
    chat.sends_location(*NEIGHBOURS)
    chat.presses("提交")
    assert "今年计入 1 次，本月 1 次。\n本周已巡 1 次（要求 1 次）" in chat.sends("我的")
    chat.house.now += timedelta(days=7)
    assert "今年计入 1 次，本月 0 次。\n本周已巡 0 次（要求 1 次）" in chat.sends("我的")


def test_own_data_are_all_of_the_own_and_nothing_of_others(house: House, chat: Chat) -> None:
    other = house.talk_as("万枕萱")
    for one, note in ((chat, "我的树"), (other, "别人的树")):
        one.sends_location(*OWN)
        if one is other:
            one.presses("同意")
        one.sends(note)
        one.presses("提交")
        one.sends(f"意见 {note}的意见")
    text = own_data(chat)
    data = json.loads(text)
    assert [one["note"] for one in data["patrols"]] == ["我的树"]
    assert [one["text"] for one in data["feedback"]] == ["我的树的意见"]
    assert [one["agreed"] for one in data["consents"]] == [True]
    assert [one["name"] for one in data["chief"]] == ["胡晓兰"]
    assert data["account"]["user_id"] == "胡晓兰"
    assert data["posts"]
    assert {one["kind"] for one in data["parts"]} == {"location", "text"}
    assert "别人的树" not in text
    assert "万枕萱" not in text


def test_a_strangers_own_data_hold_no_ones_patrols(house: House, chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.presses("提交")
    data = json.loads(own_data(house.talk_as("stranger")))
    assert (data["patrols"], data["chief"], data["parts"]) == ([], [], [])


def test_the_language_can_be_changed_and_changed_back(chat: Chat) -> None:
    chat.sends("语言")
    chat.presses("English")
    said = chat.sends("我的")
    assert "今年" not in said
    chat.sends("/language")
    assert "已改为中文" in chat.presses("中文")
    assert "今年计入" in chat.sends("我的")
