"""应急 (emergencies): the office calls all chiefs of an area at once and sees their answers; it ends by itself."""

from collections.abc import Sequence
from datetime import timedelta

from handlers import problem_storm
from handlers.areas import named, own_office, today
from handlers.talk import Talk
from locales import LANGUAGES, all_words, say
from models.area import Area
from models.emergency import Emergency
from models.message import Button, Reply, Table
from services import emergency, outbox, scope
from services.refused import Refused

Replies = Sequence[Reply]
_HOURS, _MOST_HOURS = 12, 72


def asked(talk: Talk, argument: str = "") -> Replies:
    """应急 汛情 [area] [6小时] [words]: asks whether to call; alone, shows what runs."""
    area = own_office(talk, "emergency.not_yours")
    if not argument:
        return _running(talk, area)
    said = argument.split()
    kind = next((one for one in emergency.KINDS if said[0] in all_words(f"emergency.words.{one}")), None)
    if kind is None:
        raise Refused("emergency.how")
    where, hours, text = _details(talk, area, said[1:])
    found = emergency.announce(
        talk.session, kind, where, text or None, talk.account.id, talk.now + timedelta(hours=hours)
    )
    shown = _text(talk.language, talk, found, where.name)
    confirm = talk.button("emergency.confirm", found.id, "danger")
    return [Reply(talk.say("emergency.preview", area=where.name, hours=hours, text=shown), ((confirm,),))]


def confirm(talk: Talk, arg: str) -> Replies:
    """确认发布: the message goes to everybody there at once."""
    own_office(talk, "emergency.not_yours")
    found = talk.session.get_one(Emergency, int(arg))
    area = scope.may_see(talk.session, talk.person, talk.session.get_one(Area, found.area_code), today(talk))
    press = talk.message.press
    if found.account_id != talk.account.id or not press or not outbox.spend(talk.session, press.outbox_id, talk.now):
        raise Refused("emergency.called_before")
    if found.ends_at <= talk.now:
        raise Refused("emergency.over")
    said = {one: _call(talk, found, area, one) for one in LANGUAGES}
    called = emergency.call(talk.session, found, said, talk.default_language, today(talk), talk.now)
    buttons = (talk.button("emergency.tally", found.id), talk.button("emergency.end", found.id, "danger"))
    return [Reply(talk.say("emergency.called", area=area.name, n=called, until=_until(talk, found)), (buttons,))]


def answer(talk: Talk, arg: str) -> Replies:
    """安全 or 有险情: the latest answer holds; danger is told to the office at once."""
    emergency_id, _, what = arg.partition(":")
    found = emergency.answer(talk.session, int(emergency_id), talk.chief.id, what, talk.now)
    danger = problem_storm.buttons(talk, found) if what == "danger" else ()
    thanks = Reply(talk.say(f"emergency.thanks_{what}"), danger)
    if what != "danger":
        return [thanks]
    office = emergency.opened_by(talk.session, found)
    place = emergency.place_of(talk.session, talk.chief.id, found.area_code, today(talk))
    told = say(office.language or talk.default_language, "emergency.danger_at", place=place or "", name=talk.chief.name)
    button = Button(talk.say("button.emergency_tally"), "emergency.tally", str(found.id))
    return [thanks, Reply(told, ((button,),), to=(office.channel, office.chat_id))]


def tally(talk: Talk, arg: str) -> Replies:
    """查看汇总: the answers so far, by street."""
    own_office(talk, "emergency.not_yours")
    found = talk.session.get_one(Emergency, int(arg))
    scope.may_see(talk.session, talk.person, talk.session.get_one(Area, found.area_code), today(talk))
    return [_tally(talk, found, "emergency.tally")]


def end(talk: Talk, arg: str) -> Replies:
    """结束: before its time."""
    own_office(talk, "emergency.not_yours")
    found = talk.session.get_one(Emergency, int(arg))
    scope.may_see(talk.session, talk.person, talk.session.get_one(Area, found.area_code), today(talk))
    if not emergency.end(talk.session, found.id, talk.now):
        raise Refused("emergency.over")
    return [_tally(talk, found, "emergency.ended")]


def over(talk: Talk) -> Replies:
    """The clock's word: it has ended by itself."""
    found = talk.session.get_one(Emergency, int(talk.message.data["emergency_id"]))
    return [_tally(talk, found, "emergency.ended")]


def _running(talk: Talk, area: Area) -> Replies:
    found = emergency.running(talk.session, area.code, talk.now)
    if not found:
        return [Reply(talk.say("emergency.none"))]
    return [_tally(talk, one, "emergency.tally") for one in found]


def _tally(talk: Talk, found: Emergency, key: str) -> Reply:
    rows = emergency.tally(talk.session, found, today(talk))
    safe, danger, silent = (sum(getattr(row, name) for row in rows) for name in ("safe", "danger", "silent"))
    area = talk.session.get_one(Area, found.area_code)
    title = talk.say(key, kind=talk.say(f"emergency.kind.{found.kind}"), area=area.name, until=_until(talk, found))
    columns = tuple(talk.say(f"emergency.column.{name}") for name in ("street", "safe", "danger", "silent"))
    cells = tuple(
        (row.street or talk.say("level.district"), str(row.safe), str(row.danger), str(row.silent)) for row in rows
    )
    numbers = talk.say("emergency.numbers", title=title, safe=safe, danger=danger, silent=silent)
    text = "\n".join(part for part in (numbers, problem_storm.counts(talk, found)) if part)
    return Reply(text, ((talk.button("emergency.tally", found.id),),), Table(title, columns, cells))


def _call(talk: Talk, found: Emergency, area: Area, language: str) -> Reply:
    safe = Button(say(language, "emergency.safe"), "emergency.answer", f"{found.id}:safe", "primary")
    danger = Button(say(language, "emergency.danger"), "emergency.answer", f"{found.id}:danger", "danger")
    return Reply(_text(language, talk, found, area.name), ((safe, danger),))


def _text(language: str, talk: Talk, found: Emergency, area: str) -> str:
    kind = say(language, f"emergency.kind.{found.kind}")
    return say(language, "emergency.message", kind=kind, area=area, text=found.text or "", until=_until(talk, found))


def _until(talk: Talk, found: Emergency) -> str:
    return found.ends_at.astimezone(talk.zone).strftime("%m-%d %H:%M")


def _details(talk: Talk, own: Area, said: list[str]) -> tuple[Area, int, str]:
    area, hours, rest = own, _HOURS, []
    for n, word in enumerate(said):
        number = next(
            (word.removesuffix(mark) for mark in all_words("emergency.words.hours") if word.endswith(mark)), ""
        )
        if number.isdecimal():
            hours = int(number)
        elif n < 2 and area is own and (found := named(talk, word)):
            area = found
        else:
            rest.append(word)
    if not 1 <= hours <= _MOST_HOURS:
        raise Refused("emergency.bad_hours", most=_MOST_HOURS)
    return area, hours, " ".join(rest)[:500]
