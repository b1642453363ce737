"""公布 and 为什么和上次不一样 (snapshots): a published summary is frozen, and a later number is explained by causes."""

from collections.abc import Sequence

from handlers import count_records, question
from handlers.talk import Talk
from models.area import Area
from models.message import Reply
from models.snapshot import Snapshot
from rules.localtime import local_date
from services import scope, snapshot, summary
from services.refused import Refused
from services.snapshot import Difference
from services.summary import Span

Replies = Sequence[Reply]
_MOST_NUMBERS = 5


def ask(talk: Talk, arg: str) -> Replies:
    """公布: says what will be frozen, and asks once."""
    asked = _asked(talk, arg)
    fields = {"area": asked.area.name, "period": talk.period(asked.span)}
    return [Reply(talk.say("snapshot.confirm", **fields), ((talk.button("snapshot.publish", arg, "primary"),),))]


def publish(talk: Talk, arg: str) -> Replies:
    """确认公布: freezes the figures."""
    asked = _asked(talk, arg)
    if not talk.spend_buttons():
        raise Refused("chat.button_used")
    made = snapshot.publish(talk.session, asked.span, asked.area, talk.zone, talk.now, talk.account.id)
    total = f"{made.figures['counted']['total']:,}"
    fields = {"area": asked.area.name, "period": talk.period(asked.span), "total": total, "digest": made.digest[:16]}
    return [Reply(talk.say("snapshot.published", **fields), ((talk.button("snapshot.compare", arg),),))]


def compare(talk: Talk, arg: str) -> Replies:
    """为什么和上次不一样, as its button asks it."""
    asked = _asked(talk, arg)
    return _compared(talk, asked.span, asked.area)


def why(talk: Talk, argument: str = "") -> Replies:
    """为什么和上次不一样 [period] [area]: this year where none is named."""
    if not talk.person.offices:
        raise Refused("summary.not_yours")
    today = local_date(talk.now, talk.zone)
    found = question.read(talk, argument)
    span = found.span or summary.year_span(today.year)
    area = question.area_of(talk, found.rest) if found.rest else scope.default_area(talk.session, talk.person, today)
    return _compared(talk, span, area)


def _compared(talk: Talk, span: Span, area: Area) -> Replies:
    last = snapshot.latest(talk.session, span, area)
    if last is None:
        raise Refused("snapshot.none", area=area.name, period=talk.period(span))
    now = summary.figures(talk.session, span, area, talk.zone, talk.now)
    rows = snapshot.differences(talk.session, last, now)
    then, total = last.figures["counted"]["total"], now["counted"]["total"]
    head = talk.say(
        "snapshot.head", area=area.name, period=talk.period(span), when=talk.moment(last.published_at),
        then=f"{then:,}", now=f"{total:,}", change=f"{total - then:+,}",
    )  # fmt: skip
    lines = [_line(talk, row) for row in rows] or [talk.say("snapshot.same")]
    return [Reply("\n".join([head, *lines, *_damage(talk, last)]))]


def _line(talk: Talk, row: Difference) -> str:
    level = talk.say(f"level.{row.level}") if row.level != "meetings" else talk.say("report.column.meetings")
    shown = talk.say("snapshot.and").join(row.numbers[:_MOST_NUMBERS])
    more = talk.say("snapshot.more", n=len(row.numbers)) if len(row.numbers) > _MOST_NUMBERS else ""
    behind = talk.say("snapshot.numbers", numbers=shown + more) if shown else ""
    return (
        talk.say("snapshot.line", level=level, n=f"{row.n:+,}", cause=talk.say(f"snapshot.cause.{row.cause}")) + behind
    )


def _damage(talk: Talk, last: Snapshot) -> list[str]:
    return [] if snapshot.is_intact(last) else [talk.say("snapshot.damaged")]


def _asked(talk: Talk, arg: str) -> count_records.Asked:
    if not talk.person.offices:
        raise Refused("summary.not_yours")
    return count_records.restore(talk, arg)
