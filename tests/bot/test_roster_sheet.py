"""The clerk's sheet (花名册表格): every person and every trap of it found, every bomb refused before it unfolds."""

import csv
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from file_refusals import told
from openpyxl.worksheet.worksheet import Worksheet

from bot.files.limits import MAX_CELLS, MAX_SHEET_BYTES
from bot.files.roster_sheet import read_roster

ROSTER = Path(__file__).parents[2] / "demo" / "xicheng" / "roster"
ISSUES = json.loads((ROSTER / "roster_2023.issues.json").read_text("utf-8"))["issues"]
COLUMNS = {"姓名": "name", "林长级别": "title", "责任街道": "street", "责任社区/网格": "community", "手机号": "phone",
           "序号": "serial", "": ""}  # fmt: skip
OF_THE_SHEET = {
    "padded_two_character_name", "trailing_space", "variant_level", "full_width_digits", "spaces_in_phone",
    "hyphens_in_phone", "empty_row", "repeated_header", "note_row",
}  # fmt: skip
HEADER = ["序号", "姓  名", "职 务", "林长级别", "责任街道", "责任社区/网格", "手机号 ", "备注"]
WU = [1, "武惜楸", "街道工委书记", "街道级林长", "德胜街道", None, 15400002031, None]
PAN = [2, "潘枕桦", "街道办事处副主任", "街道级副林长", None, None, "15400006119", None]
SHEET = "xl/worksheets/sheet1.xml"
END = b"</sheetData>"


def first_sheet(book: openpyxl.Workbook) -> Worksheet:
    """The sheet a new workbook has."""
    return book.worksheets[0]


def written(folder: Path, *rows: Sequence[object], merged: str = "") -> Path:
    """A workbook of one sheet with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        first_sheet(book).append(list(row))
    if merged:
        first_sheet(book).merge_cells(merged)
    book.save(folder / "roster.xlsx")
    return folder / "roster.xlsx"


def altered(path: Path, old: bytes, new: bytes, part: str = SHEET) -> Path:
    """The same workbook with bytes of one part replaced."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def text_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A CSV file of this text."""
    (folder / "roster.csv").write_bytes(text.encode(encoding))
    return folder / "roster.csv"


def test_the_sheet_holds_the_people_of_truth_in_their_order() -> None:
    truth = list(csv.DictReader((ROSTER / "roster_2023.csv").read_text("utf-8").splitlines()))
    doubled = {i["chief_code"] for i in ISSUES if i["kind"] == "duplicate_phone"}
    rows = read_roster(ROSTER / "roster_2023.xlsx").rows
    assert len(rows) == len(truth) == 425
    for row, person in zip(rows, truth, strict=True):
        assert (row.name, row.level, row.title, row.office) == tuple(
            person[k] for k in ("name", "level", "title", "post")
        )
        assert row.phone == person["phone"] or person["code"] in doubled


def test_every_trap_of_the_sheet_itself_is_found_with_what_was_typed_and_what_it_became() -> None:
    findings = read_roster(ROSTER / "roster_2023.xlsx").findings
    found = sorted((f.row, f.column, f.kind, str(f.value), str(f.mended)) for f in findings)
    assert found == sorted(
        (i["row"], COLUMNS[i["column"]], i["kind"], str(i["value"]), str(i["truth"]))
        for i in ISSUES
        if i["kind"] in OF_THE_SHEET
    )


def test_the_csv_of_truth_is_read_without_a_finding() -> None:
    sheet = read_roster(ROSTER / "roster_2023.csv")
    assert (len(sheet.rows), sheet.findings) == (425, ())
    assert (sheet.rows[2].code, sheet.rows[2].streets) == ("110102-L03", ("西长安街街道", "金融街街道"))


def test_a_merged_street_holds_for_its_rows_and_no_further(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, WU, PAN, [3, "余杉", "", "街道级副林长"], merged="E2:E3")
    assert [row.streets for row in read_roster(path).rows] == [("德胜街道",), ("德胜街道",), ()]


def test_a_repeated_header_may_change_the_order_of_the_columns(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, WU, ["姓名", "手机号", "林长级别"], ["余杉", "15400000068", "街道级林长"])
    assert [(row.name, row.phone) for row in read_roster(path).rows] == [
        ("武惜楸", "15400002031"),
        ("余杉", "15400000068"),
    ]


def test_the_first_sheet_that_has_a_header_is_the_roster(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first_sheet(book).append(["填表说明"])
    for row in (["西城区花名册"], HEADER, WU):
        book.create_sheet("名单") if len(book.worksheets) == 1 else None
        book.worksheets[1].append(row)
    book.save(tmp_path / "roster.xlsx")
    assert [row.row for row in read_roster(tmp_path / "roster.xlsx").rows] == [3]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([2, "", "", "街道级林长", "德胜街道"], ("", "name_missing")),
        ([2, "余杉", "", "护林员", "德胜街道"], ("title", "level_unknown")),
        ([2, "余杉", "", "街道级林长", "德胜街道", "", "010-66001234"], ("phone", "phone_unknown")),
        (["（２）", "余杉", "", "街道级林长", "德胜街道"], ("serial", "full_width_digits")),
    ],
)
def test_what_is_not_understood_is_named_by_row_and_column(
    tmp_path: Path, row: list[object], found: tuple[str, str]
) -> None:
    sheet = read_roster(written(tmp_path, HEADER, WU, row))
    assert (3, *found) in [(f.row, f.column, f.kind) for f in sheet.findings]
    assert sheet.rows[0].name == "武惜楸"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_csv_is_read_as_the_office_machine_saves_it(tmp_path: Path, encoding: str) -> None:
    text = '姓名,林长级别,责任街道,备注\r\n武惜楸,街道级林长,德胜街道,"两行\r\n备注"\r\n'
    (row,) = read_roster(text_file(tmp_path, text, encoding)).rows
    assert (row.name, row.streets, row.remark) == ("武惜楸", ("德胜街道",), "两行 备注")


def test_a_workbook_with_the_name_of_a_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, WU).rename(tmp_path / "roster.csv")
    assert read_roster(path).rows[0].name == "武惜楸"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'ref="A1:H2"', b'ref="A1:XFD1048576"'),
        (END, END + b'<mergeCells><mergeCell ref="E2:E1048576"/></mergeCells>'),
        (END, END + b'<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'),
        (END, b'<row r="1048576"><c r="A1048576" s="0"/></row>' + END),
        (END, b'<row r="3"><c r="XFD3"><v>1</v></c></row>' + END),
        (END, b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>' + END),
    ],
)
def test_a_sheet_that_claims_to_be_endless_is_read_for_what_it_holds(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = altered(written(tmp_path, HEADER, WU), old, new)
    assert [row.name for row in read_roster(path).rows] == ["武惜楸"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (END, b'<row r="3">' + b"<c/>" * (MAX_CELLS + 1) + b"</row>" + END, "file.too_many_cells"),
        (
            END,
            b'<row r="100001"><c r="A100001"><v>1</v></c></row>' + END,
            "file.too_many_rows: roster.xlsx 超过 100000",
        ),
        (END, b" " * (200 * 1024 * 1024) + END, "file.too_large: 文件 roster.xlsx 太大（上限 200 MB）"),
        (b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><worksheet', "file.no_workbook"),
        (END, END + b"<mergeCells>" + b'<mergeCell ref="E1:E99"/>' * 201 + b"</mergeCells>", "file.no_workbook"),
        (b"</worksheet>", b"", "file.no_workbook"),
    ],
)
def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    assert told(read_roster, altered(written(tmp_path, HEADER, WU), old, new)).startswith(said)


def test_styles_that_are_too_large_are_refused(tmp_path: Path) -> None:
    path = altered(
        written(tmp_path, HEADER, WU), b"</styleSheet>", b" " * 9_000_000 + b"</styleSheet>", "xl/styles.xml"
    )
    assert told(read_roster, path).startswith("file.too_many_cells")


def test_a_workbook_whose_directory_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = altered(written(tmp_path, HEADER, WU), END, b" " * 5_000_000 + END)
    with zipfile.ZipFile(path) as packed:
        size = packed.getinfo(SHEET).file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert told(read_roster, path).startswith("file.no_workbook")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("roster.xlsx", b"", "file.empty"),
        ("roster.xlsx", "姓名,林长级别\n".encode(), "file.no_workbook"),
        ("roster.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.no_workbook"),
        ("roster.xlsx", b"PK\x03\x04 and nothing more", "file.no_workbook"),
        ("roster.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "file.no_text"),
        ("roster.csv", "序号,名字\n1,武惜楸\n".encode(), "file.no_header"),
        ("roster.csv", b"\n" * 100_001, "file.too_many_rows"),
        ("roster.csv", b"1" * 200_000, "file.bad_csv: roster.csv 第 1 行"),
        ("roster.xlsx", bytes(MAX_SHEET_BYTES + 1), "file.too_large: 文件 roster.xlsx 太大（上限 20 MB）"),
    ],
)
def test_a_file_that_is_no_roster_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert told(read_roster, tmp_path / name).startswith(said)
