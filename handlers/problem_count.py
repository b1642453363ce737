"""统计 问题 (figures of problems): reported, closed, how quickly, overdue; by type, street or month; each one."""

from collections.abc import Sequence
from datetime import date

from handlers import problem_prompt, problem_words, question
from handlers.talk import Talk
from locales import all_words
from locales.dates import month_with_year
from locales.problems import span as span_words
from locales.problems import type_word
from models.area import Area
from models.message import Button, Reply, Table
from rules.localtime import local_date
from rules.number import ratio
from services import problem_figures, scope
from services.problem_figures import GROUPS
from services.refused import Refused
from services.summary import Figures, Span

Replies = Sequence[Reply]
_COLUMNS = ("reported", "closed", "overdue")
_A_PAGE = 8


def after_word(argument: str) -> str | None:
    """What follows 问题 in a question about counts; None where it asks for patrols."""
    for word in sorted(all_words("count.words.problem"), key=len)[::-1]:
        if argument.casefold().startswith(word.casefold()):
            return argument[len(word) :].strip()
    return None


def asked(talk: Talk, argument: str) -> Replies:
    """统计 问题 [period] [area] [按街道|按月]: the office's, of its own areas."""
    if not talk.person.offices:
        raise Refused("problem.figures_not_yours")
    today = local_date(talk.now, talk.zone)
    found = question.read(talk, argument)
    span = found.span or Span(today.replace(month=1, day=1), today)
    named = [question.area_of(talk, found.rest)] if found.rest else []
    areas = named or scope.top_areas(talk.session, talk.person, today)
    return [_answer(talk, span, area, found.group if found.group in GROUPS else "type") for area in areas]


def again(talk: Talk, arg: str) -> Replies:
    """The same by another grouping."""
    span, area, group = _restored(talk, arg)
    return [_answer(talk, span, area, group)]


def records(talk: Talk, arg: str) -> Replies:
    """查看明细: the problems behind the number, a page of them."""
    span, area, offset = _restored(talk, arg)
    first = int(offset)
    found = problem_figures.listed(talk.session, span, area)
    page = found[first : first + _A_PAGE]
    talk.audit("problem.listed", f"problems:{span.start}..{span.end}", area.code, str(len(page)))
    head = talk.say(
        "problem.records", area=area.name, period=talk.period(span), total=len(found), first=first + 1,
        last=first + len(page),
    )  # fmt: skip
    lines = [problem_words.line(talk.session, talk.language, one, talk.now) for one in page]
    openers = [Button(one.number, "problem.show", str(one.id)) for one in page]
    steps = tuple(
        Button(talk.say(label), "problem.records", _arg(span, area, str(at)))
        for label, at in (("count.newer", first - _A_PAGE), ("count.older", first + _A_PAGE))
        if 0 <= at < len(found)
    )
    return [Reply("\n".join([head, *lines]), (*problem_prompt.rows(openers), *((steps,) if steps else ())))]


def sentence(talk: Talk, area: str, period: str, figures: Figures) -> str:
    """The figures in one sentence; the rate with both of its numbers."""
    if not figures["reported"]:
        return talk.say("problem.none_reported", area=area, period=period)
    took = figures["median_close_s"]
    return talk.say(
        "problem.figures", area=area, period=period, reported=figures["reported"], closed=figures["closed"],
        rate=ratio(figures["closed"], figures["reported"]), open=figures["open"], overdue=figures["overdue"],
        median=span_words(talk.language, took) if took is not None else "–",
    )  # fmt: skip


def _answer(talk: Talk, span: Span, area: Area, group: str) -> Reply:
    figures = problem_figures.figures(talk.session, span, area, talk.now)
    text = sentence(talk, area.name, talk.period(span), figures)
    if not figures["reported"]:
        return Reply(text)
    rows = [(_label(talk, group, key, row), row) for key, row in figures[f"by_{group}"].items()]
    cells = tuple((label, *(str(row[name]) for name in _COLUMNS)) for label, row in rows if row["reported"])
    columns = (talk.say(f"problem.by.{group}"), *(talk.say(f"problem.column.{name}") for name in _COLUMNS))
    others = tuple(
        Button(talk.say(f"problem.grouped.{one}"), "problem.count", _arg(span, area, one))
        for one in GROUPS
        if one != group and (one != "street" or area.level == "district")
    )
    look = (Button(talk.say("button.count_records"), "problem.records", _arg(span, area, "0")),)
    return Reply(text, (others, look), Table(talk.say(f"problem.by.{group}"), columns, cells))


def _label(talk: Talk, group: str, key: str, row: Figures) -> str:
    if group == "type":
        return type_word(talk.language, row["name"])
    if group == "month":
        return month_with_year(key, talk.language)
    return row["name"] or talk.say("count.unassigned")


def _arg(span: Span, area: Area, last: str) -> str:
    return f"{span.start}|{span.end}|{area.code}|{last}"


def _restored(talk: Talk, arg: str) -> tuple[Span, Area, str]:
    start, end, code, last = arg.split("|")
    if not talk.person.offices:
        raise Refused("problem.figures_not_yours")
    today = local_date(talk.now, talk.zone)
    area = scope.may_see(talk.session, talk.person, talk.session.get_one(Area, code), today)
    return Span(date.fromisoformat(start), date.fromisoformat(end)), area, last
