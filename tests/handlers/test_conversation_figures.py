"""Figures that open (数字可查): each number shown lists exactly its records; questions as people write them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OUT_BY_50_M, OWN, SINCE, Chat, Heard, House
from sqlalchemy import select

from models.chief import Chief, Post, PostStreet
from models.engine import transaction
from models.patrol import Patrol
from services import mark


@pytest.fixture
def busy(house: House, chat: Chat) -> House:
    """Patrols of three levels, in two streets, two months, with and without a grid, counted and not."""
    for place in (OWN, NEIGHBOURS, OUT_BY_50_M):
        chat.sends_location(*place)
        chat.presses("提交")
        house.now += timedelta(hours=1)
    for who in ("谢怀棠", "万守梓", "武惜楸", "顾梓"):
        other = house.talk_as(who)
        other.sends("巡林")
        other.presses("不同意")
        if who == "武惜楸":
            house.now += timedelta(days=8)
        other.presses("提交")
    withdrawing = house.talk_as("万枕萱")
    withdrawing.sends_photos(1)
    withdrawing.presses("同意")
    withdrawing.presses("提交")
    withdrawing.presses("撤回")
    withdrawing.presses("确认撤回")
    return house


def number(text: str) -> int:
    """The number behind the last blank or colon of a label."""
    return int(text.replace("次", "").replace(",", "").rpartition(" ")[2])


def listed(chat: Chat) -> Iterator[tuple[str, ...]]:
    """The rows of all pages of the list that was just opened."""
    while True:
        yield from chat.last.rows
        if "下一页 ▶" not in chat.last.buttons:
            return
        chat.presses("下一页", chat.last)


@pytest.mark.parametrize("where", ["", "德胜街道", "安德路南社区"])
@pytest.mark.parametrize("group", ["按级别", "按街道", "按月", "按网格"])
def test_every_number_of_an_answer_opens_exactly_its_records(busy: House, where: str, group: str) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends(f"统计 今年 {where} {group}")
    answer = next(one for one in office.heard if one.rows)
    total = number(answer.rows[-1][1])
    office.presses("查看明细", answer)
    assert len(list(listed(office))) == total
    shown = {label: n for label, text in answer.rows[:-1] if (n := number(text))}
    opened = {}
    for label, n in shown.items():
        office.presses(f"{label} {n}次", answer)
        opened[label] = len(list(listed(office)))
    assert opened == shown
    assert sum(opened.values()) == total


def test_what_does_not_count_is_a_list_of_its_own_with_reasons(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年")
    said = office.presses("不计入的")
    assert "西城区2026年不计入的记录 1–2／共 2 条" in said
    assert [(row[1], row[3]) for row in office.last.rows] == [("万枕萱", "本人撤回"), ("胡晓兰", "远离责任区")]


def test_a_long_table_opens_row_by_row(house: House) -> None:
    chat = house.talk_as("万守梓")
    chat.sends("巡林")
    chat.presses("不同意")
    for n in range(7):
        chat.sends("巡林")
        chat.presses("德胜街道")
        chat.presses(chat.last.buttons[n])
        chat.presses("提交")
        house.now += timedelta(minutes=6)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年 按网格")
    assert "请选一行看明细（1–7／共 7 行）" in office.presses("选一行")
    office.presses(office.last.buttons[2])
    assert len(office.last.rows) == 1


def test_records_are_in_the_order_of_the_patrols_with_their_year(house: House, chat: Chat) -> None:
    other = house.talk_as("万枕萱")
    other.sends("巡林")
    other.sends("先写的，后交的")
    house.now += timedelta(minutes=30)
    chat.sends_location(*OWN)
    chat.presses("提交")
    other.presses("提交")
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年")
    office.presses("查看明细")
    assert [row[:2] for row in office.last.rows] == [("2026-11-24 10:30", "胡晓兰"), ("2026-11-24 10:00", "万枕萱")]


def test_another_district_is_in_no_list(busy: House) -> None:
    with transaction(busy.engine) as session:
        session.execute(Patrol.__table__.update().values(street_code=None, grid_version_id=None))  # type: ignore[attr-defined]
        patrol = session.scalars(select(Patrol).where(Patrol.verdict == "counted")).first()
        assert patrol
        patrol.street_code = "110101001"
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年 按网格")
    answer: Heard = next(one for one in office.heard if one.rows)
    office.presses("查看明细", answer)
    assert len(list(listed(office))) == number(answer.rows[-1][1]) == 5


def test_the_numbers_of_the_annual_summary_open_too(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("调度会 今天召开的防火调度会")
    office.presses("登记")
    office.sends("年报 2026")
    table = office.last
    total = sum(number(row[-1]) for row in table.rows)
    office.presses("查看明细", table)
    assert len(list(listed(office))) == total == 6
    office.presses("调度会 1次", table)
    assert office.last.rows == (("2026-12-02", "防火调度会", "–"),)


def test_a_chief_of_two_streets_hears_the_own_count_and_both_streets(busy: House) -> None:
    with transaction(busy.engine) as session:
        chief = session.scalars(select(Chief).where(Chief.name == "谢怀棠")).one()
        other = session.scalars(select(Post).where(Post.level == "street", Post.chief_id != chief.id)).one()
        second = Post(chief_id=chief.id, level="street", title=other.title, area_code=other.area_code, valid_from=SINCE)
        session.add(second)
        session.flush()
        session.add(PostStreet(post_id=second.id, street_code=other.area_code))
        mark.new_edition(session, "roster")
    chat = busy.talk_as("谢怀棠")
    said = chat.sends("统计 今年")
    assert "您自己2026年：计入 1 次" in said
    assert "德胜街道2026年：计入 4 次" in said
    assert "西长安街街道2026年：计入 1 次" in said
    own = next(one for one in chat.heard if "您自己" in one.text)
    assert "您自己的记录：2026年计入的记录 1–1／共 1 条" in chat.presses("查看明细", own)


@pytest.mark.parametrize(
    "question",
    [
        "统计2026年", "统计今年", "统计，今年", "统计：今年", "统计 2026年西城区按街道", "统计2026年按街道",
        "统计 今年，西城", "统计西城区", "统计按月", "统计。", "count2026", "统计 西城区2026年", "统计 昨天到今天",
    ],
)  # fmt: skip
def test_a_question_needs_no_blanks(busy: House, question: str) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    assert "西城区2026年" in office.sends(question)


def test_the_summary_needs_no_blank_either(busy: House) -> None:
    assert "区级林长巡林" in busy.talk_as(f"office {DISTRICT}").sends("年报2026")


@pytest.mark.parametrize("note", ["统计了3棵树", "统计今天修剪的树木20株", "总结了一下问题", "统计树"])
def test_a_note_that_begins_with_the_word_is_no_question(chat: Chat, note: str) -> None:
    assert "要把这段话记为一次巡林吗" in chat.sends(note)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("统计 明年", "“明年”还没有到"),
        ("统计下个月", "还没有到"),
        ("统计 2027年", "还没有到"),
        ("统计 0年", "年份要在2000到2100之间"),
        ("统计 3年", "年份要在2000到2100之间"),
        ("统计 前天", "2026年11月22日：计入 0 次"),
        ("统计 昨天", "2026年11月23日：计入 0 次"),
        ("统计 本月", "2026年11月：计入 0 次"),
        ("统计 2026-11-01到2026-11-05", "2026年11月1日至11月5日：计入 0 次"),
    ],
)
def test_a_period_is_worded_as_in_the_report_or_refused_for_what_it_is(
    house: House, question: str, answer: str
) -> None:
    assert answer in house.talk_as(f"office {DESHENG}").sends(question)


def test_a_community_shows_every_level(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年 安德路南社区")
    answer = next(one for one in office.heard if one.rows)
    assert [row[0] for row in answer.rows] == ["区级", "街道级", "社区级", "合计"]


def test_hundreds_of_grids_are_drawn_by_street_and_listed_one_by_one(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("统计 今年 按网格")
    table, picture = office.heard
    assert len(table.rows) > 30
    assert picture.text == "西城区2026年巡林次数（按街道）"
    office.sends("统计 今年 德胜街道 按网格")
    assert office.last.text == "德胜街道2026年巡林次数（按网格）"
