"""What we say in Telegram's HTML (排版): everything escaped, long texts cut at line ends, tables in even columns."""

from collections.abc import Iterator, Sequence
from html import escape
from unicodedata import east_asian_width

LONGEST = 4096
"""Characters of a message after its marks were read (Bot API, sendMessage)."""
LONGEST_CAPTION = 1024
_MARKS = len("<pre></pre>")


def parts_of(text: str, table: dict[str, object] | None) -> list[str]:
    """The messages, in HTML, that say a text and a table."""
    parts = [escape(part, quote=False) for part in cut(text, LONGEST)]
    for page in _pages(table) if table else ():
        grid = f"<pre>{escape(page, quote=False)}</pre>"
        if parts and len(parts[-1]) + len(grid) < LONGEST:
            parts[-1] = f"{parts[-1]}\n{grid}"
        else:
            parts.append(grid)
    return parts


def cut(text: str, longest: int) -> Iterator[str]:
    """A text in parts of at most `longest` UTF-16 units, cut at line ends, or within a line that is longer itself."""
    if _units(text) <= longest:
        if text.strip():
            yield text.rstrip("\n")
        return
    part = ""
    for line in _short_lines(text, longest):
        if part and _units(part) + _units(line) > longest:
            yield part.rstrip("\n")
            part = ""
        part += line
    if part.strip():
        yield part.rstrip("\n")


def _short_lines(text: str, longest: int) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        rest = line
        while _units(rest) > longest:
            yield rest[: longest // 2]
            rest = rest[longest // 2 :]
        yield rest


def _units(text: str) -> int:
    # Telegram counts as UTF-16 does: a sign beyond the first plane is two.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _pages(table: dict[str, object]) -> Iterator[str]:
    rows = [table["columns"], *table["rows"]]  # type: ignore[misc]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    head, *body = (_line(row, widths) for row in rows)
    page, room = [head], LONGEST - _MARKS - _units(head)
    for line in body:
        if _units(escape(line)) + 1 > room:
            yield "\n".join(page)
            page, room = [head], LONGEST - _MARKS - _units(head)
        page.append(line)
        room -= _units(escape(line)) + 1
    yield "\n".join(page)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell + " " * (width - _width(cell)) if place == 0 else " " * (width - _width(cell)) + cell
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
