"""Conversations on Telegram (电报对话): albums, live locations, edits, forwards, cards, groups, blocked people."""

import json
import time
from typing import Any

from chat_driver import OWN, OWN_58_M_ON
from sqlalchemy import select
from telegram_house import PHOTO, Person, TelegramHouse

from models.account import Account
from models.chief import Chief
from models.draft import Part, TrackPoint
from models.inbox import Inbox
from models.outbox import Outbox
from models.patrol import Patrol

ORIGIN = {"type": "user", "date": 1, "sender_user": {"id": 1, "is_bot": False, "first_name": "万"}}


def album(house: TelegramHouse, photos: int) -> list[dict[str, Any]]:
    return [{"photo": house.thread.call(lambda: house.standin.photo(PHOTO)), "media_group_id": "55"}] * photos


def settled(house: TelegramHouse) -> bool:
    """Whether nothing waits: neither to be worked on nor to be said."""
    waiting = [*house.house.rows(select(Inbox.id).where(Inbox.state == "waiting"))]
    return not waiting and not house.house.rows(select(Outbox.id).where(Outbox.state == "waiting"))


def test_an_album_is_its_photos_and_is_asked_about_once(living: TelegramHouse, hu: Person) -> None:
    for photo in album(living, 4):
        hu.says(**photo)
    hu.hears("已收到照片 4 张")
    living.waits_for(lambda: settled(living))
    assert sum("已收到照片" in str(call.given.get("text")) for call in hu.heard()) == 1


def test_a_photo_of_the_album_that_comes_after_the_receipt_joins_its_patrol(living: TelegramHouse, hu: Person) -> None:
    first, second = album(living, 2)
    hu.sends_location(*OWN).hears("已定位")
    hu.says(**first).hears("已收到照片 1 张")
    hu.presses("提交").hears("已登记")
    hu.says(**second).hears("照片已补到")
    (patrol,) = living.house.rows(select(Patrol))
    assert patrol.photos == 2


def test_a_live_location_is_one_position_and_its_ticks_are_a_track(living: TelegramHouse, hu: Person) -> None:
    place = {"longitude": OWN[0], "latitude": OWN[1], "live_period": 900}
    start = living.thread.call(lambda: living.standin.says(7001, location=place))["message"]
    hu.hears("已定位")
    for seconds, at in ((5, OWN), (40, OWN), (60, OWN_58_M_ON)):
        there = {"longitude": at[0], "latitude": at[1]}
        moved = {**start, "location": there, "edit_date": start["date"] + seconds}
        living.thread.call(lambda moved=moved: living.standin.update(edited_message=moved))
    living.waits_for(lambda: len(living.house.rows(select(TrackPoint))) == 2)
    hu.presses("提交").hears("已登记")
    assert len(living.house.rows(select(Patrol))) == 1
    assert sum("已定位" in str(call.given.get("text")) for call in hu.heard()) == 1


def test_changed_words_change_the_note_of_an_open_draft_and_no_recorded_one(living: TelegramHouse, hu: Person) -> None:
    hu.sends("/patrol").hears("发送位置")
    written = living.thread.call(lambda: living.standin.says(7001, text="倒了一颗树"))["message"]
    hu.hears("")
    living.waits_for(lambda: living.house.rows(select(Part).where(Part.text == "倒了一颗树")))
    mended = {**written, "text": "倒了一棵树", "edit_date": written["date"] + 3}
    living.thread.call(lambda: living.standin.update(edited_message=mended))
    living.waits_for(lambda: living.house.rows(select(Part).where(Part.text == "倒了一棵树")))
    hu.sends("/done").hears("已登记")
    again = {**written, "text": "没事", "edit_date": written["date"] + 9}
    living.thread.call(lambda: living.standin.update(edited_message=again))
    hu.hears("不随消息修改")
    (patrol,) = living.house.rows(select(Patrol))
    assert patrol.note == "倒了一棵树"


def test_what_was_forwarded_is_kept_and_does_not_count(living: TelegramHouse, hu: Person) -> None:
    hu.sends_photo(PHOTO, forward_origin=ORIGIN).hears("转发的照片不算现场照片")
    hu.says(location={"longitude": OWN[0], "latitude": OWN[1]}, forward_origin=ORIGIN).hears("转发的位置")
    hu.presses("提交").hears("已登记")
    (patrol,) = living.house.rows(select(Patrol))
    assert (patrol.photos, patrol.forwarded) == (0, True)
    assert len(living.house.rows(select(Part).where(Part.kind == "photo"))) == 1


def test_the_own_number_enrols_and_a_foreign_card_does_not(living: TelegramHouse) -> None:
    wan = living.chat(7002)
    wan.sends("/start").hears("发送手机号")
    phone = _phone(living, "万枕萱")
    wan.says(contact={"phone_number": phone, "first_name": "万", "user_id": 9}).hears("不是您自己的名片")
    wan.says(contact={"phone_number": f"+86{phone}", "first_name": "万", "user_id": 7002}).hears("万枕萱，注册成功")
    other = living.chat(7003)
    other.says(contact={"phone_number": phone, "first_name": "万", "user_id": 7003}).hears("已有注册账号")
    other.says(contact={"phone_number": "13900000000", "first_name": "x", "user_id": 7003}).hears("花名册里没有")


def test_after_five_wrong_codes_nothing_is_answered_and_the_office_is_told(living: TelegramHouse) -> None:
    living.house.talk_as("office 110102")
    guesser = living.chat(7009)
    for n in range(5):
        guesser.sends(f"/start wrong-{n}").hears("错误次数太多" if n == 4 else "邀请码不对")
    guesser.sends(f"/start {living.house.invite('胡晓兰')}")
    guesser.sends("/help").hears("巡林登记")
    assert sum("邀请码" in str(call.given.get("text")) for call in guesser.heard()) <= 7
    assert not living.house.rows(select(Account).where(Account.user_id == "7009", Account.chief_id.is_not(None)))
    told = living.house.rows(select(Outbox).where(Outbox.channel == "local"))
    assert ["7009" in row.body["text"] for row in told] == [True]


def test_a_group_is_answered_when_the_bot_is_named_and_gives_no_patrol(living: TelegramHouse, hu: Person) -> None:
    group = {"id": -100200, "type": "supergroup", "title": "林长办"}

    def says(**what: Any) -> None:
        message = living.standin.message(7001, chat=group, **what)
        living.thread.call(lambda: living.standin.update(message=message))

    says(text="今天正常")
    says(location={"longitude": OWN[0], "latitude": OWN[1]})
    says(text="/count")
    says(text="/help@xunlin_test_bot")
    heard = living.waits_for(lambda: [c for c in living.calls("sendMessage") if c.given["chat_id"] == "-100200"])
    says(text="/patrol@xunlin_test_bot")
    living.waits_for(lambda: "单独聊天" in str([c.given for c in living.calls("sendMessage")]))
    living.waits_for(lambda: settled(living))
    assert len(heard) == 1
    assert not living.house.rows(select(Patrol))
    assert not living.house.rows(select(Part).where(Part.kind == "location"))
    assert all("reply_markup" not in call.given for call in heard)


def test_nothing_is_sent_to_whoever_blocked_us_until_they_speak_again(living: TelegramHouse, hu: Person) -> None:
    living.thread.call(lambda: living.standin.blocked.add(7001))
    hu.sends("/help")
    living.waits_for(lambda: living.house.rows(select(Account).where(Account.blocked_at.is_not(None))))
    assert living.house.rows(select(Outbox).where(Outbox.state == "failed"))
    living.thread.call(lambda: living.standin.blocked.discard(7001))
    hu.sends("/mine").hears("今年")
    assert not living.house.rows(select(Account).where(Account.user_id == "7001", Account.blocked_at.is_not(None)))


def test_a_blocked_notice_is_known_at_once_and_answered_by_nothing(living: TelegramHouse, hu: Person) -> None:
    us, private = {"id": 4242, "is_bot": True, "first_name": "b"}, {"id": 7001, "type": "private"}
    change = {
        "chat": private, "from": {"id": 7001, "is_bot": False, "first_name": "胡"}, "date": int(time.time()),
        "old_chat_member": {"status": "member", "user": us},
        "new_chat_member": {"status": "kicked", "until_date": 0, "user": us},
    }  # fmt: skip
    before = len(hu.heard())
    living.thread.call(lambda: living.standin.update(my_chat_member=change))
    living.waits_for(lambda: living.house.rows(select(Account).where(Account.blocked_at.is_not(None))))
    assert len(hu.heard()) == before


def test_a_press_is_answered_at_once_and_an_old_button_explains_itself(living: TelegramHouse, hu: Person) -> None:
    hu.sends_location(*OWN).hears("已定位")
    hu.presses("提交").hears("已登记")
    hu.presses("一切正常").hears("已经提交或取消")
    message = {"message_id": 1, "date": 1, "chat": {"id": 7001, "type": "private"}}
    living.thread.call(lambda: living.standin.presses(7001, message, "zz.1.1"))
    hu.hears("按钮已经失效")
    assert len(living.calls("answerCallbackQuery")) >= 3
    assert len(living.house.rows(select(Patrol))) == 1


def test_the_button_of_another_chat_does_nothing(living: TelegramHouse, hu: Person) -> None:
    hu.sends_location(*OWN).hears("已定位")
    markup = json.loads(hu.heard()[-1].given["reply_markup"])
    data = markup["inline_keyboard"][0][0]["callback_data"]
    assert len(data) <= 64
    message = {"message_id": 1, "date": 1, "chat": {"id": 7050, "type": "private"}}
    living.thread.call(lambda: living.standin.presses(7050, message, data))
    living.chat(7050).hears("按钮已经失效")
    assert not living.house.rows(select(Patrol))


def _phone(living: TelegramHouse, name: str) -> str:
    (chief,) = living.house.rows(select(Chief).where(Chief.name == name))
    return str(chief.phone)
