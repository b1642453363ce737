"""The words of a period (周期用词): a text cut into marks, names and numbers, before anyone asks what it means."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONGEST = 60
_TEN = 10
_DASHES = "[\u2010-\u2015\u2212-]+"
_SIGNS = {"-": "-", "/": "/", ".": "/", "~": "t"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a period: `kind` is a letter of `KINDS`, `PAIRS` or `_SIGNS`, or of a number's length, see `_size`."""

    kind: str
    value: int


# What stands alone is written large, what stands beside numbers or other words small; fillers mean nothing.
KINDS = {
    "today": ("T", 0),
    "yesterday": ("T", -1),
    "day_before_yesterday": ("T", -2),
    "this_week": ("W", 0),
    "last_week": ("W", -1),
    "this_month": ("M", 0),
    "last_month": ("M", -1),
    "this_quarter": ("Q", 0),
    "last_quarter": ("Q", -1),
    "this_half": ("H", 0),
    "this_year": ("Y", 0),
    "last_year": ("Y", -1),
    "year_before_last": ("Y", -2),
    "half_1": ("h", 1),
    "half_2": ("h", 2),
    "recent": ("r", 0),
    "first": ("f", 0),
    "since": ("s", 0),
    "to": ("t", 0),
    "ordinal": ("o", 0),
    "year_mark": ("y", 0),
    "quarter_mark": ("q", 0),
    "month_mark": ("m", 0),
    "week_mark": ("w", 0),
    "day_mark": ("d", 0),
    "future": ("F", 0),
    "fillers": ("", 0),
}
PAIRS = {"numerals": "z", "month_names": "j"}
"""Words with their number, such as `third=3`."""


NAMES = (*KINDS, *PAIRS)
"""The words that `PeriodWords` asks for."""


class PeriodWords:
    """What people type, in all languages at once, ready to cut a text with."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Take the words of each of `NAMES`; raises `KeyError` where one is missing."""
        self._meanings = {" ": Token("", 0), ",": Token("", 0)} | {sign: Token(to, 0) for sign, to in _SIGNS.items()}
        self._meanings |= {word: Token(*meaning) for name, meaning in KINDS.items() for word in words[name]}
        for name, kind in PAIRS.items():
            pairs = (pair.split("=") for pair in words[name])
            self._meanings |= {word: Token(kind, int(value)) for word, value in pairs}
        longest_first = sorted(self._meanings, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(_alone, longest_first), "[0-9]+"]))

    def cut(self, text: str) -> list[Token] | None:
        """The pieces of a text, or None where it is too long or anything in it is no word of a period."""
        said = _plain(text) if len(text) <= LONGEST else ""
        found: list[Token] = []
        at = 0
        while at < len(said):
            match = self._pattern.match(said, at)
            if match is None:
                return None
            found += _digits(match[0]) if match[0].isdecimal() else [self._meanings[match[0]]]
            at = match.end()
        return _counted([token for token in found if token.kind]) or None


def _plain(text: str) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    # Only between letters and digits does a blank part two words: 上 个 月 is one.
    return re.sub(r"(?<![a-z0-9]) | (?![a-z0-9])", "", re.sub(_DASHES, "-", folded))


def _alone(word: str) -> str:
    # A word of letters ends where the letters end, a digit in it where the digits end: "may" is not in "maybe".
    before = {"a": "(?<![a-z])", "0": "(?<![0-9])"}.get(_class(word[0]), "")
    after = {"a": "(?![a-z])", "0": "(?![0-9])"}.get(_class(word[-1]), "")
    return before + re.escape(word) + after


def _class(char: str) -> str:
    return "0" if char in "0123456789" else "a" if "a" <= char <= "z" else ""


def _digits(text: str) -> list[Token]:
    if len(text) not in {6, 8} or text[:2] not in {"19", "20", "21"}:
        return [Token(_size(len(text)), int(text))]
    parts = [Token("n", int(text[at : at + 2])) for at in range(4, len(text), 2)]  # 202303, 20230301
    return [Token("N", int(text[:4])), *(token for part in parts for token in (Token("-", 0), part))]


def _size(digits: int) -> str:
    return "n" if digits <= 2 else "N" if digits == 4 else "X"


def _counted(tokens: list[Token]) -> list[Token]:
    """Numerals that follow one another made one number: 二〇二三, 三十一."""
    result: list[Token] = []
    run: list[int] = []
    for token in [*tokens, Token("", 0)]:
        if token.kind == "z":
            run.append(token.value)
            continue
        if run:
            result.append(_number(run))
            run = []
        result.append(token)
    return result[:-1]


def _number(run: list[int]) -> Token:
    if _TEN not in run:
        return Token(_size(len(run)), int("".join(map(str, run))))
    tens, ones = run[: run.index(_TEN)] or [1], run[run.index(_TEN) + 1 :] or [0]
    if len(tens) > 1 or len(ones) > 1 or ones == [_TEN]:
        return Token("X", 0)
    return Token("n", tens[0] * _TEN + ones[0])
