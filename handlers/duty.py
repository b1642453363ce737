"""任务 (duties): what is owed, how often, and by whom; the office adds and ends."""

from collections.abc import Sequence

from handlers.areas import named, own_office, today
from handlers.talk import Talk
from locales import all_words
from models.area import Area
from models.message import Button, Reply
from models.policy import Duty
from rules.duty import PERIODS, Rule
from rules.level import COUNTED_LEVELS
from rules.schedule_words import find_rule
from services import duty, schedule
from services.refused import Refused

Replies = Sequence[Reply]


def asked(talk: Talk, argument: str = "") -> Replies:
    """任务: lists what is in force; with words, adds a duty to the own area."""
    area = own_office(talk, "duty.not_yours")
    return _add(talk, area, argument.split()) if argument else _list(talk, area)


def end(talk: Talk, arg: str) -> Replies:
    """停用: the duty ends today; the running period is owed pro rata."""
    area = own_office(talk, "duty.not_yours")
    row = duty.end(talk.session, int(arg), today(talk), area.code)
    talk.audit("duty.ended", f"duty:{row.id}", row.area_code)
    return [Reply(talk.say("duty.ended", duty=line(talk, row), day=row.valid_to))]


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
    rows = duty.listed(talk.session, today(talk), area.code)
    lines = [talk.say("duty.list_item", id=row.id, duty=line(talk, row), since=row.valid_from) for row in rows]
    own = [row for row in rows if duty.is_own(talk.session, row, area.code)]
    buttons = tuple((_end_button(talk, row),) for row in own)
    return [Reply("\n".join([talk.say("duty.list", area=area.name), *lines, talk.say("duty.how")]), buttons)]


def _end_button(talk: Talk, row: Duty) -> Button:
    return Button(talk.say("duty.end_button", id=row.id), "duties.end", str(row.id), "danger")


def _add(talk: Talk, area: Area, said: list[str]) -> Replies:
    rule, rest = _rule(talk, said)
    level, words = _level(rest)
    grid, here = _where(talk, area, words)
    wanted = duty.Wanted(rule, level, here.code, None, grid, f"{talk.message.channel}:{talk.message.sender_id}")
    row = duty.add(talk.session, wanted)
    talk.audit("duty.added", f"duty:{row.id}", row.area_code)
    return [Reply(talk.say("duty.added", duty=line(talk, row), since=row.valid_from), ((_end_button(talk, row),),))]


def _rule(talk: Talk, said: list[str]) -> tuple[Rule, tuple[str, ...]]:
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
            if word in all_words(f"level.{level}"):
                return level.value, [one for one in said if one != word]
    return "community", list(said)


def _where(talk: Talk, own: Area, said: list[str]) -> tuple[str | None, Area]:
    """The grid and the area that the other words name: an area below the own one, or a grid."""
    if not said:
        return None, own
    text = " ".join(said)
    grid = schedule.of_grid(talk.session, text, own.code, today(talk))
    if grid:
        return grid.key, own
    area = named(talk, text)
    if area is None or not area.code.startswith(own.code):
        raise Refused("duty.not_understood", text=text[:40])
    return None, area


def _whose(talk: Talk, row: Duty) -> str:
    level = talk.say(f"level.{row.level}")
    if row.grid_code:
        return talk.say("duty.of_grid", grid=row.grid_code)
    if row.post_id:
        return talk.say("duty.of_post", id=row.post_id)
    area = talk.session.get(Area, row.area_code) if row.area_code else None
    return talk.say("duty.of_area", area=area.name, level=level) if area else level
