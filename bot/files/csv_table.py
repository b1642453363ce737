"""The lines of a CSV file (逗号分隔表格), as text."""

import csv
from io import StringIO
from pathlib import Path

from bot.files.limits import MAX_SHEET_BYTES, check_rows, read_text
from services.refused import Refused


def read_csv(path: Path) -> list[list[str]]:
    """Every line of a CSV file, empty ones too; raises `Refused` for what is no text, too long or badly quoted."""
    lines = csv.reader(StringIO(read_text(path, MAX_SHEET_BYTES), newline=""))
    table: list[list[str]] = []
    try:
        for line in lines:
            table.append(line)
            check_rows(path.name, len(table))
    except csv.Error:
        raise Refused("file.bad_csv", name=path.name, line=lines.line_num) from None
    return table
