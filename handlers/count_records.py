"""The records behind a number (明细): what counts and what does not, whole or of one row, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from handlers.hints import hint_lines
from handlers.talk import Talk
from models.area import Area
from models.message import Button, Reply, Table
from rules.localtime import local_date
from services import measure, scope, summary, tally
from services.measure import PLAIN, How, how_of
from services.refused import Refused
from services.summary import Span

Buttons = tuple[tuple[Button, ...], ...]
PAGE = 8
"""Records a message: more would fill a telephone."""
_CHOICES = 12
_IN_A_ROW = 2
_FIELDS = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button of an answer asks for; `key` names the row, and is empty for all of them."""

    span: Span
    area: Area
    group: str
    key: str
    counted: bool
    offset: int
    how: How = PLAIN


def records(talk: Talk, text: str) -> Sequence[Reply]:
    """A page of the patrols behind a number."""
    asked = restore(talk, text)
    # A chief never sees other people's records, and sees the own ones wherever they are.
    own = None if talk.person.offices else talk.chief.id
    wanted = tally.Slice(asked.span, asked.area, asked.group, asked.key, asked.counted, own)
    how, today = PLAIN if own else asked.how, local_date(talk.now, talk.zone)
    page, total = measure.records(talk.session, wanted, how, today, PAGE, asked.offset)
    if not own:
        talk.audit("record.listed", f"patrols:{asked.span.start}..{asked.span.end}", asked.area.code, str(len(page)))
    where = talk.say("count.own_records") if own else asked.area.name
    named = {"area": where, "period": talk.period(asked.span), "row": _row_name(talk, asked)}
    kind = "counted" if asked.counted else "rest"
    if not page:
        return [Reply(talk.say(f"count.none_{kind}", **named))]
    first, last = asked.offset + 1, asked.offset + len(page)
    title = talk.say(f"count.list_{kind}", first=first, last=last, total=f"{total:,}", **named)
    text = "\n".join([title, *([] if own else hint_lines(talk, {one.id: one.number for one in page}))])
    return [Reply(text, pager(talk, "count.records", asked, total, PAGE), table(talk, title, page, asked.counted))]


def choose(talk: Talk, asked: Asked, rows: Sequence[tally.Row]) -> Sequence[Reply]:
    """Some rows of a long table as buttons that open their records."""
    page = rows[asked.offset : asked.offset + _CHOICES]
    text = talk.say("count.which_row", first=asked.offset + 1, last=asked.offset + len(page), total=len(rows))
    buttons = row_buttons(talk, asked.span, asked.area, asked.group, page, asked.how)
    return [Reply(text, (*buttons, *pager(talk, "count.choose", asked, len(rows), _CHOICES)))]


def meetings(talk: Talk, text: str) -> Sequence[Reply]:
    """The dispatch meetings behind their number."""
    asked = restore(talk, text)
    held = tally.meetings(talk.session, asked.span, asked.area)
    title = talk.say("count.list_meetings", area=asked.area.name, period=talk.period(asked.span), total=len(held))
    columns = tuple(talk.say(f"count.column.{name}") for name in ("held_on", "title", "place"))
    rows = tuple((one.held_on.isoformat(), one.title, one.place or "–") for one in held)
    return [Reply(title, table=Table(title, columns, rows) if held else None)]


def lists(talk: Talk, span: Span, area: Area, how: How = PLAIN) -> tuple[Button, ...]:
    """The two lists of a whole answer: what counts, what does not."""
    rest = arg(span, area, "level", counted=False, how=how)
    return (talk.button("count.records", arg(span, area, "level", how=how)), talk.button("count.rest", rest))


def row_buttons(talk: Talk, span: Span, area: Area, group: str, rows: Sequence[tally.Row], how: How = PLAIN) -> Buttons:
    """A button a row that opens its records."""
    buttons = [
        talk.button(
            "count.records", arg(span, area, group, row.key, how=how),
            label=talk.say(f"count.open.{how.unit}", row=row.label, n=f"{row.n:,}"),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(tuple(buttons[n : n + _IN_A_ROW]) for n in range(0, len(buttons), _IN_A_ROW))


def arg(
    span: Span, area: Area, group: str, key: str = "", counted: bool = True, offset: int = 0, how: How = PLAIN
) -> str:
    """What a button carries."""
    plain = f"{span.start}|{span.end}|{area.code}|{group}|{key}|{int(counted)}|{offset}"
    return plain if how.plain else f"{plain}|{how.text()}"


def restore(talk: Talk, text: str) -> Asked:
    """What a button carried, where the person may (still) see it; raises `Refused` otherwise."""
    fields = text.split("|")
    if len(fields) not in (_FIELDS, _FIELDS + 1):
        raise Refused("chat.button_unknown")
    start, end, code, group, key, counted, offset = fields[:_FIELDS]
    how = how_of(fields[_FIELDS]) if fields[_FIELDS:] else PLAIN
    area = scope.may_see(talk.session, talk.person, talk.session.get_one(Area, code), local_date(talk.now, talk.zone))
    span = Span(date.fromisoformat(start), date.fromisoformat(end))
    return Asked(span, area, group, key, counted == "1", int(offset), how)


def table(talk: Talk, title: str, page: Sequence[tally.Record], counted: bool) -> Table:
    """A page of records; with their verdicts where not all of them count."""
    names = ("when", "chief", "grid", *(() if counted else ("verdict",)), "number")
    rows = tuple(
        (
            talk.moment(one.patrolled_at), one.chief, one.grid or "–",
            *(() if counted else (verdict_name(talk, one.reason or one.verdict),)), one.number,
        )
        for one in page
    )  # fmt: skip
    return Table(title, tuple(talk.say(f"count.column.{name}") for name in names), rows)


def _row_name(talk: Talk, asked: Asked) -> str:
    if not asked.key:
        return ""
    if asked.key == tally.NONE:
        name = talk.say("count.unassigned" if asked.group == "street" else "level.unassigned")
    elif asked.group == "level":
        name = talk.say(f"level.{asked.key}")
    elif asked.group == "month":
        name = talk.period(summary.month_span(asked.key))
    else:
        name = tally.name_of(talk.session, asked.group, asked.key)
    return talk.say("count.of_row", row=name)


def pager(talk: Talk, do: str, asked: Asked, total: int, page: int) -> Buttons:
    """The buttons to the pages before and after."""
    steps = (("count.newer", asked.offset - page), ("count.older", asked.offset + page))
    buttons = tuple(
        talk.button(do, _at(replace(asked, offset=at)), label=talk.say(label)) for label, at in steps if 0 <= at < total
    )
    return (buttons,) if buttons else ()


def _at(asked: Asked) -> str:
    return arg(asked.span, asked.area, asked.group, asked.key, asked.counted, asked.offset, asked.how)


def verdict_name(talk: Talk, bucket: str) -> str:
    """A verdict in words: its reason where there is one."""
    kept = {"counted", "not_counted"}
    return talk.say(f"count.verdict.{bucket}") if bucket in kept else talk.say(f"report.reason.{bucket}")
