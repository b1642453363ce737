"""How large a file may be (大小限制), settled before it is opened."""

from pathlib import Path

from services.refused import Refused

_MB = 1024 * 1024
MAX_MAP_BYTES = 64 * _MB
MAX_SHEET_BYTES = 20 * _MB
MAX_UNPACKED_BYTES = 200 * _MB
MAX_GRIDS = 200_000
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELLS = 2_000_000
"""Cells and texts that a workbook may hold, styled empty cells among them: what bounds the memory for reading it."""


def check_size(path: Path, most: int) -> None:
    """Raises `Refused` for a file that is missing, empty or too large."""
    check_there(path)
    size = path.stat().st_size
    if size == 0:
        raise Refused("file.empty", name=path.name)
    if size > most:
        raise Refused("file.too_large", name=path.name, mb=most // _MB)


def check_there(path: Path) -> None:
    """Raises `Refused` for a file that is missing, or is a folder."""
    if path.is_dir():
        raise Refused("file.is_folder", name=path.name or str(path))
    if not path.is_file():
        raise Refused("file.missing", name=path.name)


def check_unpacked(name: str, size: int) -> None:
    """Raises `Refused` for a packed file that would unpack to more bytes than it may."""
    if size > MAX_UNPACKED_BYTES:
        raise Refused("file.too_large", name=name, mb=MAX_UNPACKED_BYTES // _MB)


def check_rows(name: str, rows: int) -> None:
    """Raises `Refused` for a table of more rows than it may have."""
    if rows > MAX_ROWS:
        raise Refused("file.too_many_rows", name=name, most=MAX_ROWS)


def read_text(path: Path, most: int) -> str:
    """The text of a file in UTF-8, with or without its mark, or in GBK; raises `Refused` for anything else."""
    check_size(path, most)
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("file.no_text", name=path.name)
