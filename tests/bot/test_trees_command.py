"""`xunlin trees` (古树命令), and that every place that counts old trees says the same (古树数字一致)."""

import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from chat_driver import DISTRICT, OWN, House, small_house
from command import xunlin_bytes
from docx import Document
from map_house import browser, code_for, serving
from some_trees import FAR, ROWS, SCHOLAR, plant, table

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng."""
    with small_house(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def run(house: House) -> Run:
    """The program on the database of the house."""
    ours = {
        "XUNLIN_DATABASE_URL": house.settings.database_url, "XUNLIN_DATA_DIR": str(house.settings.data_dir),
        "XUNLIN_LANGUAGE": "zh_CN", "XUNLIN_TIMEZONE": "Asia/Shanghai",
    }  # fmt: skip

    def run(*words: object) -> "subprocess.CompletedProcess[bytes]":
        return xunlin_bytes(ours, *words)

    return run


def test_trees_are_imported_exported_and_closed(run: Run, tmp_path: Path) -> None:
    file, fewer = tmp_path / "trees.csv", tmp_path / "fewer.csv"
    file.write_text(table(), "utf-8")
    fewer.write_text(table((*ROWS[:2], ("", *ROWS[2][1:]))), "utf-8")
    assert "试运行，未写入。将新增 4 株" in run("trees", "import", file, "--dry-run").stdout.decode()
    assert "新增 4 株" in run("trees", "import", file).stdout.decode()
    assert "新增 0 株，变更 0 株，移出 0 株，恢复 0 株，不变 4 株" in run("trees", "import", file).stdout.decode()
    said = run("trees", "import", fewer, "--complete").stdout.decode()
    assert "第 4 行：没有古树编号，未导入" in said
    assert "有 1 行没有看懂，文件里没有的 2 株没有移出" in said
    fewer.write_text(table(ROWS[:2]), "utf-8")
    assert "加 --complete 移出" in run("trees", "import", fewer).stdout.decode()
    assert "移出 2 株" in run("trees", "import", fewer, "--complete").stdout.decode()
    kept = run("trees", "export", "--format", "geojson").stdout
    statuses = {one["id"]: one["properties"]["status"] for one in json.loads(kept)["features"]}
    assert (statuses[SCHOLAR], statuses[FAR]) == ("在册", "移出")


def test_a_rule_holds_from_its_day_on(house: House, run: Run, tmp_path: Path) -> None:
    plant(house, tmp_path)
    assert run("trees", "rule", "--near", "30", "--unseen", "30", "--from", "2026-11-25").returncode == 2
    done = run("trees", "rule", "--near", "30", "--unseen", "30", "--valid-from", "2026-11-25")
    assert done.stdout.decode() == "从 2026-11-25 起：附近 30 米（最多 12 株），30 天没看算未巡。\n"
    chat = house.talk_as("胡晓兰")
    chat.sends_location(*OWN)
    assert "附近古树 3 株" in chat.presses("同意")
    chat.sends("取消")
    house.waits(days=1)
    assert "附近古树 2 株" in chat.sends_location(*OWN)
    assert "附近要在 1 到 1000 米" in run("trees", "rule", "--near", "0", "--unseen", "30").stderr.decode()


def test_chat_text_json_document_workbook_and_map_say_the_same(house: House, run: Run, tmp_path: Path) -> None:
    plant(house, tmp_path)
    chat = house.talk_as("胡晓兰")
    for n in range(3):
        chat.sends_location(*OWN)
        if not n:
            chat.presses("同意")
        chat.presses("看了这3株")
        chat.presses("提交")
        house.waits(hours=2)
    chat.sends("撤回")
    chat.presses("确认撤回")
    sentence = "巡查古树名木3株（6株次），现有在册4株"
    office = house.talk_as(f"office {DISTRICT}")
    assert "巡查古树名木 3 株（6 株次），在册 4 株" in office.sends("统计 古树 2026年")
    assert sentence in run("summary", "--year", "2026").stdout.decode()
    found = json.loads(run("summary", "--year", "2026", "--format", "json").stdout)["trees"]
    assert (found["seen"], found["times"], found["listed"]) == (3, 6, 4)
    assert found["by_grade"]["first"] == {"listed": 2, "seen": 2, "times": 4}
    assert found["by_month"]["2026-11"] == {"seen": 3, "times": 6}
    paper = Document(io.BytesIO(run("summary", "--year", "2026", "--format", "docx").stdout))
    assert any(sentence in paragraph.text for paragraph in paper.paragraphs)
    book = openpyxl.load_workbook(io.BytesIO(run("summary", "--year", "2026", "--format", "xlsx").stdout))
    facts = {row[0].value: row[1].value for row in book["汇总"].iter_rows()}
    names = ("在册古树（株）", "巡查古树（株）", "巡查古树（株次）")
    assert tuple(facts[name] for name in names) == (4, 3, 6)
    listed = [[cell.value for cell in row] for row in book["古树"].iter_rows(min_row=2)]
    assert sum(row[5] for row in listed) == 6
    assert sum(row[5] > 0 for row in listed) == 3
    with serving(house) as address, browser(address, code_for(house, f"office-{DISTRICT}")) as client:
        places = client.get("/map/data/places", params={"area": DISTRICT}).json()["places"]
    assert sum(one["last_on"] is not None for one in places) == 3
    assert len(places) == 4


def test_a_house_without_trees_prints_nothing_of_them(run: Run) -> None:
    """The control: the text of the summary is what it was."""
    assert "古树" not in run("summary", "--year", "2026").stdout.decode()
    assert re.search(rb'"listed": 0', run("summary", "--year", "2026", "--format", "json").stdout)
