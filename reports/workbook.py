"""A workbook in the making (工作簿): one sheet after the other, row by row, with real dates and numbers."""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

MOST_ROWS = 1_000_000
"""Excel holds 1,048,576 rows a sheet: a longer list goes on in another sheet."""
Cell = str | int | float | date | datetime | None


class Workbook:
    """Sheets with a frozen head, a filter and a print area; a text is written as a text, whatever it looks like."""

    def __init__(self) -> None:
        import xlsxwriter

        self._stream = io.BytesIO()
        options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
        self._book: Any = xlsxwriter.Workbook(self._stream, options)
        self._book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - no date of making in the file
        add = self._book.add_format
        self._head = add({"bold": True, "border": 1, "bg_color": "#E2EFDA", "text_wrap": True, "valign": "vcenter"})
        self._formats = {
            datetime: add({"num_format": "yyyy-mm-dd hh:mm"}), date: add({"num_format": "yyyy-mm-dd"}),
            float: add({"num_format": "0.0%"}), int: add({"num_format": "#,##0"}),
            str: add({"num_format": "@", "text_wrap": True, "valign": "top"}),
        }  # fmt: skip

    def sheet(self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> None:
        """A sheet of columns (name, width in characters); a float is a rate and shown in percent."""
        for part, some in enumerate(_parts(iter(rows)), 1):
            self._part(name if part == 1 else f"{name}{part}", columns, some)

    def bytes(self) -> bytes:
        """The workbook as an .xlsx file."""
        self._book.close()
        return self._stream.getvalue()

    def _part(self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        for place, (title, wide) in enumerate(columns):
            sheet.set_column(place, place, wide)
            sheet.write_string(0, place, title, self._head)
        n = 0
        for n, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                self._write(sheet, n, place, cell)
        sheet.autofilter(0, 0, max(n, 1), len(columns) - 1)
        sheet.print_area(0, 0, max(n, 1), len(columns) - 1)

    def _write(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        if cell is None:
            return
        kind = type(cell)
        form = self._formats[kind]
        if kind is str:
            sheet.write_string(row, column, cell, form)
        elif kind is datetime:
            sheet.write_datetime(row, column, cell.replace(tzinfo=None), form)  # type: ignore[union-attr, call-arg]
        elif kind is date:
            sheet.write_datetime(row, column, cell, form)
        else:
            sheet.write_number(row, column, cell, form)


def _parts(rows: Iterator[Sequence[Cell]]) -> Iterator[Iterable[Sequence[Cell]]]:
    """The rows in parts that a sheet can hold; one part, even of no rows."""
    first: list[Sequence[Cell]] = []
    while True:
        yield chain(first, islice(rows, MOST_ROWS - len(first)))
        first = list(islice(rows, 1))
        if not first:
            return
