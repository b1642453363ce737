"""未巡 (overdue): what a closed period left undone, by area; and a letter about it that a person may send."""

from collections.abc import Sequence
from datetime import date

from handlers import duty as duty_words
from handlers import periods
from handlers.areas import named, own_office, today
from handlers.talk import Talk
from models.area import Area
from models.message import Reply, Table
from models.policy import Duty
from rules.duty import stretch_on
from services import duty, overdue, scope
from services.overdue import Report
from services.refused import Refused

Replies = Sequence[Reply]
_MOST_NAMES = 40


def asked(talk: Talk, argument: str = "") -> Replies:
    """未巡 [period] [area]: the last closed periods where none is named."""
    own = own_office(talk, "overdue.not_yours")
    span, rest = periods.find(argument.split(), today(talk))
    area = named(talk, " ".join(rest)) if rest else own
    if area is None:
        raise Refused("overdue.not_understood", text=" ".join(rest)[:40])
    if span:
        found = [one for one in overdue.at(talk.session, area.code, span.start, today(talk)) if one.missing]
    else:
        found = overdue.closed(talk.session, area.code, today(talk))
    if not found:
        return [Reply(talk.say("overdue.nothing", area=area.name))]
    return [_answer(talk, area, one) for one in found]


def letter(talk: Talk, arg: str) -> Replies:
    """起草提示函: the facts, by area; a person signs and sends it."""
    own_office(talk, "overdue.not_yours")
    duty_id, day, code = arg.split("|")
    area = scope.may_see(talk.session, talk.person, talk.session.get_one(Area, code), today(talk))
    row = talk.session.get(Duty, int(duty_id))
    stretch = stretch_on(duty.rule_of(row), date.fromisoformat(day)) if row else None
    if row is None or stretch is None:
        raise Refused("duty.unknown", id=duty_id)
    found = overdue.report(talk.session, row, stretch, area.code)
    talk.audit("letter.drafted", f"duty:{row.id}:{stretch.start}", area.code)
    own = own_office(talk, "overdue.not_yours")
    to = talk.say(
        "overdue.letter_to_areas" if area.code == own.code and area.level != "district" else "overdue.letter_to_office",
        area=area.name,
    )
    facts = _facts(talk, area, found)
    return [Reply(talk.say("overdue.letter", **facts, to=to, sender=own.name, today=today(talk)))]


def table(talk: Talk, found: Report, title: str) -> Table:
    """A report by street; what has no street is the district's own."""
    columns = tuple(talk.say(f"overdue.column.{name}") for name in ("street", "owing", "done", "missing", "leave"))
    rows = tuple(
        (row.street or talk.say("level.district"), str(row.owing), str(row.done), str(row.missing), str(row.on_leave))
        for row in found.rows
    )
    return Table(title, columns, rows)


def days(found: Report) -> str:
    """The days of a report's period."""
    return f"{found.stretch.start} – {found.stretch.end}"


def _answer(talk: Talk, area: Area, found: Report) -> Reply:
    facts = _facts(talk, area, found)
    button = talk.button("overdue.letter", f"{found.duty.id}|{found.stretch.start}|{area.code}")
    return Reply(talk.say("overdue.answer", **facts), ((button,),), table(talk, found, facts["duty"]))


def _facts(talk: Talk, area: Area, found: Report) -> dict[str, str]:
    names = [
        talk.say("overdue.place", street=street, area=name) if street not in {"", name, area.name} else name
        for street, name in found.missing
    ]
    listed = talk.say("remind.comma").join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        listed = talk.say("remind.and_more", names=listed, n=len(names))
    return {
        "area": area.name, "duty": duty_words.line(talk, found.duty), "days": days(found), "owing": str(found.owing),
        "done": str(found.done), "missing": str(found.owing - found.done), "names": listed,
    }  # fmt: skip
