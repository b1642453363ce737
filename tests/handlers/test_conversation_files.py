"""Files under the annual summary (年报的文件): Word and Excel, with the figures of the answer."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OWN, Chat, House
from docx import Document


@pytest.fixture
def busy(house: House, chat: Chat) -> House:
    """Patrols that count and one that does not, a month apart."""
    for place, later in ((OWN, 31), (OWN, 1), (NEIGHBOURS, 1)):
        chat.sends_location(*place)
        chat.presses("提交")
        house.now += timedelta(days=later)
    return house


def file_of(house: House, chat: Chat) -> bytes:
    """The bytes of the latest document."""
    document: dict[str, Any] = chat.last.body["documents"][0]
    found = next(Path(house.settings.data_dir).glob(f"**/{document['url'].rpartition('/')[2]}"))
    return found.read_bytes()


def test_the_word_button_gives_a_document_that_says_the_same(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    sentence = office.sends("年报 2026").splitlines()[0]
    office.presses("Word 年报")
    document = Document(io.BytesIO(file_of(busy, office)))
    assert sentence in [paragraph.text for paragraph in document.paragraphs]
    assert office.last.body["documents"][0]["name"].endswith(".docx")


def test_the_excel_button_gives_every_record(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("年报 2026")
    total = sum(int(row[-1]) for row in office.last.rows)
    office.presses("Excel 台账")
    book = openpyxl.load_workbook(io.BytesIO(file_of(busy, office)))
    verdicts = [row[6] for row in book["明细"].iter_rows(min_row=2, values_only=True)]
    assert verdicts.count("计入") == total == 2
    assert [row[6] for row in book["不计入"].iter_rows(min_row=2, values_only=True)] == ["远离责任区"]


def test_a_chief_and_another_street_get_no_document(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("年报 2026")
    other = busy.talk_as(f"office {DESHENG}")
    other.sends("年报 2026")
    shown = office.last
    assert "按钮已经失效" in other.presses("Word 年报", shown)
    assert "documents" not in {name for name, value in other.last.body.items() if value}
