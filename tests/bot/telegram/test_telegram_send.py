"""Saying things on Telegram (电报发送): escapes, cuts, tables, files, limits, refusals, and what is never logged."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chat_driver import OWN, small_house
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from telegram_house import PHOTO, Person, TelegramHouse, telegram_house
from telegram_standin import TOKEN

from bot.telegram.words import LONGEST, cut, parts_of
from models.engine import transaction
from models.message import Priority, Reply, Table
from models.outbox import Outbox
from models.photo import Photo
from services import office as offices
from services import outbox
from services.outbox import Said


def say(living: TelegramHouse, *replies: Reply, chat: str = "7001", priority: Priority = Priority.ANSWER) -> None:
    now = datetime.now(UTC)
    with transaction(living.house.engine) as session:
        outbox.put(session, [Said("telegram", chat, reply, now, priority) for reply in replies])


@given(st.text(alphabet=st.sampled_from("甲a\n 😀"), max_size=400), st.integers(4, 60))
def test_a_cut_text_loses_no_sign_and_no_part_is_too_long(text: str, longest: int) -> None:
    parts = list(cut(text, longest))
    assert "".join(parts).replace("\n", "").strip() == text.replace("\n", "").strip() or not text.strip()
    assert all(len(part.encode("utf-16-le")) // 2 <= longest for part in parts)


def test_a_long_text_is_cut_at_line_ends() -> None:
    text = "\n".join(f"第{n}行 " + "甲" * 70 for n in range(100))
    parts = parts_of(text, None)
    assert len(parts) > 1
    assert "\n".join(parts) == text
    assert all(len(part) <= LONGEST for part in parts)


def test_marks_in_what_people_wrote_are_escaped(living: TelegramHouse) -> None:
    say(living, Reply("<b>倒了</b> & 'x'", table=None))
    call = living.waits_for(lambda: living.calls("sendMessage"))[0]
    assert call.given["text"] == "&lt;b&gt;倒了&lt;/b&gt; &amp; 'x'"
    assert call.given["parse_mode"] == "HTML"


def test_a_table_stands_in_even_columns() -> None:
    table = Table("t", ("街道", "次数"), (("德胜街道", "1,267"), ("<广内>", "9")))
    (part,) = parts_of("今年", {"columns": table.columns, "rows": table.rows})
    assert part == "今年\n<pre>街道       次数\n德胜街道  1,267\n&lt;广内&gt;        9</pre>"


def test_a_long_table_goes_in_pages_with_its_head() -> None:
    rows = tuple((f"第{n}社区<网格>", f"{n:,}") for n in range(263))
    parts = parts_of("", {"columns": ("网格", "次数"), "rows": rows})
    assert len(parts) == 2
    assert all(part.startswith("<pre>网格") and len(part) <= LONGEST for part in parts)
    assert sum(part.count("社区&lt;网格&gt;") for part in parts) == 263


def test_a_chats_messages_go_in_their_order_and_answers_before_reminders(living: TelegramHouse) -> None:
    say(living, Reply("提醒"), priority=Priority.REMINDER)
    say(living, *(Reply(f"第{n}句") for n in range(5)))
    said = living.waits_for(lambda: len(living.calls("sendMessage")) == 6 and living.calls("sendMessage"))
    texts = [call.given["text"] for call in said]
    assert [text for text in texts if text != "提醒"] == [f"第{n}句" for n in range(5)]


def test_receipts_go_before_the_prompts_of_others(tmp_path: Path) -> None:
    # At five a second one message goes a round: the order on the wire is the order in which they were taken.
    with small_house("sqlite", tmp_path) as small, telegram_house(small, telegram_rate=5) as living:
        living.ends()
        for n in range(3):
            say(living, Reply(f"请发照片 {n}"), chat=str(7010 + n))
        say(living, Reply("✅ 已登记 XL-2026-000001"), chat="7020", priority=Priority.RECEIPT)
        living.begins()
        said = living.waits_for(lambda: len(living.calls("sendMessage")) == 4 and living.calls("sendMessage"))
        assert "已登记" in said[0].given["text"]


def test_a_wait_that_telegram_asks_for_holds_the_whole_token(living: TelegramHouse, hu: Person) -> None:
    fault = ("sendMessage", 429, {"retry_after": 1})
    living.thread.call(lambda: living.standin.faults.append(fault))
    before = len(living.calls("sendMessage"))
    say(living, Reply("先"))
    living.waits_for(lambda: len(living.calls("sendMessage")) == before + 1)
    refused_at = living.calls("sendMessage")[-1].at
    say(living, Reply("另一人"), chat="7002")
    living.waits_for(lambda: len(living.calls("sendMessage")) == before + 3)
    assert all(call.at - refused_at >= 0.9 for call in living.calls("sendMessage")[before + 1 :])
    states = {row.state for row in living.house.rows(select(Outbox).where(Outbox.body.is_not(None)))}
    living.waits_for(lambda: not living.house.rows(select(Outbox).where(Outbox.state == "waiting")))
    assert "failed" not in states


@pytest.mark.parametrize("status", [500, 502, 0, -1])
def test_a_fault_that_passes_is_tried_again_with_the_same_words(living: TelegramHouse, status: int) -> None:
    living.thread.call(lambda: living.standin.faults.append(("sendMessage", status, {})))
    say(living, Reply("✅ 已登记 XL-2026-000001"))
    said = living.waits_for(lambda: len(living.calls("sendMessage")) == 2 and living.calls("sendMessage"))
    assert [call.given["text"] for call in said] == ["✅ 已登记 XL-2026-000001"] * 2
    living.waits_for(lambda: living.house.rows(select(Outbox).where(Outbox.state == "sent")))


def test_what_telegram_refuses_for_good_is_in_a_named_state_and_the_chat_goes_on(living: TelegramHouse) -> None:
    living.thread.call(lambda: living.standin.faults.append(("sendMessage", 400, {"description": "Bad Request: odd"})))
    say(living, Reply("坏"), Reply("好"))
    living.waits_for(lambda: len(living.calls("sendMessage")) == 2)
    living.waits_for(lambda: not living.house.rows(select(Outbox).where(Outbox.state == "waiting")))
    rows = living.house.rows(select(Outbox).order_by(Outbox.id))
    assert [(row.state, row.error) for row in rows] == [("failed", "refused: Odd"), ("sent", None)]


def test_a_chat_that_moved_is_followed(living: TelegramHouse) -> None:
    fault = ("sendMessage", 400, {"description": "x", "migrate_to_chat_id": -1009})
    living.thread.call(lambda: living.standin.faults.append(fault))
    say(living, Reply("统计"), chat="-100")
    living.waits_for(lambda: [c for c in living.calls("sendMessage") if c.given["chat_id"] == "-1009"])


def test_a_picture_is_sent_once_and_then_by_its_name(living: TelegramHouse) -> None:
    office = living.chat(7100)
    with transaction(living.house.engine) as session:
        offices.add(session, "telegram", "7100", "110102", datetime.now(UTC))
    for _ in range(2):
        office.sends("/count 2023年").hears("西城区")
        office.hears("巡林次数")
    first, second = living.waits_for(lambda: len(living.calls("sendPhoto")) == 2 and living.calls("sendPhoto"))
    assert first.files
    assert not second.files
    assert second.given["photo"] in living.standin.files


def test_own_data_come_as_a_document(living: TelegramHouse, hu: Person) -> None:
    hu.sends("/privacy")
    (call,) = living.waits_for(lambda: living.calls("sendDocument"))
    assert json.loads(next(iter(call.files.values())))["chief"][0]["name"] == "胡晓兰"


def test_the_keyboard_asks_for_the_place_and_the_commands_follow_role_and_language(
    living: TelegramHouse, hu: Person
) -> None:
    keyboards = [
        json.loads(c.given["reply_markup"]) for c in hu.heard() if "keyboard" in c.given.get("reply_markup", "")
    ]
    (enrolled,) = [k for k in keyboards if "keyboard" in k and "request_location" in str(k)]
    assert enrolled["keyboard"][0][0] == {"text": "📍 位置", "request_location": True}
    lists = living.waits_for(lambda: [c for c in living.calls("setMyCommands") if "7001" in c.given.get("scope", "")])
    assert "patrol" in lists[-1].given["commands"]
    everyone = [c for c in living.calls("setMyCommands") if "chat_id" not in c.given.get("scope", "")]
    assert {call.given.get("language_code") for call in everyone} == {None, "zh", "en"}


def test_a_photo_that_breaks_off_is_fetched_again_and_the_patrol_stands(living: TelegramHouse, hu: Person) -> None:
    for fault in (("getFile", 500, {}), ("file", 0, {})):
        living.thread.call(lambda fault=fault: living.standin.faults.append(fault))
    hu.sends_location(*OWN).hears("已定位")
    hu.sends_photo(PHOTO).hears("已收到照片")
    hu.presses("提交").hears("已登记")
    photo = living.waits_for(lambda: living.house.rows(select(Photo).where(Photo.state == "checked")))[0]
    assert (photo.size, len(photo.sm3), photo.unique_ref[0]) == (len(PHOTO), 64, "u")


def test_no_secret_stands_in_any_line_row_or_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with small_house("sqlite", tmp_path) as small, telegram_house(small, telegram_rate=25) as living:
        living.thread.call(lambda: setattr(living.standin, "fault_share", 0.3))
        for user in range(7001, 7006):
            living.chat(user).sends("/help").sends_photo(PHOTO)
        time.sleep(2)
        living.thread.call(lambda: setattr(living.standin, "fault_share", 0.0))
        living.chat(7099).sends("/help").hears("巡林登记")
    told = capsys.readouterr()
    secret = TOKEN.partition(":")[2]
    assert secret not in told.out + told.err + caplog.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]
