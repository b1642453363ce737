"""Orders in conversation (林长令对话), on every channel: shown, issued once, sent to each, receipted by one tap."""

from datetime import timedelta

import pytest
from chat_driver import DESHENG, DISTRICT, XICHANGAN, Chat, House
from sqlalchemy import select

from models.forest_order import ForestOrder, OrderReceipt

TITLE, TEXT = "关于加强冬季森林防火的令", "各级林长要上岗到位。"
CHIEFS = ("万守梓", "谢怀棠", "胡晓兰")


def chiefs(house: House) -> list[Chat]:
    """Three of the six chiefs, who have accounts."""
    found = [house.talk_as(who) for who in CHIEFS]
    for chat in found:
        chat.sends("帮助")
        chat.replies()
    return found


def issued(house: House, said: str = f"林长令 {TITLE}\n{TEXT}", who: str = f"office {DISTRICT}") -> Chat:
    office = house.talk_as(who)
    office.sends(said)
    office.presses("确认发布")
    return office


def words_after(chat: Chat, label: str) -> str:
    """All that can be read after a button, with the tables."""
    before = len(chat.heard)
    chat.presses(label)
    return "\n".join(one.words for one in chat.heard[before:])


def orders(house: House) -> list[ForestOrder]:
    return list(house.rows(select(ForestOrder).where(ForestOrder.issued_at.is_not(None)).order_by(ForestOrder.id)))


def test_an_order_is_shown_issued_and_receipted(anywhere: House) -> None:
    some = chiefs(anywhere)
    office = anywhere.talk_as(f"office {DISTRICT}")
    said = office.sends(f"林长令 {TITLE}\n{TEXT}\n签发：王总林长")
    assert "【预览】还没有发布" in said
    assert "共 6 人（其中 3 人还没有聊天账号）" in said
    assert some[0].hears() == ""
    said = office.presses("确认发布")
    assert f"已发布林长令2026年第1号：{TITLE}（2026-11-24）" in said
    assert "发给 6 人，已收到 0 人，联系不上 3 人" in said
    for chat in some:
        heard = chat.hears()
        assert "【林长令2026年第1号】" in heard
        for line in (TITLE, TEXT, "签发：王总林长"):
            assert line in heard
    assert "已记下：林长令2026年第1号已收到" in some[2].presses("已收到")
    assert "已记下" in some[2].presses("已收到")
    assert "已收到 1 人" in words_after(office, "签收情况")
    words = words_after(office, "未收名单")
    assert "还没有签收的 5 人" in words
    assert "胡晓兰" not in words
    assert "谢怀棠" in words
    received = anywhere.rows(select(OrderReceipt).where(OrderReceipt.received_at.is_not(None)))
    assert len(received) == 1


def test_an_order_goes_to_chosen_levels_and_areas(house: House) -> None:
    chiefs(house)
    office = house.talk_as(f"office {DISTRICT}")
    assert "西城区 区级、街道级、社区级林长，共 6 人" in office.sends(f"林长令 {TITLE}")
    assert "街道级、社区级林长，共 5 人" in office.presses("区级")
    assert "社区级林长，共 3 人" in office.presses("街道级")
    assert "请至少选一级" in office.presses("社区级")
    assert "德胜街道 社区级林长，共 3 人" in office.sends(f"林长令 德胜街道 社区级 {TITLE}")
    assert "西长安街街道 区级、街道级、社区级林长，共 1 人" in office.sends(f"林长令 西长安街街道 {TITLE}")


def test_numbers_run_by_office_and_year_and_are_never_used_twice(house: House) -> None:
    office = issued(house)
    issued(house, f"林长令 第5号 {TITLE}")
    assert "2026年第5号已经发布过了" in office.sends(f"林长令 第5号 {TITLE}")
    issued(house)
    issued(house, f"林长令 {TITLE}", f"office {DESHENG}")
    assert [(one.area_code, one.number) for one in orders(house)] == [
        (DISTRICT, 1), (DISTRICT, 5), (DISTRICT, 6), (DESHENG, 1),
    ]  # fmt: skip
    house.now = house.now.replace(year=2027)
    issued(house)
    assert [(one.year, one.number) for one in orders(house)][-1] == (2027, 1)


def test_one_button_pressed_twice_is_one_order(house: House) -> None:
    some = chiefs(house)
    office = issued(house)
    preview = next(one for one in office.heard if "【预览】" in one.text)
    assert "已经发布" in office.presses("确认发布", preview)
    assert len(orders(house)) == 1
    assert len([one for one in some[0].replies() if "林长令" in one.text]) == 1


def test_a_street_sees_only_its_own_receipts_and_names(house: House) -> None:
    issued(house)
    street = house.talk_as(f"office {DESHENG}")
    street.sends("林长令")
    street.presses(TITLE)
    assert "发给 4 人" in street.last.text
    street.presses("未收名单")
    assert "万守梓" not in street.last.words
    assert "武惜楸" not in street.last.words
    assert "谢怀棠" in street.last.words
    assert "撤回" not in "".join(street.last.buttons)


def test_an_order_of_a_street_is_not_another_streets(house: House) -> None:
    issued(house, f"林长令 {TITLE}", f"office {DESHENG}")
    other = house.talk_as(f"office {XICHANGAN}")
    assert "最近的林长令" not in other.sends("林长令")
    assert "最近的林长令" in house.talk_as(f"office {DISTRICT}").sends("林长令")


def test_nobody_else_issues_or_receives(house: House) -> None:
    some = chiefs(house)
    for who in ("胡晓兰", "stranger"):
        assert "林长令由林长办发布和查看" in house.talk_as(who).sends(f"林长令 {TITLE}")
    issued(house, f"林长令 西长安街街道 {TITLE}")
    assert all("【林长令" not in chat.hears() for chat in some)


def test_a_file_goes_along(house: House) -> None:
    some = chiefs(house)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends(f"林长令 {TITLE}")
    office.presses("加附件")
    assert "附件：林长令.pdf" in office.sends_file("林长令.pdf")
    office.presses("确认发布")
    assert [one.body["documents"][0]["name"] for one in some[0].replies() if one.body["documents"]] == ["林长令.pdf"]


def test_a_withdrawn_order_is_told_and_does_not_count(house: House) -> None:
    some = chiefs(house)
    office = issued(house)
    some[0].replies()
    assert "已撤回，不计入" in office.presses("撤回")
    assert "已由林长办撤回" in some[0].hears()
    assert "之前已经撤回" in office.presses("撤回")
    issued(house)
    assert [one.number for one in orders(house)] == [1, 2]


def test_after_24_hours_it_stays(house: House) -> None:
    office = issued(house)
    house.now += timedelta(hours=24)
    assert "已超过24小时" in office.presses("撤回")
    assert [one.withdrawn_at for one in orders(house)] == [None]


def test_a_draft_that_is_dropped_is_issued_to_nobody(house: House) -> None:
    """The control of the preview: until the button is pressed nothing has happened."""
    some = chiefs(house)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends(f"林长令 {TITLE}")
    assert "没有发布" in office.presses("取消")
    assert (orders(house), some[0].hears()) == ([], "")


@pytest.mark.parametrize(
    ("text", "answer"), [("林长令 第3号", "请写明标题"), (f"林长令 {'令' * 201}", "标题最多 200 字")]
)
def test_what_is_no_order_is_refused(house: House, text: str, answer: str) -> None:
    assert answer in house.talk_as(f"office {DISTRICT}").sends(text)
