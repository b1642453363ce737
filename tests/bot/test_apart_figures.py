"""What is counted apart from patrols (另计): orders and tasks of meetings, the same in every form of the summary."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from chat_driver import DESHENG, DISTRICT, House, small_house
from command import xunlin_bytes
from docx import Document

SENTENCES = ("发布林长令2件，发给10人次，已签收1人次。", "调度会布置任务2项，已完成1项，逾期0项。")


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng."""
    with small_house(request.param, tmp_path) as made:
        yield made


def summary(house: House, *words: str) -> bytes:
    ours = {
        "XUNLIN_DATABASE_URL": house.settings.database_url, "XUNLIN_DATA_DIR": str(house.settings.data_dir),
        "XUNLIN_LANGUAGE": "zh_CN", "XUNLIN_TIMEZONE": "Asia/Shanghai",
    }  # fmt: skip
    done = xunlin_bytes(ours, "summary", *words)
    done.check_returncode()
    return done.stdout


def a_year(house: House) -> None:
    """A meeting with two tasks, three orders of which one is withdrawn, one receipt."""
    chief = house.talk_as("胡晓兰")
    office, street = house.talk_as(f"office {DISTRICT}"), house.talk_as(f"office {DESHENG}")
    office.sends("调度会 三季度调度会")
    office.presses("登记")
    for task in ("万守梓 2026-12-10 巡查古树", "整理台账"):
        office.presses("补充会议记录")
        office.presses("加任务")
        office.sends(task)
    office.sends("调度会 任务")
    office.presses("1 已完成")
    for chat in (office, street, office):
        chat.sends("林长令 关于防火的令")
        chat.presses("确认发布")
    office.presses("撤回")
    letters = [one for one in chief.replies() if one.buttons]
    chief.presses("已收到", letters[0])


def test_every_form_says_the_same_and_patrols_and_meetings_are_what_they_were(house: House) -> None:
    a_year(house)
    found = json.loads(summary(house, "--year", "2026", "--format", "json"))
    assert (found["meetings"], found["counted"]["total"]) == (1, 0)
    assert found["orders"] == {"issued": 2, "to": 10, "received": 1}
    assert found["meeting_tasks"] == {"set": 2, "done": 1, "overdue": 0}
    text = summary(house, "--year", "2026").decode()
    paper = Document(io.BytesIO(summary(house, "--year", "2026", "--format", "docx")))
    said = [paragraph.text for paragraph in paper.paragraphs]
    for sentence in SENTENCES:
        assert sentence in text
        assert sentence in said
    book = openpyxl.load_workbook(io.BytesIO(summary(house, "--year", "2026", "--format", "xlsx")))
    facts = {row[0].value: row[1].value for row in book["汇总"].iter_rows()}
    assert (facts["发布林长令（件）"], facts["林长令签收（人次）"], facts["会议任务已完成（项）"]) == (2, 1, 1)
    orders = [[cell.value for cell in row] for row in book["林长令"].iter_rows(min_row=2)]
    assert [(row[2], row[4], row[5], row[6]) for row in orders][:1] == [("林长令2026年第1号", 6, 1, None)]
    assert sum(row[4] for row in orders if row[6] is None) == 10
    assert len(list(book["会议任务"].iter_rows(min_row=2))) == 2


def test_a_street_has_its_own_orders_and_no_meetings(house: House) -> None:
    a_year(house)
    found = json.loads(summary(house, "--year", "2026", "--street", DESHENG, "--format", "json"))
    assert (found["orders"]["issued"], found["meeting_tasks"]["set"], found["meetings"]) == (1, 0, None)


def test_control_a_house_without_any_prints_nothing_of_them(house: House) -> None:
    assert "林长令" not in summary(house, "--year", "2026").decode()
