"""What one message of ours becomes on WeCom (拆分): texts within its bytes, pictures, files, a card."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import store
from bot.wecom import cards
from locales import say
from services.outbox import Leased

MOST_BYTES = 2048
"""What a text message holds; the rest would be cut off."""
CARD = "template_card"


@dataclass(frozen=True, slots=True)
class Piece:
    """One request: a kind with its content; `file` is uploaded first, and its id takes the content's place."""

    kind: str
    """`text`, `template_card`, `image` or `file`."""
    content: dict[str, Any]
    file: Path | None = None
    name: str = ""
    sha256: str = ""


def pieces(leased: Leased, data_dir: Path, language: str, plain: bool, hint: bool = False) -> list[Piece]:
    """The requests that a message needs, in their order; with `hint` a card is followed by what to do without it."""
    body = leased.body
    text = "\n".join(part for part in (body.get("text") or "", _table(body.get("table"))) if part)
    buttons = [button for row in body.get("buttons") or () for button in row]
    said = _said(leased, text, buttons, language, plain)
    told = _texts(say(language, "wecom.no_buttons")) if hint and any(one.kind == CARD for one in said) else []
    return [*said, *told, *_files(body, data_dir)]


def split(text: str, most: int = MOST_BYTES) -> Iterator[str]:
    """A text in parts of so many bytes at most, cut at the ends of lines, within a line only where one is too long."""
    part = ""
    for line in text.split("\n"):
        joined = f"{part}\n{line}" if part else line
        if len(joined.encode()) <= most:
            part = joined
            continue
        if part:
            yield part
        *whole, part = _cut(line, most)
        yield from whole
    if part.strip():
        yield part


def _cut(line: str, most: int) -> list[str]:
    parts, size = [""], 0
    for sign in line:
        size += len(sign.encode())
        if size > most:
            parts.append("")
            size = len(sign.encode())
        parts[-1] += sign
    return parts


def _said(leased: Leased, text: str, buttons: list[dict[str, str]], language: str, plain: bool) -> list[Piece]:
    if buttons and (plain or not cards.fits_a_card(buttons)):
        how = say(language, "wecom.reply_by_number")
        return _texts(f"{text}\n{cards.numbered(buttons)}\n{how}")
    if not buttons:
        return _texts(text)
    before = [] if len(text) <= cards.LONGEST_TEXT else _texts(text)
    # An id that is used twice is another message's of a database that was there before: the second it was made tells.
    stamp = int(leased.created_at.timestamp())
    task_id, key = f"{stamp}-{leased.id}-{leased.tries}", f"{leased.id}:{{}}:{stamp}"
    shown = "" if before else text
    made = cards.card(shown, say(language, "wecom.choose"), buttons, key, task_id)
    return [*before, Piece(CARD, made)]


def _texts(text: str) -> list[Piece]:
    return [Piece("text", {"content": part}) for part in split(text)]


def _files(body: dict[str, Any], data_dir: Path) -> list[Piece]:
    kinds = (("image", "pictures"), ("file", "documents"))
    return [_file(kind, one, data_dir) for kind, name in kinds for one in body.get(name) or ()]


def _file(kind: str, one: dict[str, Any], data_dir: Path) -> Piece:
    ending = one["file"].removeprefix(one["sha256"])
    return Piece(kind, {}, store.path_of(data_dir, one["sha256"], ending), one["name"], one["sha256"])


def _table(table: dict[str, Any] | None) -> str:
    if not table:
        return ""
    rows = [table["columns"], *table["rows"]]
    return "\n".join((table["title"], *("  ".join(map(str, row)) for row in rows)))
