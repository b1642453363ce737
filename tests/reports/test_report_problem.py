"""What became of the problems in the reports (问题办理): both numbers of the rate, each record, the photos."""

import io
from pathlib import Path

import docx
from PIL import Image
from report_figures import full_figures, handled
from test_report_workbook import ledger, opened

from reports import render
from reports.text import summary_text

PHOTOS = sorted((Path(__file__).parents[2] / "demo" / "xicheng" / "photos").glob("*.jpg"))


def test_the_text_names_both_numbers_of_the_rate() -> None:
    said = summary_text(full_figures(), "zh_CN")
    assert "【问题办理】" in said
    assert "上报问题8件，办结6件，办结率75.0%（6÷8）" in said
    assert "办结用时中位数25 小时" in said
    assert "树木倒伏" in said


def test_figures_without_problems_say_so_and_older_ones_say_nothing() -> None:
    none = {**handled(), "reported": 0}
    assert "没有上报的问题" in summary_text(full_figures(problem_handling=none), "zh_CN")
    older = full_figures()
    del older["problem_handling"]
    assert "问题办理" not in summary_text(older, "zh_CN")


def test_the_document_has_the_section_with_its_tables() -> None:
    document = docx.Document(io.BytesIO(render("annual_document", full_figures(), "zh_CN").data))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "办结率75.0%（6÷8）" in text
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "树木倒伏" in cells


def test_the_workbook_lists_each_problem() -> None:
    sheet = opened(ledger())["问题"]
    row = next(sheet.iter_rows(min_row=2, values_only=True))
    assert row[0] == "WT-2023-000001"
    assert row[2:5] == ("树木倒伏", "紧急", "已销号")
    assert row[10:] == ("逾期", "=1")


def test_before_and_after_stand_side_by_side() -> None:
    figures = {"number": "WT-2026-000001", "before": [PHOTOS[0].read_bytes()], "after": []}
    made = render("problem_pair", figures, "zh_CN")
    picture = Image.open(io.BytesIO(made.data)).convert("RGB")
    assert (made.mime, picture.width) == ("image/png", 1080)
    left, right = (picture.crop((x, 190, x + 90, 230)).resize((1, 1)).getpixel((0, 0)) for x in (80, 600))
    assert right == (213, 219, 215), "an empty place is grey"
    assert left != right
