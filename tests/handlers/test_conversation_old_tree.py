"""Old trees in conversation (古树对话), on every channel and both databases: near ones by one tap, others by code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OWN, XICHANGAN, Chat, House, small_house
from some_trees import CYPRESS, FAR, PINE, SCHOLAR, later, plant
from sqlalchemy import select

from models.old_tree import OldTree, OldTreeVisit
from models.patrol import Patrol

RECEIPT = re.compile(r"XL-2026-\d{6}")


@pytest.fixture
def house(anywhere: House, tmp_path: Path) -> House:
    """A small Xicheng with four old trees, on one of the channels."""
    plant(anywhere, tmp_path)
    return anywhere


@pytest.fixture
def planted(database: str, tmp_path: Path) -> Iterator[House]:
    """The same where the channel makes no difference."""
    with small_house(database, tmp_path) as made:
        plant(made, tmp_path)
        yield made


def agreed(house: House, who: str = "胡晓兰") -> Chat:
    chat = house.talk_as(who)
    chat.sends_location(*OWN)
    chat.presses("同意")
    chat.sends("取消")
    return chat


def seen(house: House) -> list[tuple[str, str, str | None]]:
    """Code of the tree, how it was found, verdict of its patrol, of every visit."""
    rows = select(OldTreeVisit).order_by(OldTreeVisit.id)
    trees = {tree.id: tree.code for tree in house.rows(select(OldTree))}
    verdicts = {one.id: one.reason or one.verdict for one in house.rows(select(Patrol))}
    return [(trees[one.tree_id], one.found_by, verdicts.get(one.patrol_id)) for one in house.rows(rows)]


def figures(house: House, question: str = "统计 古树", who: str = f"office {DISTRICT}") -> str:
    office = house.talk_as(who)
    before = len(office.replies())
    office.sends(question)
    return "\n".join(one.words for one in office.heard[before:])


def test_the_trees_near_are_seen_by_one_tap(house: House) -> None:
    chat = agreed(house)
    said = chat.sends_location(*OWN)
    assert f"附近古树 3 株：国槐 {SCHOLAR}、侧柏 {CYPRESS}、油松 {PINE}" in said
    assert "看了这3株" in "".join(chat.last.buttons)
    assert f"已记古树 3 株：国槐 {SCHOLAR}、侧柏 {CYPRESS}、油松 {PINE}" in chat.presses("看了这3株")
    assert not any("看了" in button for button in chat.last.buttons)
    assert "附近古树" not in chat.presses("提交")
    assert seen(house) == [(code, "near", "counted") for code in (SCHOLAR, CYPRESS, PINE)]
    assert "巡查古树名木 3 株（3 株次），在册 4 株" in figures(house)


def test_some_of_the_trees_are_chosen(house: House) -> None:
    chat = agreed(house)
    chat.sends_location(*OWN)
    assert "看了哪些" in chat.presses("选几株")
    assert f"已记古树 1 株：侧柏 {CYPRESS}" in chat.presses(f"侧柏 {CYPRESS}"[:10])
    assert "看了这2株" in "".join(chat.last.buttons)
    chat.presses("提交")
    assert seen(house) == [(CYPRESS, "near", "counted")]


def test_who_submits_without_looking_at_trees_is_told_once_on_the_receipt_and_needs_no_more_taps(house: House) -> None:
    chat = agreed(house)
    chat.sends_location(*OWN)
    said = chat.presses("一切正常")
    assert RECEIPT.search(said)
    assert "附近古树 3 株" in said
    assert seen(house) == []
    assert "古树 3 株" in chat.presses("看了这3株")
    assert "古树 3 株" in chat.presses("看了这3株")
    assert len(seen(house)) == 3


def test_a_tree_is_noted_by_its_code(house: House) -> None:
    chat = agreed(house)
    said = chat.sends(f"古树 {FAR.lower()}")
    assert f"已记古树 1 株：银杏 {FAR}" in said
    chat.sends_location(*OWN)
    chat.presses("看了这3株")
    chat.presses("提交")
    assert [(code, by) for code, by, _ in seen(house)] == [
        (FAR, "code"), (SCHOLAR, "near"), (CYPRESS, "near"), (PINE, "near"),
    ]  # fmt: skip
    assert "没有编号为 110102A99999 的古树" in chat.sends("古树 110102A99999")


def test_a_tree_seen_on_two_patrols_is_one_tree_and_two_visits(house: House) -> None:
    chat = agreed(house)
    for _ in range(2):
        chat.sends_location(*OWN)
        chat.presses("看了这3株")
        chat.presses("提交")
        later(house, hours=2)
    said = figures(house)
    assert "巡查古树名木 3 株（6 株次），在册 4 株" in said
    assert re.search(r"一级\s+2\s+2\s+4", said)
    assert re.search(r"合计\s+4\s+3\s+6", said)


def test_a_withdrawn_patrol_takes_its_trees_along(house: House) -> None:
    chat = agreed(house)
    chat.sends_location(*OWN)
    chat.presses("看了这3株")
    chat.presses("提交")
    assert "巡查古树名木 3 株（3 株次）" in figures(house)
    chat.sends("撤回")
    chat.presses("确认撤回")
    assert "巡查古树名木 0 株（0 株次），在册 4 株" in figures(house)
    assert {verdict for _, _, verdict in seen(house)} == {"withdrawn"}


def test_a_voided_patrol_takes_its_trees_along_and_an_accepted_one_brings_them_back(planted: House) -> None:
    chat = agreed(planted)
    chat.sends_location(*OWN)
    chat.presses("看了这3株")
    found = RECEIPT.search(chat.presses("提交"))
    assert found
    office = planted.talk_as(f"office {DISTRICT}")
    for act, why, expected in (
        ("作废", "误登记或测试", "0 株（0 株次）"),
        ("计入", "经核实，情况属实", "3 株（3 株次）"),
    ):
        office.sends(f"核实 {found[0]}")
        office.presses(act)
        office.presses(why[:8])
        assert f"巡查古树名木 {expected}" in figures(planted)


def test_what_nobody_saw_for_long_is_listed_to_the_office(house: House) -> None:
    house.now = house.now.replace(year=2026, month=3, day=10)
    chat = agreed(house)
    chat.sends_location(*OWN)
    chat.presses("选几株")
    chat.presses("国槐")
    chat.presses("提交")
    assert "古树都在 90 天内看过" in figures(house, "古树 未巡")
    assert "另有 3 株建档以来还没有看过" in figures(house, "古树 未巡")
    later(house, days=30)
    said = figures(house, "古树 未巡")
    assert "90 天没有巡查的古树 3 株（在册 4 株）" in said
    assert SCHOLAR not in said
    assert f"{CYPRESS}  侧柏  安德路  还没有" in said
    assert "29 天没有巡查的古树 4 株" in figures(house, "古树 未巡 29天")
    assert re.search(rf"{SCHOLAR}\s+国槐\s+安德路\s+30天", figures(house, "古树 未巡 30 德胜街道"))
    assert "还没有古树名录" in figures(house, "古树 未巡", f"office {XICHANGAN}")


def test_the_record_of_a_tree_is_for_the_office_of_its_area(planted: House) -> None:
    chat = agreed(planted)
    chat.sends_location(*OWN)
    chat.presses("看了这3株")
    number = RECEIPT.search(chat.presses("提交"))
    said = figures(planted, f"古树 {PINE}", f"office {DESHENG}")
    assert f"{PINE}　油松（二级）" in said
    assert "上次巡查：2026-11-24，0 天前" in said
    assert number
    assert number[0] in said
    assert "没有编号为" in figures(planted, f"古树 {PINE}", f"office {XICHANGAN}")


def test_a_chief_hears_only_of_trees_of_the_own_area(planted: House) -> None:
    chat = agreed(planted)
    chat.sends("统计 古树")
    said = "\n".join(one.words for one in chat.heard)
    assert "在册 3 株" in said
    assert "您只能查看自己责任区的统计" in chat.sends("统计 古树 西长安街街道")


def test_a_note_that_begins_with_the_word_stays_a_note(planted: House) -> None:
    chat = agreed(planted)
    chat.sends_location(*OWN)
    assert "已记下：古树 树干有空洞" in chat.sends("古树 树干有空洞")


def test_where_no_tree_is_near_nothing_more_is_asked(planted: House, tmp_path: Path) -> None:
    """The control: the very words and buttons of a house that knows no trees."""
    told = []
    (tmp_path / "bare").mkdir()
    with small_house("sqlite", tmp_path / "bare") as bare:
        for one in (planted, bare):
            chat = agreed(one)
            chat.sends_location(NEIGHBOURS[0] + 0.004, NEIGHBOURS[1])
            told.append((chat.last.text, chat.last.buttons))
    assert told[0] == told[1]
    assert "古树" not in told[0][0] + "".join(told[0][1])


def test_without_a_position_no_tree_is_near(planted: House) -> None:
    chat = planted.talk_as("胡晓兰")
    chat.sends("巡林")
    chat.presses("不同意")
    chat.presses("提交")
    assert "附近古树" not in "\n".join(one.text for one in chat.heard)


def test_an_old_prompt_whose_draft_was_handed_in_notes_the_trees_with_its_patrol(planted: House) -> None:
    chat = agreed(planted)
    chat.sends_location(*OWN)
    prompt = chat.last
    planted.waits(minutes=11)
    assert "已记到 XL-2026-" in chat.presses("看了这3株", prompt)
    assert [verdict for _, _, verdict in seen(planted)] == ["counted"] * 3


def test_the_trees_of_somebody_elses_draft_are_not_noted(planted: House) -> None:
    chat = agreed(planted)
    chat.sends_location(*OWN)
    other = agreed(planted, "万枕萱")
    other.sends_location(*OWN)
    chat.presses("看了这3株")
    chat.presses("提交")
    other.presses("提交")
    assert len(seen(planted)) == 3


def test_a_patrol_of_the_same_walk_does_not_count_and_its_trees_do(planted: House) -> None:
    chat = agreed(planted)
    for tap in ("国槐", "侧柏"):
        chat.sends_location(*OWN)
        chat.presses("选几株")
        chat.presses(tap)
        chat.presses("提交")
        later(planted, minutes=2)
    assert seen(planted) == [(SCHOLAR, "near", "counted"), (CYPRESS, "near", "within_5_min")]
    assert "巡查古树名木 2 株（2 株次）" in figures(planted)
