"""Breaking and shortening lines of text (换行与截断) by their drawn width in pixels."""

import unicodedata

from reports.page import text_width


def wrapped(text: str, size: float, wide: float) -> list[str]:
    """The text in lines of at most `wide` pixels, broken after punctuation or a space, elsewhere only if need be."""
    lines: list[str] = []
    for phrase in _phrases(text):
        for piece in _fitting(phrase, size, wide):
            if lines and text_width(lines[-1] + piece.rstrip(), size) <= wide:
                lines[-1] += piece
            else:
                lines.append(piece)
    return [line.strip() for line in lines]


def fitted(text: str, size: float, wide: float) -> str:
    """The text, its end replaced by … where it is wider than `wide` pixels."""
    if text_width(text, size) <= wide:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > wide:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _fitting(phrase: str, size: float, wide: float) -> list[str]:
    return [phrase] if text_width(phrase.rstrip(), size) <= wide else list(phrase)


def _phrases(text: str) -> list[str]:
    phrases = [""]
    for char in text:
        phrases[-1] += char
        if _ends_phrase(char):
            phrases.append("")
    return [phrase for phrase in phrases if phrase]


def _ends_phrase(char: str) -> bool:
    wide_mark = unicodedata.east_asian_width(char) in "WF" and unicodedata.category(char) == "Po"
    return char.isspace() or wide_mark
