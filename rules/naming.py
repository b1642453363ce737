"""Names as clerks type them (名称): tidied, and matched with the areas they mean."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_MIDDLE_DOT = "\u00b7"
_DOTS = re.compile(" ?[\u00b7\u2022\u2027\u22c5\u30fb] ?")
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86|0086)?(1\d{10})(?:\.0+)?(?!\.?\d)", re.ASCII)
_BETWEEN_DIGITS = re.compile(r"[\s()\u2010-\u2015\u2212-]")
_LONGEST_NAME = 60


def tidy(text: object) -> str:
    """Full width made half, every kind of space folded to one blank, ends trimmed; a whole float loses its `.0`."""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    seen = _INVISIBLE.sub("", "" if text is None else str(text))
    return " ".join(unicodedata.normalize("NFKC", seen).split())


def person_name(text: object) -> str:
    """A person's name; the blanks that pad a Chinese name are taken out, and a middle dot (阿依古丽·买买提) is kept."""
    name = _DOTS.sub(_MIDDLE_DOT, tidy(text))
    return name.replace(" ", "") if _HAN.fullmatch(name.replace(" ", "").replace(_MIDDLE_DOT, "")) else name


def phone(value: object) -> str | None:
    """The mobile number in a cell, eleven digits that begin with 1; None where there is none, or more than one."""
    found = set(_MOBILE.findall(_BETWEEN_DIGITS.sub("", tidy(value))))
    return found.pop() if len(found) == 1 else None


def match_area(text: str, areas: Mapping[str, Iterable[str]], suffixes: Sequence[str]) -> list[str]:
    """The codes of the areas that a text can mean, best kind of match only: name, alias, short form, beginning.

    Each of `suffixes` lists what stands behind the names of one kind of area, separated by blanks: 社区 居委会. A text
    without suffix can mean any kind. The first name of an area is its own, the others are aliases.
    """
    wanted = _spelling(text)
    if not wanted or len(wanted) > _LONGEST_NAME:
        return []
    kinds = tuple(tuple(kind.split()) for kind in suffixes)
    ranks = {code: _rank(wanted, [_spelling(name) for name in names if name], kinds) for code, names in areas.items()}
    best = min((rank for rank in ranks.values() if rank is not None), default=None)
    return sorted(code for code, rank in ranks.items() if rank is not None and rank == best)


def closest(text: str, names: Iterable[str], n: int = 3) -> list[str]:
    """The names that look most like a text, for a question back."""
    return get_close_matches(tidy(text), list(names), n=n, cutoff=0.4)


_Kinds = tuple[tuple[str, ...], ...]
_Reading = tuple[str, tuple[str, ...] | None]
"""A name without its suffix, and the suffixes of its kind."""


def _rank(wanted: str, names: Sequence[str], kinds: _Kinds) -> int | None:
    """How a text means an area: 0 name, 1 alias, 2 short form, 3 beginning, None not at all."""
    if wanted in names:
        return min(names.index(wanted), 1)
    if len(wanted) < 2:
        return None
    readings = ((wanted, None), _stem(wanted, kinds))
    stems = [(_stem(name, kinds), reading) for name in names for reading in readings]
    fitting = [(stem, said) for (stem, kind), (said, said_kind) in stems if said_kind in (None, kind)]
    if any(stem == said for stem, said in fitting):
        return 2
    begun = any(len(said) > 1 and stem.startswith(said) for stem, said in fitting)
    return 3 if begun or any(name.startswith(wanted) for name in names) else None


@lru_cache(maxsize=4096)
def _stem(name: str, kinds: _Kinds) -> _Reading:
    fitting = [(suffix, kind) for kind in kinds for suffix in kind if name.endswith(suffix) and name != suffix]
    suffix, kind = max(fitting, key=lambda pair: len(pair[0]), default=("", None))
    return name.removesuffix(suffix), kind


@lru_cache(maxsize=4096)
def _spelling(name: str) -> str:
    return tidy(name[: 4 * _LONGEST_NAME]).replace(" ", "").casefold()
