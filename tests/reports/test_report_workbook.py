"""The workbook (年报 .xlsx): real dates and numbers, and what looks like a formula stays a text."""

import io
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import xlsxwriter
from report_figures import full_figures

from reports import workbook
from reports.annual_workbook import annual_workbook

AT = datetime(2023, 5, 9, 2, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))
TRAPS = ("=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(1)", "http://x", "123", "{=1}")


def ledger(**changes: Any) -> dict[str, Any]:
    record = {
        "number": "XL-2023-000001", "at": AT, "level": "street", "chief": "王秀兰", "street": "德胜街道", "grid": None,
        "verdict": "counted", "reason": None, "photos": 2, "problem": None, "note": "",
    }  # fmt: skip
    return {
        **full_figures(),
        "grids": [{"code": "1", "name": "双秀", "street": "德胜街道", "from": date(2022, 1, 1), "to": None, "n": 7}],
        "fulfilment": [{"street": "德胜街道", "level": "street", "owed": 8, "done": 6}],
        "records": iter([{**record, "note": trap} for trap in TRAPS]),
        "left_out": iter([{**record, "verdict": "not_counted", "reason": "no_photo"}]),
        "problem_records": [
            {
                "number": "WT-2023-000001",
                "at": AT,
                "type": "fallen_tree",
                "severity": "urgent",
                "state": "closed",
                "chief": "王秀兰",
                "street": "德胜街道",
                "grid": None,
                "due": AT,
                "closed": None,
                "late": True,
                "note": "=1",
            }
        ],
        "held": [{"on": date(2023, 3, 20), "title": "=调度会", "place": None, "attendees": 20, "note": None}],
        **changes,
    }


def opened(figures: dict[str, Any], language: str = "zh_CN") -> Any:
    return openpyxl.load_workbook(io.BytesIO(annual_workbook(figures, language)))


def formulas(book: Any) -> list[object]:
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_what_looks_like_a_formula_a_link_or_a_number_stays_a_text() -> None:
    book = opened(ledger())
    assert formulas(book) == []
    notes = [row[10] for row in book["明细"].iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in notes] == [(trap, "s", None) for trap in TRAPS]


def test_control_the_writers_own_way_makes_formulas_of_them() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet().write(0, 0, TRAPS[0])
    book.close()
    assert formulas(openpyxl.load_workbook(stream)) == ["=1+1"]


def test_dates_are_dates_in_local_time_and_numbers_are_numbers() -> None:
    book = opened(ledger())
    record = next(book["明细"].iter_rows(min_row=2, values_only=True))
    assert record[1].isoformat() == "2023-05-09T10:30:00"
    assert record[8] == 2
    grid = next(book["网格"].iter_rows(min_row=2, values_only=True))
    assert (grid[3], grid[4].date()) == (7, date(2022, 1, 1))
    assert [cell.value for cell in book["任务完成"][2]] == ["德胜街道", "街道级", 8, 6, 0.75]
    assert book["任务完成"]["E2"].number_format == "0.0%"


def test_every_sheet_keeps_its_head_in_sight_on_the_screen_and_on_paper() -> None:
    for sheet in opened(ledger()):
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.print_area.endswith(f"${sheet.max_row}")
        assert sheet.auto_filter.ref


def test_a_list_that_no_sheet_can_hold_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    book = opened(ledger())
    rows = [len(list(book[name].iter_rows(min_row=2))) for name in ("明细", "明细2", "明细3")]
    assert rows == [3, 3, 2]


def test_a_list_of_just_so_many_rows_has_no_empty_sheet_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", len(TRAPS))
    assert "明细2" not in opened(ledger(), "zh_CN").sheetnames


def test_it_is_written_in_english_too() -> None:
    assert opened(ledger(), "en").sheetnames[0] == "Overview"
