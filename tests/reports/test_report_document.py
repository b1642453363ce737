"""The annual report in Word (年报 .docx): what stands in it are the figures, and it looks as an office writes."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from report_figures import full_figures, row

from locales import LANGUAGES
from reports import reading, render
from reports.annual_document import annual_document
from reports.official import PLACE
from rules.number import in_characters


def opened(figures: dict[str, Any], language: str = "zh_CN", template: Path | None = None) -> Any:
    return Document(io.BytesIO(annual_document(figures, language, template)))


def said(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def cells(document: Any) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def test_it_says_the_sentence_and_numbers_its_headings_in_characters() -> None:
    document = opened(full_figures())
    text = said(document)
    assert "全年区级林长巡林88次，召开调度会7次；街道级林长巡林553次；社区级林长巡林1.44万次。" in text
    styled = {style: [p.text for p in document.paragraphs if p.style.name == style] for style in ("Heading 1", "Title")}
    assert styled["Title"] == ["西城区2023年林长巡林工作情况"]
    assert styled["Heading 1"] == [
        "一、总体情况", "二、情况分析", "三、统计表", "四、统计图", "五、问题办理", "六、统计口径",
    ]  # fmt: skip
    assert "（二）时间分布" in text
    assert "1.每位林长登记或确认" in text


def test_its_tables_hold_the_figures() -> None:
    figures = full_figures()
    levels, streets, months, kinds, found_in, rest, load, minutes = cells(opened(figures))
    assert [row[1] for row in levels[1:]] == ["88", "553", "14,400", "15,041", "7"]
    for table, kept in ((streets[1:-1], figures["by_street"]), (months[1:-1], figures["by_month"])):
        numbers = [[int(cell.replace(",", "")) for cell in row[1:5]] for row in table]
        assert numbers == [[one[k] for k in ("district", "street", "community", "total")] for one in kept.values()]
    assert [row[5] for row in months[1:]] == [*(str(n) for n in figures["meetings_by_month"].values()), "7"]
    handled = figures["problem_handling"]
    for table in (kinds, found_in):
        assert table[-1] == ["合计", *(str(handled[name]) for name in ("reported", "closed", "open", "overdue"))]
    assert {row[0]: row[1] for row in rest[1:]}["没有照片"] == "39"
    assert load[1] == ["2023年1月", "1", "2", "3", "4", "5", "6"]
    assert load[-1] == ["合计", "12", "24", "36", "48", "60", "72"]
    assert (minutes[1], minutes[-1]) == (["2023年1月", "7", "8", "9", "24"], ["合计", "84", "96", "108", "288"])


def test_it_tells_how_to_get_the_same_figures_again() -> None:
    assert "xunlin summary --year 2023 --format json" in said(opened(full_figures()))
    street = full_figures(year=None, meetings=None, meetings_by_month=None)
    assert "--from 2023-01-01 --to 2023-12-31 --street 110102" in said(opened(street))
    assert "统计时间：2024年1月2日 09:00（Asia/Shanghai）" in said(opened(full_figures()))


def test_fonts_are_named_for_chinese_and_no_theme_takes_their_place() -> None:
    document = opened(full_figures())
    for style, font in (
        ("Title", "方正小标宋简体"),
        ("Normal", "仿宋_GB2312"),
        ("Heading 1", "黑体"),
        ("Heading 2", "楷体_GB2312"),
    ):
        assert document.styles[style].element.rPr.rFonts.get(qn("w:eastAsia")) == font
    files = zipfile.ZipFile(io.BytesIO(annual_document(full_figures(), "zh_CN")))
    assert b"Theme=" not in files.read("word/styles.xml")
    fonts = files.read("word/fontTable.xml").decode()
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋,FangSong' in fonts


def test_control_the_writers_own_template_has_theme_fonts() -> None:
    stream = io.BytesIO()
    Document().save(stream)
    assert b"Theme=" in zipfile.ZipFile(stream).read("word/styles.xml")


def test_size_lines_and_margins_are_those_of_the_standard() -> None:
    document = opened(full_figures())
    section, normal = document.sections[0], document.styles["Normal"]
    lengths = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(length.mm) for length in lengths] == [210, 297, 37, 28]
    assert (normal.font.size.pt, normal.paragraph_format.line_spacing.pt) == (16, 28)
    assert normal.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    feet = (section.footer, section.even_page_footer)
    assert ["PAGE" in foot._element.xml for foot in feet] == [True, True]


def test_every_picture_has_words_for_those_who_do_not_see_it() -> None:
    document = opened(full_figures())
    drawn = document.element.body.iter(qn("wp:docPr"))
    assert [one.get("descr") for one in drawn] == ["西城区2023年林长巡林统计"] * 3


def test_an_offices_own_template_keeps_its_head_and_takes_the_report_where_it_says(tmp_path: Path) -> None:
    own = Document()
    own.add_paragraph("西城区林长制办公室文件")
    own.add_paragraph(PLACE)
    own.add_paragraph("抄送：各街道")
    own.styles["Normal"].font.name = "自有字体"
    own.save(str(tmp_path / "own.docx"))
    text = said(document := opened(full_figures(), template=tmp_path / "own.docx"))
    assert text.startswith("西城区林长制办公室文件\n西城区2023年林长巡林工作情况\n")
    assert text.endswith("抄送：各街道")
    assert PLACE not in text
    assert document.styles["Normal"].font.name == "自有字体"
    assert len(document.tables) == 8


def test_a_template_without_a_place_or_styles_is_written_behind_what_it_holds(tmp_path: Path) -> None:
    own = Document()
    own.add_paragraph("红头")
    for style in ("Title", "Caption", "Table Grid"):
        own.styles[style].delete()
    own.save(str(tmp_path / "own.docx"))
    text = said(opened(full_figures(), template=tmp_path / "own.docx"))
    assert text.startswith("红头\n西城区2023年林长巡林工作情况")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_registry_gives_it_a_name_and_its_kind(language: str) -> None:
    rendered = render("annual_document", full_figures(), language)
    assert rendered.filename.endswith(".docx")
    assert "wordprocessingml" in rendered.mime


def test_a_year_before_with_records_is_compared_level_by_level() -> None:
    before = {"from": "2022-01-01", "to": "2022-12-31", "counted": row(80, 600, 14400)}
    assert reading.change(full_figures(before=before), "zh_CN") == (
        "上年同期（2022年1月1日至12月31日）共巡林15,080次，本期15,041次。其中，区级88次，增加8次（10.0%）；"
        "街道级553次，减少47次（7.8%）；社区级14,400次，与上年同期持平（增减0次）。"
    )


def test_a_year_before_in_which_the_records_only_began_is_not_compared() -> None:
    before = {"from": "2022-01-01", "to": "2022-12-31", "counted": row(0, 0, 3)}
    assert "仅有3次记录，不作比较" in reading.change(full_figures(before=before), "zh_CN")


def test_the_months_and_problems_are_read_from_the_figures() -> None:
    assert reading.months(full_figures(), "zh_CN") == "各月平均1,072次。12月最多，为1,132次；1月最少，为1,011次。"
    assert reading.problems(full_figures(problems={"折枝": 4, "树木倒伏": 2, "砸车": 1, "火灾隐患": 3}), "zh_CN") == (
        "计入的巡林中有10次记录了问题，占0.1%，较多的是折枝（4次）、火灾隐患（3次）、树木倒伏（2次）。"
    )
    assert reading.problems(full_figures(problems={}), "zh_CN") == "计入的巡林中没有记录问题。"


@pytest.mark.parametrize(
    ("n", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九")]
)
def test_headings_are_counted_in_characters(n: int, text: str) -> None:
    assert in_characters(n, "一二三四五六七八九十") == text


@given(st.integers().filter(lambda n: not 1 <= n <= 99))
def test_no_heading_has_another_number(n: int) -> None:
    with pytest.raises(ValueError, match="numbered in no heading"):
        in_characters(n, "一二三四五六七八九十")


LOOKING = ("soffice", "pdftoppm")


@pytest.mark.skipif(not all(map(shutil.which, LOOKING)), reason=f"not on this machine, to look at a page: {LOOKING}")
def test_libreoffice_opens_it_and_shows_pages_that_are_not_empty(tmp_path: Path) -> None:
    file = tmp_path / "report.docx"
    file.write_bytes(annual_document(full_figures(), "zh_CN"))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    to_pdf = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(to_pdf, check=True, capture_output=True)
    subprocess.run(["pdftoppm", "-r", "40", "-png", str(tmp_path / "report.pdf"), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) >= 6
    assert min(map(dark, pages)) > 100


def dark(page: Path) -> int:
    """How many pixels are written on."""
    with Image.open(page) as image:
        return sum(n for n, shade in image.convert("L").getcolors(1 << 16) or [] if int(str(shade)) < 128)
