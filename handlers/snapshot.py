"""公布 and 为什么和上次不一样 (snapshots): a published summary is frozen, and a later number is explained by causes."""

from collections.abc import Sequence

from handlers import count_records, question
from handlers.talk import Talk
from models.area import Area
from models.message import Button, Reply
from models.snapshot import Snapshot
from rules.localtime import local_date
from services import scope, snapshot, summary, tally
from services.refused import Refused
from services.snapshot import Difference
from services.summary import Figures, Span

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
    last, now, rows = _differences(talk, span, area)
    then, total = last.figures["counted"]["total"], now["counted"]["total"]
    head = talk.say(
        "snapshot.head", area=area.name, period=talk.period(span), when=talk.moment(last.published_at),
        then=f"{then:,}", now=f"{total:,}", change=f"{total - then:+,}",
    )  # fmt: skip
    lines = [_line(talk, row) for row in rows] or [talk.say("snapshot.same")]
    return [Reply("\n".join([head, *lines, *_damage(talk, last)]), _openers(talk, span, area, rows))]


def records(talk: Talk, arg: str) -> Replies:
    """The patrols behind a cause, page by page."""
    asked = _asked(talk, arg)
    ids = snapshot.patrols_behind(_differences(talk, asked.span, asked.area)[2], asked.key)
    named = {
        "area": asked.area.name, "period": talk.period(asked.span), "cause": talk.say(f"snapshot.cause.{asked.key}"),
    }  # fmt: skip
    if not ids:
        return [Reply(talk.say("snapshot.no_records", **named))]
    page = tally.of_ids(talk.session, ids[asked.offset : asked.offset + count_records.PAGE])
    first, last, total = asked.offset + 1, asked.offset + len(page), f"{len(ids):,}"
    title = talk.say("snapshot.records", first=first, last=last, total=total, **named)
    pager = count_records.pager(talk, "snapshot.records", asked, len(ids), count_records.PAGE)
    return [Reply(title, pager, count_records.table(talk, title, page, counted=False))]


def _differences(talk: Talk, span: Span, area: Area) -> tuple[Snapshot, Figures, list[Difference]]:
    last = snapshot.latest(talk.session, span, area)
    if last is None:
        raise Refused("snapshot.none", area=area.name, period=talk.period(span))
    now = summary.figures(talk.session, span, area, talk.zone, talk.now)
    return last, now, snapshot.differences(talk.session, last, now)


def _openers(talk: Talk, span: Span, area: Area, rows: Sequence[Difference]) -> tuple[tuple[Button, ...], ...]:
    """A button a cause that lists its patrols."""
    behind = {row.cause: len(snapshot.patrols_behind(rows, row.cause)) for row in rows}
    buttons = [
        talk.button(
            "snapshot.records", count_records.arg(span, area, "level", cause),
            label=talk.say("snapshot.open", cause=talk.say(f"snapshot.cause.{cause}"), n=f"{n:,}"),
        )
        for cause, n in behind.items() if n
    ]  # fmt: skip
    return tuple((button,) for button in buttons)


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
