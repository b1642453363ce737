"""What a question about counts asks (问法): a period, an area, a grouping, in any order, with blanks or without."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from handlers import periods, phrases
from handlers.talk import Talk
from locales import all_words, words
from models.area import Area
from rules.localtime import local_date
from rules.naming import closest, match_area
from services import measure, scope, tally
from services.measure import How
from services.refused import Refused
from services.summary import Span

_BETWEEN = re.compile(r"[\s，,、：:；;。！!？?（）()]+")
_CODE = re.compile("#([0-9]{6,12})")
"""How a button names an area: its digits alone would pass for a date."""
_GLUED = ("count", "summary")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for; None where nothing was said of it. `rest` is what is no period and no grouping."""

    span: Span | None
    group: str
    rest: str
    unit: str | None = None
    """A unit of `services.measure`, or `people`: 人次 or 人数?"""
    division: str | None = None
    """The year whose grids are meant, `then` for those of the day of each patrol, `now` for today's."""
    level: str | None = None
    """`then` or `now`."""


class AmbiguousAreaError(Refused):
    """A name that fits several areas (code, name): the question can be put back by buttons."""

    def __init__(self, text: str, fitting: Sequence[tuple[str, str]]) -> None:
        super().__init__("count.area_ambiguous", text=text[:40], names="、".join(name for _, name in fitting))
        self.fitting = tuple(fitting)


def read(talk: Talk, argument: str) -> Question:
    """A question after its command; raises `Refused` for a period that cannot be or has not begun."""
    ways, argument = phrases.taken(argument)
    code = _CODE.search(argument)
    argument = _CODE.sub(" ", argument)
    group, said = _group([word for word in _BETWEEN.split(_apart(argument)) if word])
    today = local_date(talk.now, talk.zone)
    span, rest = periods.find(said, today)
    if span and span.start > today:
        raise Refused("period.in_future", text=" ".join(said)[:40])
    implied = "grid" if ways.division else "level"
    named = code[1] if code else " ".join(rest)
    return Question(span, group or implied, named, ways.unit, ways.division, ways.level)


def parts_of_command(text: str) -> tuple[str, str]:
    """The first word of a text and what follows it; a mark parts them as a blank does."""
    head, argument = (*_BETWEEN.split(text.strip(), maxsplit=1), "", "")[:2]
    return head, argument.strip()


def glued(talk: Talk, text: str) -> tuple[str, str] | None:
    """The command and its argument where no blank parts them (统计2023年德胜), and the rest makes sense as a question.

    A note that merely begins with the word (统计了3棵树) is no question.
    """
    folded = text.strip().casefold()
    for name in _GLUED:
        word = next((one for one in _longest_first(name) if folded.startswith(one)), None)
        if word and _makes_sense(talk, name, argument := text.strip()[len(word) :]):
            return name, argument
    return None


def area_of(talk: Talk, text: str) -> Area:
    """The one area that a text means, where the person may see it; raises `Refused` otherwise."""
    known = talk.session.get(Area, text)
    if known is not None:
        return scope.may_see(talk.session, talk.person, known, local_date(talk.now, talk.zone))
    areas, found = _found(talk, text)
    names = _names(areas)
    if not found:
        close = closest(text, [name for area in areas for name in names[area.code]])
        if not close:
            raise Refused("count.nothing_like_it", text=text[:40])
        raise Refused("count.area_unknown", text=text[:40], close="、".join(close))
    if len({code[:9] for code in found}) > 1 or (
        len(found) > 1 and len(min(found, key=len)) == len(max(found, key=len))
    ):
        raise AmbiguousAreaError(text, [(code, names[code][0]) for code in found[:6]])
    widest = next(area for area in areas if area.code == min(found, key=len))
    return scope.may_see(talk.session, talk.person, widest, local_date(talk.now, talk.zone))


def how_of(talk: Talk, asked: Question, area: Area) -> How:
    """The way of counting that a question means; raises `Refused` for a year before there were grids."""
    unit = asked.unit if asked.unit in measure.UNITS else measure.PERSON_TIMES
    return How(unit, _division(talk, asked.division, area), asked.level == "now")


def _division(talk: Talk, said: str | None, area: Area) -> date | None:
    if said in (None, "then"):
        return None
    today = local_date(talk.now, talk.zone)
    year = today.year if said == "now" else int(said or 0)
    found = measure.division_of(talk.session, year, area)
    if found is None:
        raise Refused("count.no_division", year=year)
    return found


def worded(talk: Talk, asked: Question) -> str:
    """A question in words that `read` understands, whatever language the person speaks."""

    def word(key: str) -> str:
        return words(talk.language, f"count.words.{key}")[0]

    days = f"{asked.span.start}{words('zh_CN', 'period.words.to')[0]}{asked.span.end}" if asked.span else ""
    unit = word(asked.unit) if asked.unit else ""
    level = word(f"level_{asked.level}") if asked.level else ""
    grids = _grids_word(talk, asked.division) if asked.division else ""
    return " ".join(part for part in (days, asked.rest, grids, level, unit, word(asked.group)) if part)


def _grids_word(talk: Talk, division: str) -> str:
    if division in ("then", "now"):
        return words(talk.language, f"count.words.grids_{division}")[0]
    return words(talk.language, "count.words.grids_of")[0].format(year=division)


def _makes_sense(talk: Talk, name: str, argument: str) -> bool:
    if name == "count" and argument.casefold().startswith(all_words("old_tree.words.count")):
        return True
    if name == "count":
        argument = next((argument[len(word) :] for word in _problem_words() if argument.startswith(word)), argument)
    try:
        question = read(talk, argument)
    except Refused:
        # A period that cannot be is a question all the same.
        return True
    if question.rest and not (talk.person.offices and question.span):
        return name == "count" and bool(_found(talk, question.rest)[1])
    return bool(argument)


def _found(talk: Talk, text: str) -> tuple[list[Area], list[str]]:
    areas = scope.all_areas(talk.session)
    return areas, match_area(text, _names(areas), all_words("roster.area_suffixes"))


def _names(areas: Sequence[Area]) -> dict[str, list[str]]:
    return {area.code: [name for name in (area.name, area.alias) if name] for area in areas}


def _group(words: list[str]) -> tuple[str | None, list[str]]:
    for group in tally.GROUPS:
        known = {word.casefold() for word in all_words(f"count.words.{group}")}
        for n, word in enumerate(words):
            if word.casefold() in known:
                return group, words[:n] + words[n + 1 :]
            pair = " ".join(words[n : n + 2]).casefold()
            if pair in known:
                return group, words[:n] + words[n + 2 :]
    return None, words


def _apart(argument: str) -> str:
    # 德胜街道按社区: what asks for a grouping stands alone, whatever it is written to.
    return _groupings().sub(r" \g<0> ", argument)


@cache
def _groupings() -> re.Pattern[str]:
    words = {word for group in tally.GROUPS for word in all_words(f"count.words.{group}") if not word.isascii()}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@cache
def _problem_words() -> list[str]:
    # 统计问题2023年: the rest is a question as it stands.
    return sorted((word for word in all_words("count.words.problem") if not word.isascii()), key=len, reverse=True)


@cache
def _longest_first(name: str) -> list[str]:
    return sorted({name, *(word.casefold() for word in all_words(f"command.{name}"))}, key=len, reverse=True)
