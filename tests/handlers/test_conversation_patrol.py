"""A patrol in conversation (巡林对话): from the first part to the receipt."""

import json
import re
from datetime import timedelta

import pytest
from chat_driver import IN_2023, NEIGHBOURS, OUT_BY_50_M, OUT_BY_120_M, OWN, OWN_58_M_ON, Chat, House
from sqlalchemy import select

from models.draft import Draft, Part
from models.local_entry import LocalEntry
from models.patrol import Patrol

RECEIPT = re.compile(r"已登记 XL-2026-\d{6}")


def patrols(chat: Chat) -> list[Patrol]:
    """All patrols in the order of their recording."""
    return list(chat.house.rows(select(Patrol).order_by(Patrol.id)))


def test_a_location_then_photos_then_submit_gives_a_receipt_with_the_progress(chat: Chat) -> None:
    assert "已定位：德胜街道 · 安德路南社区网格" in chat.sends_location(*OWN)
    assert "已收到照片 2 张" in chat.sends_photos(2)
    said = chat.presses("提交")
    assert said == "✅ 已登记 XL-2026-000001 · 本周第1次（要求1次）· 无待办"
    assert [(one.verdict, one.photos) for one in patrols(chat)] == [("counted", 2)]


def test_photos_may_come_before_the_location(chat: Chat) -> None:
    assert "请点 📍 发送位置" in chat.sends_photos(1)
    assert "可以提交了" in chat.sends_location(*OWN)
    assert RECEIPT.search(chat.presses("提交"))
    assert patrols(chat)[0].outside_m == 0


def test_the_receipt_says_nothing_is_left_only_where_nothing_is_missing_or_found(chat: Chat) -> None:
    chat.sends_location(*OWN)
    assert "无待办" not in chat.presses("提交")
    chat.house.now += timedelta(hours=1)
    chat.sends_location(*OUT_BY_50_M)
    chat.sends_photos(1)
    assert "无待办" not in chat.presses("提交")
    chat.house.now += timedelta(hours=1)
    chat.sends_location(*OWN)
    chat.sends_photos(1)
    chat.presses("发现问题")
    chat.presses("折枝")
    assert "本周第3次（要求1次）" in chat.presses("提交")
    assert "无待办" not in chat.last.text


def test_the_word_submit_alone_makes_no_record_of_nothing(chat: Chat) -> None:
    chat.sends("巡林")
    assert "还没有位置、照片或文字" in chat.sends("提交")
    assert patrols(chat) == []
    assert chat.last.buttons == ("只登记，无位置无照片", "取消")
    assert RECEIPT.search(chat.presses("只登记"))
    assert [one.verdict for one in patrols(chat)] == ["counted"]


def test_one_tap_skips_everything(chat: Chat) -> None:
    chat.sends("巡林")
    assert RECEIPT.search(chat.presses("一切正常，提交"))
    assert len(patrols(chat)) == 1


def test_words_are_enough_for_the_word_submit(chat: Chat) -> None:
    chat.sends("巡林")
    assert "已记下：参加联合检查" in chat.sends("参加联合检查")
    assert RECEIPT.search(chat.sends("提交"))


def test_free_text_is_a_patrol_only_after_its_button(chat: Chat) -> None:
    assert "要把这段话记为一次巡林吗" in chat.sends("古树一切正常")
    chat.house.waits(days=2)
    assert patrols(chat) == []
    chat.presses("记为巡林")
    assert RECEIPT.search(chat.presses("提交"))
    assert [one.note for one in patrols(chat)] == ["古树一切正常"]


def test_the_button_of_a_text_works_once(chat: Chat) -> None:
    chat.sends("古树一切正常")
    chat.presses("记为巡林")
    assert "按钮已经失效" in chat.presses("记为巡林")
    chat.presses("提交")
    assert [one.note for one in patrols(chat)] == ["古树一切正常"]


def test_a_long_text_is_kept_whole_and_its_time_is_that_of_its_writing(chat: Chat) -> None:
    long = "沿安德路走了一圈。" * 400
    chat.sends(long)
    chat.house.now += timedelta(minutes=30)
    chat.presses("记为巡林")
    chat.presses("提交")
    patrol = patrols(chat)[0]
    assert (patrol.note, patrol.patrolled_at) == (long, chat.house.now - timedelta(minutes=30))


def test_the_word_submit_under_a_photo_submits(chat: Chat) -> None:
    chat.sends_location(*OWN)
    assert RECEIPT.search(chat.sends_photos(1, text="提交"))
    assert [(one.photos, one.note) for one in patrols(chat)] == [(1, None)]


def test_a_file_beside_photos_is_not_passed_over_in_silence(chat: Chat) -> None:
    said = chat.sends_file("名单.xlsx", photos=1)
    assert "已收到照片 1 张" in said
    assert "收到文件了，但现在用不上" in said
    said = chat.sends_file("名单.xlsx", text="古树一切正常")
    assert "古树一切正常" in said
    assert "收到文件了，但现在用不上" in said


def test_an_album_of_three_is_three_photos_of_one_patrol(chat: Chat) -> None:
    chat.sends_location(*OWN)
    assert "已收到照片 3 张" in chat.sends_photos(3)
    chat.presses("提交")
    assert [one.photos for one in patrols(chat)] == [3]


def test_words_within_a_draft_are_its_note(chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.sends("浇了水")
    chat.sends("树都好")
    chat.presses("提交")
    assert [one.note for one in patrols(chat)] == ["浇了水\n树都好"]


def test_the_word_and_the_button_both_submit(chat: Chat) -> None:
    chat.sends("巡林")
    chat.sends_location(*OWN)
    assert RECEIPT.search(chat.sends("提交"))
    chat.house.now += timedelta(hours=1)
    chat.sends_location(*OWN)
    assert RECEIPT.search(chat.presses("一切正常，提交"))


def test_a_draft_submits_itself_ten_minutes_after_its_last_part(chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.house.waits(minutes=5)
    chat.sends_photos(1)
    chat.house.waits(minutes=9, seconds=59)
    assert chat.hears() == ""
    assert patrols(chat) == []
    chat.house.waits(seconds=1)
    assert RECEIPT.search(chat.hears())
    assert [one.photos for one in patrols(chat)] == [1]
    chat.house.waits(minutes=10)
    assert chat.hears() == ""


def test_words_alone_are_not_submitted_by_themselves(chat: Chat) -> None:
    chat.sends("巡林")
    chat.sends("树都好")
    chat.house.waits(minutes=30)
    assert chat.hears() == ""
    chat.house.waits(hours=24)
    assert "还没有提交" in chat.hears()
    assert patrols(chat) == []
    assert RECEIPT.search(chat.presses("提交"))


def test_the_photo_may_be_skipped(chat: Chat) -> None:
    chat.sends_location(*OWN)
    assert RECEIPT.search(chat.presses("跳过照片"))
    assert [(one.verdict, one.photos) for one in patrols(chat)] == [("counted", 0)]


def test_a_cancelled_draft_is_no_patrol(chat: Chat) -> None:
    chat.sends_location(*OWN)
    assert "已取消" in chat.presses("取消")
    chat.house.waits(minutes=10)
    assert chat.hears() == ""
    assert patrols(chat) == []
    assert "没有正在登记的巡林" in chat.sends("提交")


def test_two_taps_on_submit_are_one_patrol_and_one_receipt(chat: Chat) -> None:
    chat.sends_location(*OWN)
    said = chat.presses("一切正常，提交") + chat.presses("一切正常，提交")
    assert len(RECEIPT.findall(said)) == 1
    assert "已经提交或取消了" in said
    assert len(patrols(chat)) == 1


def test_the_same_delivery_twice_is_one_part(chat: Chat) -> None:
    chat.sends_photos(1)
    assert chat.sends_again() == ""
    chat.presses("提交")
    assert [one.photos for one in patrols(chat)] == [1]


def test_an_old_button_explains_itself(chat: Chat) -> None:
    chat.sends_location(*OWN)
    old = chat.last
    chat.presses("取消", old)
    chat.sends_location(*OWN)
    assert "已经提交或取消了" in chat.presses("一切正常，提交", old)
    assert chat.house.rows(select(Draft.state).order_by(Draft.id))[-1] == "open"


def test_a_point_outside_the_own_area_names_the_metres(chat: Chat) -> None:
    assert "在责任区外 50 米" in chat.sends_location(*OUT_BY_50_M)
    assert "在责任区外 50 米，已按最近的网格登记" in chat.presses("提交")
    assert patrols(chat)[0].verdict == "counted"


def test_a_point_120_m_outside_does_not_count_and_says_why(chat: Chat) -> None:
    chat.sends_location(*OUT_BY_120_M)
    said = chat.presses("提交")
    assert RECEIPT.search(said)
    assert "暂不计入次数：位置在责任区外 120 米（最多 100 米）" in said
    assert "联合巡林" in said
    assert [(one.verdict, one.reason) for one in patrols(chat)] == [("not_counted", "far_outside")]


def test_a_patrol_in_somebody_elses_grid_does_not_count(chat: Chat) -> None:
    assert re.search(
        r"在责任区外 1\d{3} 米，最近的网格是 德胜街道 · 安德路南社区网格", chat.sends_location(*NEIGHBOURS)
    )
    assert "暂不计入次数" in chat.presses("提交")
    assert "本周已巡 0 次" in chat.last.text


def test_a_second_patrol_at_the_same_place_within_five_minutes_is_the_first_again(chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.presses("提交")
    chat.house.now += timedelta(minutes=4, seconds=59)
    chat.sends_location(*OWN)
    assert "与上一次相隔不到 5 分钟且在 50 米以内" in chat.presses("提交")
    assert [one.reason for one in patrols(chat)] == [None, "within_5_min"]


def test_without_a_position_the_second_patrol_is_not_told_of_metres(chat: Chat) -> None:
    for _ in range(2):
        chat.sends("巡林")
        chat.sends("树都好")
        chat.presses("提交")
    assert "与上一次相隔不到 5 分钟，按一次计" in chat.last.text
    assert "米" not in chat.last.text


def test_a_second_patrol_counts_58_m_on_or_five_minutes_later(chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.presses("提交")
    chat.sends_location(*OWN_58_M_ON)
    chat.presses("提交")
    chat.house.now += timedelta(minutes=5)
    chat.sends_location(*OWN_58_M_ON)
    chat.presses("提交")
    assert [one.verdict for one in patrols(chat)] == ["counted"] * 3


def test_a_found_problem_is_noted_with_its_kind(chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.presses("发现问题")
    assert "美国白蛾" in chat.last.buttons
    assert "问题：美国白蛾" in chat.presses("美国白蛾")
    assert "✅ 提交" in chat.last.buttons
    chat.presses("提交")
    assert [one.problem_type for one in patrols(chat)] == ["美国白蛾"]


def test_under_the_policy_of_2023_a_patrol_counts_once_its_photo_came(chat: Chat) -> None:
    chat.house.now = IN_2023
    chat.sends_location(*OWN)
    said = chat.presses("提交")
    assert "已登记 XL-2023-000001，暂不计入次数：没有照片。24小时内补发照片即可计入" in said
    chat.house.now += timedelta(hours=23)
    chat.presses("补照片")
    assert "共 1 张，已计入" in chat.sends_photos(1)
    assert [(one.verdict, one.reason) for one in patrols(chat)] == [("counted", None)]


def test_a_prompt_is_dropped_when_the_receipt_overtakes_it(house: House, chat: Chat) -> None:
    house.sends_at_once = False
    chat.sends_location(*OWN)
    chat.sends("提交")
    house.sends_out()
    heard = chat.replies()
    assert [bool(RECEIPT.search(one.text)) for one in heard] == [True]


def test_two_people_have_a_draft_each(house: House, chat: Chat) -> None:
    other = house.talk_as("万枕萱")
    other.sends_location(*OUT_BY_50_M)
    other.presses("同意")
    chat.sends_location(*OWN)
    chat.presses("提交")
    assert "没有正在登记" not in other.sends("提交")
    chiefs = {one.chief_id for one in patrols(chat)}
    assert chiefs == {chat.account.chief_id, other.account.chief_id}
    assert all(part.patrol_id for part in house.rows(select(Part).order_by(Part.id.desc()).limit(2)))


def spent(house: House) -> list[int]:
    """The lines whose buttons the page shows as used up, by our messages."""
    told = [json.loads(body) for body in house.rows(select(LocalEntry.body)) if '"event": "spent"' in body]
    lines = {one["id"] for one in told}
    return sorted(house.rows(select(LocalEntry.outbox_id).where(LocalEntry.id.in_(lines))))


@pytest.mark.parametrize("end", ["提交", "取消"])
def test_the_buttons_of_a_draft_are_used_up_with_it(chat: Chat, end: str) -> None:
    before = spent(chat.house)
    chat.sends_location(*OWN)
    first = chat.last
    chat.sends_photos(1)
    second = chat.last
    assert spent(chat.house) == before
    chat.presses(end, second)
    assert spent(chat.house) == [*before, first.outbox_id, second.outbox_id]
    assert chat.last.outbox_id not in spent(chat.house)


def test_the_buttons_of_an_answered_question_are_used_up(chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.presses("提交")
    receipt = chat.last
    chat.presses("撤回")
    question = chat.last
    chat.presses("不撤回")
    assert question.outbox_id in spent(chat.house)
    assert receipt.outbox_id not in spent(chat.house)
