"""The sheets of an Excel workbook (工作簿) as plain cells, merged ones filled; bombs are refused before they unfold."""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

from bot.files.limits import MAX_CELLS, MAX_COLUMNS, MAX_SHEET_BYTES, check_rows, check_size, check_unpacked
from rules.naming import tidy
from services.refused import Refused

Cells = list[list[Any]]

_LAST_ROW = 1_048_576
_CHUNK = 1024 * 1024
_MAX_OTHER_PART = 8 * _CHUNK
_LONG_PARTS = re.compile(r"xl/(worksheets/|sharedStrings\.xml|media/)")
_HEAVY = re.compile(rb"<(?:\w+:)?(?:c|si|mergeCell)[\s/>]")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]+\d+:[A-Z]+\d+)["']""")


def is_workbook(path: Path) -> bool:
    """Whether a file is packed as workbooks are, whatever its name says."""
    check_size(path, MAX_SHEET_BYTES)
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def read_workbook(path: Path) -> list[Cells]:
    """The rows of every sheet, the first cell of a row being column A; raises `Refused` for what is no workbook."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as packed, warnings.catch_warnings():
            _check_parts(path.name, packed)
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            return [_filled(path.name, packed, sheet) for sheet in book.worksheets]
    except Refused:
        raise
    except Exception:
        # Whatever a damaged workbook makes the reader raise, the person needs the same one sentence.
        raise Refused("file.no_workbook", name=path.name) from None


def _check_parts(name: str, packed: zipfile.ZipFile) -> None:
    # The sizes of the directory can be relied on: no part is unpacked further than it says there.
    check_unpacked(name, sum(part.file_size for part in packed.infolist()))
    heavy = 0
    for part in packed.infolist():
        if not _LONG_PARTS.match(part.filename):
            if part.file_size > _MAX_OTHER_PART:
                raise Refused("file.too_many_cells", name=name, most=MAX_CELLS)
            continue
        for piece in _pieces(packed, part.filename):
            heavy += len(_HEAVY.findall(piece))
            if heavy > MAX_CELLS:
                raise Refused("file.too_many_cells", name=name, most=MAX_CELLS)


def _pieces(packed: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    # Each piece ends where a tag ends, so that no tag is cut in two.
    with packed.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            whole, end, rest = (rest + chunk).rpartition(b">")
            yield whole + end
            if len(rest) > _CHUNK:
                yield rest
                rest = b""


def _filled(name: str, packed: zipfile.ZipFile, sheet: Any) -> Cells:
    cells = _cells(name, sheet)
    room = len(cells) * MAX_COLUMNS
    for piece in _pieces(packed, sheet._worksheet_path):
        for merged in _MERGED.findall(piece):
            room -= _fill_down(cells, *range_boundaries(merged.decode()))
            if room < 0:  # merged cells never overlap, unless somebody means harm
                raise Refused("file.no_workbook", name=name)
    return cells


def _cells(name: str, sheet: Any) -> Cells:
    # What the sheet says of its own extent is not believed; what lies behind the last filled cell is dropped.
    sheet.reset_dimensions()
    cells: Cells = []
    nothing = (None,) * MAX_COLUMNS
    for number, row in enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS, values_only=True), 1):
        if row != nothing:
            check_rows(name, number)
            cells.extend([] for _ in range(number - 1 - len(cells)))
            cells.append(list(row[: _width(row)]))
    return cells


def _width(row: Sequence[Any]) -> int:
    return next(place for place in range(len(row), 0, -1) if row[place - 1] is not None)


def _fill_down(cells: Cells, left: int, top: int, right: int, bottom: int) -> int:
    # Gives how many rows it touched.
    if left != right or left > MAX_COLUMNS or top > len(cells):
        return 0
    column, below = left - 1, cells[top:bottom]
    typed = tidy(cells[top - 1][column]) if column < len(cells[top - 1]) else ""
    for row in below if typed else ():
        row.extend([None] * (column + 1 - len(row)))
        # What the clerk typed stands in the first cell: only there is it mended and reported.
        row[column] = typed
    return len(below)
