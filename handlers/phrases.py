"""How a count is to be made (口径用词): units, divisions and levels, taken out of a question first."""

import re
from dataclasses import dataclass
from functools import cache

from locales import all_words

_UNITS = ("outings", "person_times", "persons", "people")
_LEVELS = ("level_now", "level_then")
_DIVISIONS = ("grids_of", "grids_then", "grids_now")


@dataclass(frozen=True, slots=True)
class Ways:
    """What was said of the way of counting; None where nothing was."""

    unit: str | None
    division: str | None
    level: str | None


def taken(text: str) -> tuple[Ways, str]:
    """The way of counting that a question names, and the question without these words."""
    found: dict[str, str] = {}
    for name in (*_DIVISIONS, *_LEVELS, *_UNITS):
        match = _pattern(name).search(text)
        if match:
            found[name] = next((year for year in match.groupdict().values() if year), name)
            text = f"{text[: match.start()]} {text[match.end() :]}"
    unit = next((name for name in _UNITS if name in found), None)
    level = next((name.removeprefix("level_") for name in _LEVELS if name in found), None)
    division = next((found[name].removeprefix("grids_") for name in _DIVISIONS if name in found), None)
    return Ways(unit, division, level), text


@cache
def _pattern(name: str) -> re.Pattern[str]:
    words = sorted(all_words(f"count.words.{name}"), key=len, reverse=True)
    return re.compile("|".join(_word(word, place) for place, word in enumerate(words)), re.IGNORECASE)


def _word(word: str, place: int) -> str:
    written = re.escape(word).replace(r"\ ", r"\s+").replace(re.escape("{year}"), "(?P<year>20[0-9][0-9])")
    # A name may stand once in a pattern: every spelling has its own, and the year is that of the one that fits.
    written = written.replace("?P<year>", f"?P<year{place}>")
    return rf"(?<![a-z]){written}(?![a-z])" if word.isascii() else written
