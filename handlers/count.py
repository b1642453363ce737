"""统计 (counts): a period, an area, a grouping; a table and a picture, and buttons that open every number."""

from collections.abc import Sequence

from handlers import count_records, problem_count, question
from handlers.talk import Talk
from locales.dates import month_with_year
from models.area import Area
from models.message import Attachment, Button, Reply, Table
from rules.localtime import local_date
from services import duty, scope, summary, tally
from services.summary import LEVELS, Span

Replies = Sequence[Reply]
_MOST_BARS = 30
_FEW_ROWS = 6


def asked(talk: Talk, argument: str = "") -> Replies:
    """统计 [period] [area] [by …]: everything may be left out; a chief hears the own count first."""
    of_problems = problem_count.after_word(argument)
    if of_problems is not None:
        return problem_count.asked(talk, of_problems)
    today = local_date(talk.now, talk.zone)
    found = question.read(talk, argument)
    span = found.span or Span(today.replace(month=1, day=1), today)
    named = [question.area_of(talk, found.rest)] if found.rest else []
    areas = named or scope.top_areas(talk.session, talk.person, today)
    answers = [reply for area in areas for reply in _answer(talk, span, area, found.group, len(areas) == 1)]
    return answers if talk.person.offices else [_own(talk, span, areas[0]), *answers]


def again(talk: Talk, arg: str) -> Replies:
    """The same question by another grouping, as its button asks it."""
    asked_for = count_records.restore(talk, arg)
    return _answer(talk, asked_for.span, asked_for.area, asked_for.group, True)


def choose(talk: Talk, arg: str) -> Replies:
    """The rows of a long table, a page of them: which one is to be opened?"""
    asked_for = count_records.restore(talk, arg)
    rows = _rows(talk, asked_for.span, asked_for.area, asked_for.group)
    return count_records.choose(talk, asked_for, [row for row in rows if row.n])


def _own(talk: Talk, span: Span, area: Area) -> Reply:
    n = duty.counted_between(talk.session, talk.chief.id, span.start, span.end)
    text = talk.say("count.own", period=talk.period(span), total=f"{n:,}")
    return Reply(text, (count_records.lists(talk, span, area),))


def _answer(talk: Talk, span: Span, area: Area, group: str, drawn: bool) -> Replies:
    # A community lies in one street.
    group = "level" if area.level == "community" and group == "street" else group
    rows = _rows(talk, span, area, group)
    title = _title(talk, span, area, group)
    total = f"{sum(row.n for row in rows):,}"
    cells = (*((row.label, f"{row.n:,}") for row in rows), (talk.say("count.total"), total))
    table = Table(title, (talk.say(f"count.column.{group}"), talk.say("count.column.times")), cells)
    text = talk.say("count.answer", area=area.name, period=talk.period(span), total=total)
    answer = Reply(text, _more(talk, span, area, group, rows), table)
    return [answer, _chart(talk, span, area, group, rows)] if drawn else [answer]


def _title(talk: Talk, span: Span, area: Area, group: str) -> str:
    return talk.say("count.title", area=area.name, period=talk.period(span), group=talk.say(f"count.by.{group}"))


def _chart(talk: Talk, span: Span, area: Area, group: str, rows: list[tally.Row]) -> Reply:
    if group == "grid" and len(rows) > _MOST_BARS and area.level == "district":
        # Hundreds of bars show nothing: the streets do, and the table holds every grid.
        group, rows = "street", _rows(talk, span, area, "street")
    title = _title(talk, span, area, group)
    figures = {"title": title, "rows": [[row.label, row.n] for row in rows]}
    return Reply(title, attachment=Attachment("count_chart", figures, talk.language))


def _rows(talk: Talk, span: Span, area: Area, group: str) -> list[tally.Row]:
    if group == "grid":
        return [_named(talk, row, "level.unassigned") for row in tally.by_grid(talk.session, span, area)]
    if area.level == "community":
        if group == "month":
            return [_month(talk, month, n) for month, n in tally.months_in_community(talk.session, span, area)]
        levels = tally.in_community(talk.session, span, area)
        return [tally.Row(level, talk.say(f"level.{level}"), levels.get(level, 0)) for level in LEVELS]
    figures = summary.figures(talk.session, span, area, talk.zone, talk.now)
    if group == "street":
        streets = [tally.Row(code, row["name"] or "", row["total"]) for code, row in figures["by_street"].items()]
        return [_named(talk, row, "count.unassigned") for row in streets]
    if group == "month":
        return [_month(talk, month, row["total"]) for month, row in figures["by_month"].items()]
    return [tally.Row(level, talk.say(f"level.{level}"), figures["counted"][level]) for level in LEVELS]


def _named(talk: Talk, row: tally.Row, key: str) -> tally.Row:
    return row if row.label else tally.Row(row.key, talk.say(key), row.n)


def _month(talk: Talk, month: str, n: int) -> tally.Row:
    return tally.Row(month, month_with_year(month, talk.language), n)


def _more(talk: Talk, span: Span, area: Area, group: str, rows: list[tally.Row]) -> tuple[tuple[Button, ...], ...]:
    groups = [one for one in tally.GROUPS if one != group and (one != "street" or area.level != "community")]
    regroup = tuple(
        talk.button("count.again", count_records.arg(span, area, one), label=talk.say(f"count.by.{one}"))
        for one in groups
    )
    if not talk.person.offices:
        return (regroup,)
    open_ = [row for row in rows if row.n]
    few = len(open_) <= _FEW_ROWS
    choices = count_records.row_buttons(talk, span, area, group, open_) if few else ()
    chooser = (talk.button("count.choose", count_records.arg(span, area, group)),)
    return (regroup, count_records.lists(talk, span, area), *(choices if few else (chooser,)))
