"""一张图 (the one map) in the chat: a picture of the grids by patrols or by the days since the last one."""

from collections.abc import Sequence

from handlers import count_records, question
from handlers.talk import Talk
from models.area import Area
from models.message import Attachment, Button, Reply
from rules.localtime import local_date
from services import grid_map, scope
from services.refused import Refused
from services.summary import Span

Replies = Sequence[Reply]


def asked(talk: Talk, argument: str = "") -> Replies:
    """一张图 [period] [area]: this year so far and the own area where none is named."""
    if not talk.person.offices:
        raise Refused("map.not_yours")
    today = local_date(talk.now, talk.zone)
    found = question.read(talk, argument)
    span = found.span or Span(today.replace(month=1, day=1), today)
    area = question.area_of(talk, found.rest) if found.rest else scope.default_area(talk.session, talk.person, today)
    if area.level == "community":
        raise Refused("map.too_small", area=area.name)
    return [_picture(talk, span, area, "patrols")]


def again(talk: Talk, text: str) -> Replies:
    """The same grids by the other measure."""
    if not talk.person.offices:
        raise Refused("map.not_yours")
    asked_for = count_records.restore(talk, text)
    return [_picture(talk, asked_for.span, asked_for.area, asked_for.key)]


def _picture(talk: Talk, span: Span, area: Area, shown: str) -> Reply:
    figures = grid_map.figures(talk.session, span, area, shown, talk.zone, talk.now)
    title = talk.say(f"map.{shown}", area=area.name, period=talk.period(span))
    return Reply(title, _others(talk, span, area, shown), attachment=Attachment("grid_map", figures, talk.language))


def _others(talk: Talk, span: Span, area: Area, shown: str) -> tuple[tuple[Button, ...], ...]:
    other = next(one for one in grid_map.SHOWN if one != shown)
    arg = count_records.arg(span, area, "grid", other)
    table = talk.button("count.again", count_records.arg(span, area, "grid"), label=talk.say("count.by.grid"))
    return ((talk.button("map.again", arg, label=talk.say(f"map.by_{other}")), table),)
