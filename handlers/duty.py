"""任务 (duties): what is owed, how often, and by whom; the office adds and ends."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.areas import named, own_office, today
from handlers.talk import Talk
from locales import LANGUAGES, all_words, words
from models.area import Area
from models.message import Button, Reply
from models.policy import Duty
from rules.duty import PERIODS, Rule
from rules.level import COUNTED_LEVELS
from rules.schedule_words import find_rule
from services import duty
from services import post as posts
from services.refused import Refused

Replies = Sequence[Reply]


def asked(talk: Talk, argument: str = "") -> Replies:
    """任务: lists what is in force; with words, adds a duty to the own area."""
    area = own_office(talk, "duty.not_yours")
    return _add(talk, area, argument.split()) if argument else _list(talk, area)


def end(talk: Talk, arg: str) -> Replies:
    """停用: the duty ends today; the running period is owed pro rata."""
    area = own_office(talk, "duty.not_yours")
    row = duty.stop(talk.session, int(arg), today(talk), area.code)
    talk.audit("duty.ended", f"duty:{row.id}", row.area_code)
    key = "duty.ended" if row.valid_to and row.valid_to >= row.valid_from else "duty.taken_back"
    return [Reply(talk.say(key, duty=line(talk, row), day=row.valid_to, since=row.valid_from))]


def line(talk: Talk, row: Duty) -> str:
    """A duty in one line."""
    parts = [
        talk.say("duty.line", whose=_whose(talk, row), often=talk.say(f"duty.every_{row.period}", times=row.times))
    ]
    if row.window_from:
        parts.append(talk.say("duty.window", first=row.window_from, last=row.window_to))
    if row.season_from:
        parts.append(talk.say("duty.season", first=row.season_from, last=row.season_to))
    return talk.say("remind.comma").join(parts)


def _list(talk: Talk, area: Area) -> Replies:
    rows = duty.standing(talk.session, today(talk), area.code)
    lines = [talk.say("duty.list_item", id=row.id, duty=line(talk, row), since=row.valid_from) for row in rows]
    own = [row for row in rows if duty.is_own(talk.session, row, area.code)]
    buttons = tuple((_end_button(talk, row),) for row in own)
    return [Reply("\n".join([talk.say("duty.list", area=area.name), *lines, talk.say("duty.how")]), buttons)]


def _end_button(talk: Talk, row: Duty) -> Button:
    return Button(talk.say("duty.end_button", id=row.id), "duties.end", str(row.id), "danger")


def _add(talk: Talk, area: Area, said: list[str]) -> Replies:
    rule, rest = _rule(talk, said)
    level, others = _level(rest)
    target = _target(talk, area, others, rule.valid_from)
    wanted = duty.Wanted(rule, level, **target, source=f"{talk.message.channel}:{talk.message.sender_id}")
    replaced = duty.replaced(talk.session, wanted)
    row = duty.add(talk.session, wanted)
    talk.audit("duty.added", f"duty:{row.id}", row.area_code)
    lines = [talk.say("duty.added", duty=line(talk, row), since=row.valid_from)]
    lines += [talk.say("duty.replaced", id=old.id, duty=line(talk, old), day=old.valid_to) for old in replaced]
    return [Reply("\n".join(lines), ((_end_button(talk, row),),))]


def _in_digits(word: str) -> str:
    """每周两次 as 每周2次."""
    numbers = zip(*(words(language, "duty.words.numbers") for language in LANGUAGES), strict=True)
    for n, named_so in enumerate(numbers, 1):
        for name in " ".join(named_so).split():
            for mark in all_words("duty.words.times"):
                if word.endswith(name + mark):
                    return f"{word.removesuffix(name + mark)}{n}{mark}"
    return word


def _rule(talk: Talk, said: list[str]) -> tuple[Rule, tuple[str, ...]]:
    said = [_in_digits(word) for word in said]
    periods = {period: all_words(f"duty.words.{period}") for period in PERIODS}
    try:
        rule, rest = find_rule(said, periods, all_words("duty.words.times"), today(talk))
    except ValueError as error:
        raise Refused("duty.not_understood", text=str(error)[:40]) from None
    if rule is None:
        raise Refused("duty.not_understood", text=" ".join(said)[:40])
    return rule, rest


def _level(said: Sequence[str]) -> tuple[str, list[str]]:
    for level in COUNTED_LEVELS:
        for word in said:
            if word in all_words(f"level.{level}") or word in all_words(f"duty.words.{level}"):
                return level.value, [one for one in said if one != word]
    return "community", list(said)


def _target(talk: Talk, own: Area, said: list[str], day: date) -> dict[str, Any]:
    """What the other words name: a grid, an area below the own one, or a chief; the own area where there are none."""
    text = " ".join(said)
    if not said:
        return {"area_code": own.code}
    if code := duty.grid_named(talk.session, text, own.code, day):
        return {"area_code": own.code, "grid_code": code}
    if post_id := _post(talk, own, said, day):
        return {"post_id": post_id}
    area = named(talk, text)
    if area is None or not area.code.startswith(own.code):
        raise Refused("duty.not_understood", text=text[:40])
    return {"area_code": area.code}


def _post(talk: Talk, own: Area, said: list[str], day: date) -> int | None:
    """The post of the chief whom one of the words names, in the area that the others name; None where none does."""
    for n, word in enumerate(said):
        held = posts.held_by(talk.session, word, own.code, day)
        others = " ".join(said[:n] + said[n + 1 :])
        area = named(talk, others) if held and others else own
        here = [one for one in held if area and one.area_code.startswith(area.code)]
        if len(here) == 1:
            return here[0].id
        if held:
            listed = talk.say("remind.comma").join(f"{one.chief_code} {one.area}" for one in here or held)
            raise Refused("duty.post_which", name=word[:20], list=listed)
    return None


def _whose(talk: Talk, row: Duty) -> str:
    level = talk.say(f"level.{row.level}")
    if row.grid_code:
        return talk.say("duty.of_grid", grid=duty.grid_name(talk.session, row.grid_code))
    if row.post_id:
        # By the office held, not by name: lists and letters speak of areas, never of persons.
        area, office = posts.place_of(talk.session, row.post_id)
        return talk.say("duty.of_post", area=area, office=office)
    area_ = talk.session.get(Area, row.area_code) if row.area_code else None
    return talk.say("duty.of_area", area=area_.name, level=level) if area_ else level
