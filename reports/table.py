"""Tables for a terminal and a chat (文本表格), aligned where a Chinese character is two columns wide."""

import unicodedata
from collections.abc import Sequence

GAP = "  "


def width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    return sum(_columns(char) for char in text)


def aligned(rows: Sequence[Sequence[object]]) -> str:
    """The rows as lines: the first column to the left, every other to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(width(row[column]) for row in cells) for column in range(len(cells[0]))]
    return "\n".join(_line(row, widths) for row in cells)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = [" " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)]
    first = row[0] + padded[0]
    return GAP.join([first, *(pad + cell for cell, pad in zip(row[1:], padded[1:], strict=True))]).rstrip()


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
