"""What can be changed after the receipt (事后): withdrawing, and photos that come late."""

from datetime import timedelta

import pytest
from chat_driver import OWN, Chat, Heard, House
from sqlalchemy import select

from models.draft import Draft
from models.patrol import Patrol, PatrolEvent
from services.count import differences


def patrol_made(chat: Chat) -> Heard:
    """The receipt of a patrol without a photo."""
    chat.sends_location(*OWN)
    chat.presses("提交")
    return chat.last


def verdicts(house: House) -> list[str]:
    """How the patrols are counted, in their order."""
    return [one.reason or one.verdict for one in house.rows(select(Patrol).order_by(Patrol.id))]


def open_drafts(house: House) -> int:
    """How many drafts are open."""
    return len(house.rows(select(Draft).where(Draft.state == "open")))


def test_withdrawing_asks_once_and_then_does_it(chat: Chat) -> None:
    patrol_made(chat)
    assert "要撤回 XL-2026-000001（2026-11-24 10:00）吗" in chat.sends("撤回")
    assert verdicts(chat.house) == ["counted"]
    assert "已撤回 XL-2026-000001" in chat.presses("确认撤回")
    assert "之前已经撤回" in chat.presses("确认撤回")
    assert verdicts(chat.house) == ["withdrawn"]
    assert "没有可以撤回" in chat.sends("撤回")


def test_who_thinks_better_of_it_keeps_the_patrol(chat: Chat) -> None:
    receipt = patrol_made(chat)
    chat.presses("撤回", receipt)
    assert "没有撤回" in chat.presses("不撤回")
    assert verdicts(chat.house) == ["counted"]


def test_a_patrol_can_be_withdrawn_for_24_hours_and_not_after(chat: Chat) -> None:
    patrol_made(chat)
    chat.house.now += timedelta(hours=23, minutes=59)
    chat.sends("撤回")
    chat.house.now += timedelta(minutes=1)
    assert "提交已超过24小时，请联系林长办" in chat.presses("确认撤回")
    assert "24小时内没有可以撤回的巡林" in chat.sends("撤回")
    assert verdicts(chat.house) == ["counted"]


def test_what_came_after_a_withdrawn_patrol_is_judged_again(chat: Chat) -> None:
    receipt = patrol_made(chat)
    chat.house.now += timedelta(minutes=2)
    patrol_made(chat)
    assert verdicts(chat.house) == ["counted", "within_5_min"]
    chat.sends("撤回")
    chat.presses("确认撤回")
    assert verdicts(chat.house) == ["counted", "withdrawn"]
    chat.presses("撤回", receipt)
    chat.presses("确认撤回")
    assert verdicts(chat.house) == ["withdrawn", "withdrawn"]


def test_the_second_counts_when_the_first_is_withdrawn(chat: Chat) -> None:
    patrol_made(chat)
    chat.sends("撤回")
    chat.house.now += timedelta(minutes=2)
    patrol_made(chat)
    chat.presses("确认撤回")
    assert verdicts(chat.house) == ["withdrawn", "counted"]
    assert "今年计入 1 次，本月 1 次" in chat.sends("我的")


def test_a_photo_that_answers_the_receipt_joins_its_patrol(chat: Chat) -> None:
    first = patrol_made(chat)
    chat.house.now += timedelta(hours=2)
    patrol_made(chat)
    assert "照片已补到 XL-2026-000001，共 2 张，已计入" in chat.sends_photos(2, reply_to=first)
    assert chat.house.rows(select(Patrol.photos).order_by(Patrol.id)) == [2, 0]
    assert "photo_added" in chat.house.rows(select(PatrolEvent.what))
    assert open_drafts(chat.house) == 0


def test_after_its_button_the_photos_join_until_ten_minutes_passed_without_one(chat: Chat) -> None:
    patrol_made(chat)
    assert "请发照片，会补到 XL-2026-000001" in chat.presses("补照片")
    assert "共 1 张" in chat.sends_photos(1)
    chat.house.now += timedelta(minutes=9, seconds=59)
    assert "共 2 张" in chat.sends_photos(1)
    assert open_drafts(chat.house) == 0
    chat.house.now += timedelta(minutes=10)
    assert "已收到照片 1 张" in chat.sends_photos(1)
    assert open_drafts(chat.house) == 1


@pytest.mark.parametrize("between", ["帮助", "树都好"])
def test_whatever_else_is_said_ends_the_waiting_for_late_photos(chat: Chat, between: str) -> None:
    patrol_made(chat)
    chat.presses("补照片")
    chat.sends(between)
    assert "已收到照片 1 张" in chat.sends_photos(1)


def test_the_word_cancel_ends_the_waiting_for_late_photos(chat: Chat) -> None:
    patrol_made(chat)
    chat.presses("补照片")
    assert "好的，不补照片了" in chat.sends("取消")
    assert "已收到照片 1 张" in chat.sends_photos(1)


def test_to_a_withdrawn_patrol_nothing_can_be_added(chat: Chat) -> None:
    receipt = patrol_made(chat)
    chat.sends("撤回")
    question = chat.last
    chat.presses("确认撤回")
    assert "XL-2026-000001 已经撤回" in chat.presses("补照片", receipt)
    assert "XL-2026-000001 已经撤回" in chat.sends("补一句", reply_to=receipt)
    assert "XL-2026-000001 已经撤回" in chat.presses("不撤回", question)
    assert "之前已经撤回" in chat.presses("撤回", receipt)


def test_the_words_under_a_late_photo_join_the_note(chat: Chat) -> None:
    receipt = patrol_made(chat)
    said = chat.sends_photos(1, reply_to=receipt, text="北门的古树")
    assert "照片已补到 XL-2026-000001，共 1 张" in said
    assert chat.house.rows(select(Patrol.note)) == ["北门的古树"]


def test_words_that_answer_the_receipt_join_its_note_for_24_hours(chat: Chat) -> None:
    receipt = patrol_made(chat)
    assert "文字已补到 XL-2026-000001" in chat.sends("浇了水", reply_to=receipt)
    chat.house.now += timedelta(hours=23)
    chat.sends("还修了栏杆", reply_to=receipt)
    chat.house.now += timedelta(hours=1)
    assert "提交已超过24小时" in chat.sends("再补一句", reply_to=receipt)
    assert chat.house.rows(select(Patrol.note)) == ["浇了水\n还修了栏杆"]
    assert chat.house.rows(select(PatrolEvent.what)) == ["note_added", "note_added"]
    assert verdicts(chat.house) == ["counted"]


def test_the_button_of_an_older_receipt_withdraws_its_own_patrol(chat: Chat) -> None:
    first = patrol_made(chat)
    chat.house.now += timedelta(hours=1)
    patrol_made(chat)
    assert "要撤回 XL-2026-000001" in chat.presses("撤回", first)
    chat.presses("确认撤回")
    assert verdicts(chat.house) == ["withdrawn", "counted"]


def test_after_24_hours_a_photo_that_answers_the_receipt_opens_a_new_draft(chat: Chat) -> None:
    receipt = patrol_made(chat)
    chat.presses("补照片")
    chat.house.now += timedelta(hours=24)
    assert "已收到照片 1 张" in chat.sends_photos(1)
    chat.presses("取消")
    assert "已收到照片 1 张" in chat.sends_photos(1, reply_to=receipt)
    assert chat.house.rows(select(Patrol.photos)) == [0]
    assert "提交已超过24小时" in chat.presses("补照片", receipt)


def test_nobody_adds_to_somebody_elses_patrol(house: House, chat: Chat) -> None:
    receipt = patrol_made(chat)
    other = house.talk_as("万枕萱")
    other.sends_photos(1, reply_to=receipt)
    assert "按钮已经失效" in other.presses("补照片", receipt)
    assert house.rows(select(Patrol.photos)) == [0]


def test_the_kept_counts_agree_with_the_patrols_after_all_that(chat: Chat) -> None:
    first = patrol_made(chat)
    chat.sends_photos(1, reply_to=first)
    chat.house.now += timedelta(minutes=2)
    patrol_made(chat)
    chat.sends("撤回")
    chat.presses("确认撤回")
    with chat.house.reading() as session:
        assert list(differences(session)) == []
