"""统计 (counts): a period, an area, a grouping; a table and a picture, and buttons that open every number."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import count_records, doubt, old_tree_count, problem_count, question
from handlers.question import AmbiguousAreaError
from handlers.talk import Talk
from locales.dates import full_date, month_with_year
from models.area import Area
from models.message import Attachment, Button, Reply, Table
from rules.localtime import local_date
from services import duty, measure, scope, tally
from services.measure import PERSON_TIMES, PLAIN, How, Measured
from services.summary import Span

Replies = Sequence[Reply]
_MOST_BARS = 30
_FEW_ROWS = 6


def asked(talk: Talk, argument: str = "") -> Replies:
    """统计 [period] [area] [by …] [how]: everything may be left out; a chief hears the own count first.

    What can be meant in several ways is asked back, and the buttons put the question in full.
    """
    if (trees := old_tree_count.of_count(argument)) is not None:
        return old_tree_count.counted(talk, trees)
    of_problems = problem_count.after_word(argument)
    if of_problems is not None:
        return problem_count.asked(talk, of_problems)
    today = local_date(talk.now, talk.zone)
    found = doubt.with_festival(talk, question.read(talk, argument))
    if isinstance(found, Reply):
        return [found]
    span = found.span or Span(today.replace(month=1, day=1), today)
    try:
        named = [question.area_of(talk, found.rest)] if found.rest else []
    except AmbiguousAreaError as several:
        return [doubt.which_area(talk, found, several)]
    areas = named or scope.top_areas(talk.session, talk.person, today)
    if back := doubt.which_way(talk, found, span, areas[0]):
        return [back]
    how = question.how_of(talk, found, areas[0])
    answers = [reply for area in areas for reply in _answer(talk, span, area, found.group, len(areas) == 1, how)]
    return answers if talk.person.offices else [_own(talk, span, areas[0]), *answers]


def again(talk: Talk, arg: str) -> Replies:
    """The same question by another grouping, as its button asks it."""
    one = count_records.restore(talk, arg)
    return _answer(talk, one.span, one.area, one.group, True, one.how)


def choose(talk: Talk, arg: str) -> Replies:
    """The rows of a long table, a page of them: which one is to be opened?"""
    one = count_records.restore(talk, arg)
    rows = _measured(talk, one.span, one.area, one.group, one.how).rows
    return count_records.choose(talk, one, [row for row in rows if row.n])


def _own(talk: Talk, span: Span, area: Area) -> Reply:
    n = duty.counted_between(talk.session, talk.chief.id, span.start, span.end)
    text = talk.say("count.own", period=talk.period(span), total=f"{n:,}")
    return Reply(text, (count_records.lists(talk, span, area),))


def _answer(talk: Talk, span: Span, area: Area, group: str, drawn: bool, how: How = PLAIN) -> Replies:
    # A community lies in one street.
    group = "level" if area.level == "community" and group == "street" else group
    found = _measured(talk, span, area, group, how)
    title = _title(talk, span, area, group, how)
    total = f"{found.total:,}"
    cells = (*((row.label, f"{row.n:,}") for row in found.rows), (talk.say("count.total"), total))
    table = Table(title, (talk.say(f"count.column.{group}"), talk.say(f"count.unit.{how.unit}")), cells)
    text = talk.say(f"count.answer.{how.unit}", area=area.name, period=talk.period(span), total=total)
    notes = [text, *_notes(talk, _over(how, area, group), found)]
    answer = Reply("\n".join(notes), _more(talk, span, area, group, found.rows, how), table)
    return [answer, _chart(talk, span, area, group, found.rows, how)] if drawn else [answer]


def _over(how: How, area: Area, group: str) -> How:
    """The way of counting as far as it matters: without grids the division changes nothing."""
    return how if group == "grid" or area.level == "community" else replace(how, division=None)


def _notes(talk: Talk, how: How, found: Measured) -> list[str]:
    """What the way of counting means, where it is not the one of the annual sentence."""
    notes = [talk.say(f"count.means.{how.unit}")] if how.unit != PERSON_TIMES else []
    if how.division:
        notes.append(talk.say("count.means.division", day=full_date(how.division, talk.language)))
    if how.level_now:
        notes.append(talk.say("count.means.level_now"))
    shared = sum(row.n for row in found.rows) - found.total
    return [*notes, talk.say("count.means.shared")] if shared else notes


def _title(talk: Talk, span: Span, area: Area, group: str, how: How) -> str:
    by = talk.say("count.by.level_now") if how.level_now and group == "level" else talk.say(f"count.by.{group}")
    if _over(how, area, group).division:
        by = talk.say("count.by.division", group=by, day=full_date(how.division or span.end, talk.language))
    unit = talk.say(f"count.unit.{how.unit}")
    return talk.say("count.title", area=area.name, period=talk.period(span), group=by, unit=unit)


def _chart(talk: Talk, span: Span, area: Area, group: str, rows: list[tally.Row], how: How) -> Reply:
    if group == "grid" and len(rows) > _MOST_BARS and area.level == "district":
        # Hundreds of bars show nothing: the streets do, and the table holds every grid.
        group, how = "street", replace(how, division=None)
        rows = _measured(talk, span, area, group, how).rows
    title = _title(talk, span, area, group, how)
    figures = {"title": title, "rows": [[row.label, row.n] for row in rows]}
    return Reply(title, attachment=Attachment("count_chart", figures, talk.language))


def _measured(talk: Talk, span: Span, area: Area, group: str, how: How) -> Measured:
    found = measure.counted(talk.session, span, area, group, how, talk.zone, talk.now)
    return Measured([_worded(talk, group, row, how) for row in found.rows], found.total)


def _worded(talk: Talk, group: str, row: tally.Row, how: How) -> tally.Row:
    if group == "level":
        none = "count.no_post_now" if how.level_now else "level.unassigned"
        return tally.Row(row.key, talk.say(none if row.key == tally.NONE else f"level.{row.key}"), row.n)
    if group == "month":
        return _month(talk, row.key, row.n)
    return _named(talk, row, "count.unassigned" if group == "street" else "level.unassigned")


def _named(talk: Talk, row: tally.Row, key: str) -> tally.Row:
    return row if row.label else tally.Row(row.key, talk.say(key), row.n)


def _month(talk: Talk, month: str, n: int) -> tally.Row:
    return tally.Row(month, month_with_year(month, talk.language), n)


def _more(
    talk: Talk, span: Span, area: Area, group: str, rows: list[tally.Row], how: How
) -> tuple[tuple[Button, ...], ...]:
    groups = [one for one in tally.GROUPS if one != group and (one != "street" or area.level != "community")]
    regroup = tuple(
        talk.button("count.again", count_records.arg(span, area, one, how=how), label=talk.say(f"count.by.{one}"))
        for one in groups
    )
    if not talk.person.offices:
        return (regroup,)
    open_ = [row for row in rows if row.n]
    few = len(open_) <= _FEW_ROWS
    choices = count_records.row_buttons(talk, span, area, group, open_, how) if few else ()
    chooser = (talk.button("count.choose", count_records.arg(span, area, group, how=how)),)
    others = _otherwise(talk, span, area, group, how)
    return (regroup, count_records.lists(talk, span, area, how), *(choices if few else (chooser,)), others)


def _otherwise(talk: Talk, span: Span, area: Area, group: str, how: How) -> tuple[Button, ...]:
    """The same question counted in another way."""
    ways = [(replace(how, unit=unit), f"count.unit.{unit}") for unit in measure.UNITS if unit != how.unit]
    if group == "level":
        ways.append((replace(how, level_now=not how.level_now), f"count.by.level_{'then' if how.level_now else 'now'}"))
    return tuple(
        talk.button("count.again", count_records.arg(span, area, group, how=way), label=talk.say(key))
        for way, key in ways
    )
