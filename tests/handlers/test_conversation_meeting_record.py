"""The record of a meeting (调度会记录), on every channel: all after its one line is optional, and followed up."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from chat_driver import DESHENG, DISTRICT, Chat, House
from reminding import at
from sqlalchemy import select
from telegram_chat import TelegramChat, telegram_talk

from bot.documents import fetch_documents
from models.document import Document
from models.meeting import Meeting
from models.meeting_record import MeetingAttendee, MeetingEvent, MeetingPaper, MeetingTask
from scheduler import meeting_tasks

ZONE = ZoneInfo("Asia/Shanghai")
DUE = date(2026, 12, 10)


def held(house: House, title: str = "三季度林长制调度会") -> Chat:
    """The office, which has just registered a meeting."""
    office = house.talk_as(f"office {DISTRICT}")
    office.sends(f"调度会 {title}")
    office.presses("登记")
    return office


def clock(house: House, day: date, time: str) -> int:
    """Let the clock look at the tasks."""
    house.now = at(day, time)
    asked = meeting_tasks.ask_for_due(house.engine, ZONE, house.now)
    house.works()
    return asked


def tasks(house: House) -> list[MeetingTask]:
    return list(house.rows(select(MeetingTask).order_by(MeetingTask.id)))


def test_a_meeting_gets_its_record_piece_by_piece(anywhere: House) -> None:
    office = held(anywhere)
    office.presses("补充会议记录"[:6])
    office.presses("主持人")
    assert "主持人：万守梓" in office.presses("万守梓")
    office.presses("参会人")
    assert "参会 1 人：谢怀棠" in office.presses("谢怀棠")
    assert "参会 3 人" in office.sends("武惜楸、胡晓兰")
    office.presses("打开会议")
    office.presses("议题")
    assert "议题：古树保护" in office.sends("古树保护")
    office.presses("决议")
    said = office.sends("全面排查，汛前完成加固")
    for line in ("三季度林长制调度会", "主持人：万守梓", "参会 3 人", "议题：古树保护", "决议：全面排查"):
        assert line in said
    (meeting,) = anywhere.rows(select(Meeting))
    assert (meeting.chair, meeting.topics) == ("万守梓", "古树保护")
    assert len(anywhere.rows(select(MeetingAttendee))) == 3
    assert [one.what for one in anywhere.rows(select(MeetingEvent).order_by(MeetingEvent.id))] == [
        "chair", "attendee_added", "attendee_added", "attendee_added", "topics", "resolutions",
    ]  # fmt: skip


def test_photos_are_pages_of_the_minutes_and_no_patrol(anywhere: House) -> None:
    office = held(anywhere)
    office.presses("补充会议记录"[:6])
    office.presses("会议纪要")
    assert "现有 2 份" in office.sends_photos(2)
    assert "纪要：2 份" in office.presses("打开会议")
    assert [one.kind for one in anywhere.rows(select(Document))] == ["picture", "picture"]


def test_a_task_is_told_to_its_owner_and_reminded_of_once(anywhere: House) -> None:
    owner = anywhere.talk_as("谢怀棠")
    owner.sends("帮助")
    office = held(anywhere)
    office.presses("补充会议记录"[:6])
    office.presses("加任务")
    assert "并通知负责人：▫ 完成古树支撑加固，谢怀棠，2026-12-10 前" in office.sends("谢怀棠12月10日前完成古树支撑加固")
    assert "【会议任务】三季度林长制调度会" in owner.hears()
    assert clock(anywhere, date(2026, 12, 8), "10:00") == 0
    assert clock(anywhere, date(2026, 12, 9), "09:00") == 0
    assert clock(anywhere, date(2026, 12, 9), "09:10") == 1
    assert "【会议任务提醒】三季度林长制调度会" in owner.hears()
    assert clock(anywhere, date(2026, 12, 9), "15:00") == 0
    anywhere.now = at(date(2026, 12, 11), "10:00")
    assert "其中逾期 1 项" in office.sends("调度会 任务")
    assert "⚠ 完成古树支撑加固，谢怀棠，2026-12-10 前（逾期）" in office.last.text
    assert "已记下：完成古树支撑加固，已完成" in owner.presses("已完成")
    assert "没有未完成的会议任务" in office.sends("调度会 任务")
    assert "召开调度会1次" in office.sends("年报 2026")


def test_a_done_task_is_not_reminded_of(house: House) -> None:
    """The control of the reminder: the same clock, a task that is done."""
    office = held(house)
    office.presses("补充会议记录")
    office.presses("加任务")
    office.sends("万守梓 2026-12-10 巡查古树")
    office.sends("调度会 任务")
    office.presses("1 已完成")
    assert clock(house, date(2026, 12, 9), "10:00") == 0
    office.presses("还没完成")
    assert clock(house, date(2026, 12, 9), "10:01") == 1


def test_who_cannot_be_reached_is_reminded_through_whoever_set_the_task(house: House) -> None:
    office = held(house)
    office.presses("补充会议记录")
    office.presses("加任务")
    assert "已记下任务：▫ 巡查古树，万守梓，2026-12-10 前" in office.sends("2026-12-10前 万守梓 巡查古树")
    office.replies()
    assert clock(house, date(2026, 12, 9), "10:00") == 1
    assert "【会议任务提醒】" in office.hears()


@pytest.mark.parametrize(
    ("text", "words", "owner", "due"),
    [
        ("谢怀棠 12月10日前 完成加固", "完成加固", True, date(2026, 12, 10)),
        ("12月10日，谢怀棠：完成加固", "完成加固", True, date(2026, 12, 10)),
        ("3月1日之前完成加固", "完成加固", False, date(2027, 3, 1)),
        ("完成加固", "完成加固", False, None),
        ("谢怀棠完成加固", "完成加固", True, None),
        ("2026年工作总结", "2026年工作总结", False, None),
        ("不在册的人 完成加固", "不在册的人 完成加固", False, None),
    ],
)
def test_a_task_is_one_line_and_everything_but_its_words_may_be_missing(
    house: House, text: str, words: str, owner: bool, due: date | None
) -> None:
    office = held(house)
    office.presses("补充会议记录")
    office.presses("加任务")
    office.sends(text)
    (task,) = tasks(house)
    assert (task.text, task.owner_id is not None, task.due_on) == (words, owner, due)


def test_a_task_set_by_mistake_is_taken_off_and_its_row_stays(house: House) -> None:
    office = held(house)
    office.presses("补充会议记录")
    office.presses("加任务")
    office.sends("巡查古树")
    assert "已删去：巡查古树" in office.presses("删去这项")
    assert "没有未完成的会议任务" in office.sends("调度会 任务")
    assert [one.voided_at is not None for one in tasks(house)] == [True]


def test_a_file_of_the_page_is_kept_and_given_back(house: House) -> None:
    office = held(house)
    office.presses("补充会议记录")
    office.presses("会议纪要")
    assert "纪要已收到" in office.sends_file("纪要.docx", photos=1)
    assert "用不上" not in office.last.text
    office.presses("打开会议")
    office.presses("看纪要")
    sent = [one.body["documents"][0]["name"] for one in office.heard if one.body.get("documents")]
    assert sent == ["photo.jpg", "纪要.docx"]


def test_a_file_of_telegram_is_fetched_and_given_back(database: str, tmp_path: Path) -> None:
    with telegram_talk(database, tmp_path) as house:
        office = held(house)
        assert isinstance(office, TelegramChat)
        office.presses("补充会议记录")
        office.presses("会议纪要")
        document = {"file_id": "F1", "file_unique_id": "U1", "file_name": "纪要.pdf", "mime_type": "application/pdf"}
        assert "纪要已收到" in office.says(document=document)
        office.presses("打开会议")
        assert "还没有取到" in office.presses("看纪要")

        async def fetch(ref: str) -> bytes:
            return f"bytes of {ref}".encode()

        fetches = {"telegram": fetch}
        asked = fetch_documents(house.engine, house.settings.data_dir, fetches, "zh_CN", datetime.now(UTC))
        assert asyncio.run(asked) == 1
        office.presses("看纪要")
        calls = [call.given for call in house.standin.calls if call.method == "sendDocument"]
        assert len(calls) == 1


def test_meetings_are_listed_and_opened(house: House) -> None:
    for title in ("防火调度会", "美国白蛾防控调度会"):
        office = held(house, title)
    assert "调度会 1–2／共 2 次" in office.sends("调度会 列表")
    assert "防火调度会\n召开日期" in office.presses("11-24 防火调度会")
    office.sends("调度会")
    office.presses("会议列表")
    assert office.last.buttons == ("11-24 美国白蛾防控调度会", "11-24 防火调度会")


def test_who_was_not_there_is_taken_off_again(house: House) -> None:
    office = held(house)
    office.presses("补充会议记录")
    office.presses("参会人")
    office.sends("谢怀棠 不在册的人")
    assert "花名册里没有：不在册的人" in "\n".join(one.text for one in office.heard)
    office.presses("打开会议")
    office.presses("移出参会人")
    assert "参会" not in office.presses("谢怀棠")
    assert house.rows(select(MeetingAttendee)) == []


def test_a_meeting_that_was_taken_back_has_no_record_and_no_tasks(house: House) -> None:
    office = held(house)
    office.presses("补充会议记录")
    card = office.last
    office.presses("加任务")
    office.sends("万守梓 2026-12-10 巡查古树")
    office.presses("撤回", card)
    assert "之前已经撤回" in office.presses("议题", card)
    assert "没有未完成的会议任务" in office.sends("调度会 任务")
    assert clock(house, date(2026, 12, 9), "10:00") == 0


def test_others_see_no_meeting_and_do_no_task(house: House) -> None:
    office = held(house)
    office.presses("补充会议记录")
    office.presses("加任务")
    office.sends("谢怀棠 2026-12-10 巡查古树")
    for who in ("胡晓兰", f"office {DESHENG}"):
        other = house.talk_as(who)
        assert "只有区级林长和区林长办" in other.sends("调度会 列表")
        assert "只有区级林长和区林长办" in other.sends("调度会 任务")
    assert [one.done_at for one in tasks(house)] == [None]


def test_photos_after_another_word_are_no_minutes(house: House) -> None:
    """The control of the minutes: a command ends what we had asked for."""
    office = held(house)
    office.presses("补充会议记录")
    office.presses("会议纪要")
    office.sends("帮助")
    office.sends_photos(1)
    assert house.rows(select(MeetingPaper)) == []
