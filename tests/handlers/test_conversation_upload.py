"""网格、花名册 (grids, roster) by a file in the chat: first what would change, then the tap, and nothing before it."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from chat_driver import DESHENG, DISTRICT, Chat, House
from sqlalchemy import func, select

from bot.demo import DATA
from bot.uploads import Uploads
from models.chief import Chief, Post
from models.engine import transaction
from models.grid import GridVersion
from models.upload import Upload
from reports.grid_layer import grid_layer

CHIEFS = {"110102-L07", "110102010-L1", "110102001-L1", "110102010002-L1", "110102010005-L1", "110102010019-L1"}
"""The codes of the small Xicheng's roster."""


@pytest.fixture
def office(house: House) -> Chat:
    """The office of the district."""
    return house.talk_as(f"office {DISTRICT}")


def roster(*changes: Callable[[dict[str, str]], None]) -> bytes:
    """The roster of the house as a sheet, with changes."""
    with (DATA / "roster" / "roster_2023.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] in CHIEFS]
    for row in rows:
        for change in changes:
            change(row)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in ([*rows[0]], *([*row.values()] for row in rows if row["name"])):
        sheet.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def renamed(row: dict[str, str]) -> None:
    if row["name"] == "胡晓兰":
        row["phone"] = "13900001111"


def left(row: dict[str, str]) -> None:
    if row["name"] == "顾梓":
        row["name"] = ""


def joined(row: dict[str, str]) -> None:
    if row["name"] == "万枕萱":
        row.update(name="新来者", code="", phone="13900002222")


def grids(*streets: str, move: float = 0.0) -> bytes:
    drawn = json.loads((DATA / "geo" / "grids_2024.geojson").read_text("utf-8"))
    drawn["features"] = [one for one in drawn["features"] if one["properties"]["street_code"] in streets]
    if move:
        one = drawn["features"][-1]
        one["geometry"]["coordinates"] = json.loads(json.dumps(one["geometry"]["coordinates"]))
        one["properties"]["name"] += "（新）"
        drawn["features"].append({**one, "properties": {**one["properties"], "code": f"{streets[0]}999001"}})
        del drawn["features"][-3]
    return json.dumps(drawn, ensure_ascii=False).encode()


def standing(house: House) -> tuple[Any, ...]:
    """All that an import could change."""
    versions = select(func.count(), func.max(GridVersion.id), func.count(GridVersion.valid_to))
    posts = select(func.count(), func.count(Post.valid_to))
    with house.reading() as session:
        phones = sorted((one.code, one.phone or "") for one in session.scalars(select(Chief)))
        return (*session.execute(versions).one(), *session.execute(posts).one(), phones)


def test_the_roster_is_shown_first_and_changes_with_the_tap_alone(house: House, office: Chat) -> None:
    before = standing(house)
    assert "请把花名册发来" in office.sends("花名册")
    said = office.sends_file("花名册.xlsx", data=roster(renamed, joined))
    assert "正在读 花名册.xlsx" in said
    house.reads_uploads()
    said = office.hears()
    assert "林长将新增 1、变更 1、停用 1，不变 4，确认？" in said
    assert "～ 变更 110102010002-L1 胡晓兰" in said
    assert standing(house) == before
    office.presses("确认导入")
    assert standing(house) == before
    house.reads_uploads()
    said = office.hears()
    assert "✅ 已导入 花名册.xlsx：林长新增 1、变更 1、停用 1" in said
    assert "恢复导入前的备份" in said
    assert "13900001111" in house.rows(select(Chief.phone).where(Chief.name == "胡晓兰"))
    assert "已经处理过了" in office.presses("确认导入")
    assert "一致，不用导入" in sent_again(house, office, roster(renamed, joined))


def sent_again(house: House, office: Chat, data: bytes) -> str:
    office.sends_file("花名册.xlsx", text="花名册", data=data)
    house.reads_uploads()
    return office.hears()


def test_what_is_left_is_left(house: House, office: Chat) -> None:
    before = standing(house)
    office.sends("花名册 2027-01-01")
    office.sends_file("a.xlsx", data=roster(left))
    house.reads_uploads()
    assert "a.xlsx（从 2027-01-01 起）" in office.last.text
    assert "什么都没有改动" in office.presses("不导入")
    assert "已经处理过了" in office.presses("确认导入")
    house.reads_uploads()
    assert standing(house) == before


def test_grids_with_the_command_as_caption_or_with_a_button_under_the_question(house: House, office: Chat) -> None:
    before = standing(house)
    data = grids(DESHENG, move=0.001)
    office.sends_file("网格.geojson", text="网格 2026-12-01", data=data)
    house.reads_uploads()
    assert "网格.geojson（从 2026-12-01 起）：网格将新增 1、变更 1、停用 1" in office.last.text
    asked = office.sends_file("同一份.zip", data=grid_layer("shp", json.loads(data)["features"]))
    assert "收到 同一份.zip。要导入吗" in asked
    assert office.last.buttons == ("作为网格", "不导入")
    office.presses("作为网格")
    house.reads_uploads()
    assert "同一份.zip（从 2026-11-24 起）" in office.last.text
    assert standing(house) == before
    office.presses("确认导入")
    house.reads_uploads()
    assert "✅ 已导入 同一份.zip：网格新增 1、变更 1、停用 1" in office.last.text
    new = house.rows(select(GridVersion).where(GridVersion.code == f"{DESHENG}999001"))
    assert [(one.valid_from, one.valid_to) for one in new] == [(date(2026, 11, 24), None)]


def test_what_changed_between_the_summary_and_the_tap_is_shown_anew(house: House, office: Chat) -> None:
    office.sends_file("a.xlsx", text="花名册", data=roster(renamed))
    house.reads_uploads()
    with transaction(house.engine) as session:
        session.scalars(select(Chief).where(Chief.name == "万枕萱")).one().phone = "13900003333"
    office.presses("确认导入")
    house.reads_uploads()
    said = office.hears()
    assert "确认之后库里有变化" in said
    assert "变更 2" in said
    assert house.rows(select(Chief.phone).where(Chief.name == "万枕萱")) == ["13900003333"]
    office.presses("确认导入")
    house.reads_uploads()
    assert "✅ 已导入" in office.hears()


BAD = {
    "a text named .xlsx": ("花名册", "a.xlsx", b"hello", "不是能打开的 Excel 表格"),
    "a sheet without a header": ("花名册", "a.csv", "甲,乙\n1,2\n".encode(), "没有找到表头"),
    "nothing": ("花名册", "a.xlsx", b"", "是空的"),
    "no map": ("网格", "a.geojson", b"{", "第 1 行不是有效的 JSON"),
    "a damaged archive": ("网格", "a.zip", b"PK\x03\x04noise", "压缩包 a.zip 打不开"),
    "a grid of another district": (
        "网格", "a.geojson", grids(DESHENG).replace(b"110102010", b"110101010"), "不在本区",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("word", "name", "data", "why"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_answered_in_one_sentence_and_changes_nothing(
    house: House, office: Chat, word: str, name: str, data: bytes, why: str
) -> None:
    before = standing(house)
    office.sends_file(name, text=word, data=data)
    house.reads_uploads()
    said = office.hears()
    assert "没有导入，什么都没有改动" in said
    assert why in said
    assert office.last.buttons == ()
    assert standing(house) == before
    assert house.rows(select(Upload.state)) == ["refused"]


def test_rows_that_are_not_understood_are_named_by_their_number(house: House, office: Chat) -> None:
    def unknown(row: dict[str, str]) -> None:
        if row["name"] == "胡晓兰":
            row["community_name"] = "没有的社区"

    office.sends_file("a.xlsx", text="花名册", data=roster(unknown, renamed))
    house.reads_uploads()
    row = next(line for line in office.hears().splitlines() if "没有的社区" in line)
    assert row.startswith("第 ")


def test_a_code_that_another_person_has_leaves_the_row_out(house: House, office: Chat) -> None:
    def same_code(row: dict[str, str]) -> None:
        if row["name"] == "万枕萱":
            row["name"] = "新来者"
        if row["name"] in {"新来者", "胡晓兰"}:
            row["code"] = "110102010002-L1"

    office.sends_file("a.xlsx", text="花名册", data=roster(same_code))
    house.reads_uploads()
    said = office.hears()
    assert "编码已属于另一位林长" in said
    assert "确认？" in said


def test_chiefs_and_the_offices_of_streets_import_nothing(house: House, chat: Chat) -> None:
    street = house.talk_as(f"office {DESHENG}")
    for one in (chat, street):
        assert "由区林长办导入" in one.sends("花名册")
        assert "由区林长办导入" in one.sends_file("a.xlsx", text="网格", data=grids(DESHENG))
    assert "由区林长办导入" in street.sends_file("a.xlsx", data=b"x")
    assert "现在用不上" in chat.sends_file("a.xlsx", data=b"x")
    assert house.rows(select(Upload.id)) == []


def test_another_office_cannot_press_the_button_of_an_import(house: House, office: Chat) -> None:
    office.sends_file("a.xlsx", text="花名册", data=roster(renamed))
    house.reads_uploads()
    shown = office.last
    other = house.talk_as(f"office {DESHENG}")
    assert "按钮已经失效" in other.presses("确认导入", shown)


def test_words_end_the_wait_and_a_note_that_begins_with_the_word_is_no_command(
    house: House, office: Chat, chat: Chat
) -> None:
    office.sends("网格")
    assert "不导入了" in office.sends("取消")
    assert "要导入吗" in office.sends_file("a.kml", data=b"<kml/>")
    assert "看不出是什么" in office.sends_file("a.pdf", data=b"%PDF")
    assert "不是日期" in office.sends("网格 2024年的")
    assert "导入" not in chat.sends("网格 里有垃圾")
    assert "记为巡林" in "".join(chat.last.buttons)


def test_a_file_that_breaks_its_reader_is_refused_once(
    house: House, office: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(path: Path) -> None:
        raise MemoryError

    monkeypatch.setattr("bot.uploads.read_roster", breaks)
    office.sends_file("a.xlsx", text="花名册", data=b"x")
    house.reads_uploads()
    assert "读不了" in office.hears()
    house.now += timedelta(minutes=1)
    house.reads_uploads()
    assert office.hears() == ""


def test_control_an_import_without_the_dry_run_would_change_before_the_tap(
    house: House, office: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing(house)
    monkeypatch.setattr(Uploads, "_reply", _at_once)
    office.sends_file("a.xlsx", text="花名册", data=roster(renamed))
    house.reads_uploads()
    assert standing(house) != before


def _at_once(self: Uploads, session: Any, row: Upload, content: Any, language: str, now: Any) -> Any:
    from bot.uploads import _import
    from models.message import Reply

    _import(session, row, content, language, now.date())
    row.state = "done"
    return Reply("done")
