"""统计 (counts): a period, an area, a grouping; a table, a picture, and the records behind a number."""

from collections.abc import Sequence

from handlers import periods
from handlers.talk import Talk
from locales import all_words
from models.area import Area
from models.message import Attachment, Button, Reply, Table
from rules.localtime import local_date
from rules.naming import closest, match_area
from services import scope, summary, tally
from services.refused import Refused
from services.summary import LEVELS, Span

Replies = Sequence[Reply]
_PAGE = 8


def asked(talk: Talk, argument: str = "") -> Replies:
    """统计 [period] [area] [by …]: everything may be left out."""
    today = local_date(talk.now, talk.zone)
    group, rest = _group(argument.split())
    span, rest = periods.find(rest, today)
    area = _area(talk, " ".join(rest))
    return _answer(talk, span or Span(today.replace(month=1, day=1), today), area, group)


def again(talk: Talk, arg: str) -> Replies:
    """The same question by another grouping, as its button asks it."""
    span, area, group, _ = _restore(talk, arg)
    return _answer(talk, span, area, group)


def records(talk: Talk, arg: str) -> Replies:
    """A page of the patrols behind a number."""
    span, area, _, offset = _restore(talk, arg)
    # A chief never sees other people's records.
    own = None if talk.person.offices else talk.chief.id
    page, total = tally.records(talk.session, span, area, own, _PAGE, offset)
    if not page:
        return [Reply(talk.say("count.no_records", area=area.name, period=_period(span)))]
    title = talk.say("count.records_title", area=area.name, first=offset + 1, last=offset + len(page), total=total)
    rows = tuple(
        (_when(talk, one), one.chief, one.grid or "–", _verdict(talk, one), one.number)
        for one in page
    )  # fmt: skip
    columns = tuple(talk.say(f"count.column.{name}") for name in ("when", "chief", "grid", "verdict", "number"))
    return [Reply(title, _pager(talk, span, area, offset, total), Table(title, columns, rows))]


def _answer(talk: Talk, span: Span, area: Area, group: str) -> Replies:
    # A community lies in one street.
    group = "level" if area.level == "community" and group == "street" else group
    rows = _rows(talk, span, area, group)
    title = talk.say("count.title", area=area.name, period=_period(span), group=talk.say(f"count.by.{group}"))
    total = sum(n for _, n in rows)
    table = Table(title, (talk.say(f"count.column.{group}"), talk.say("count.column.times")), _cells(talk, rows, total))
    text = talk.say("count.answer", area=area.name, period=_period(span), total=total)
    chart = Attachment("count_chart", {"title": title, "rows": [[label, n] for label, n in rows]}, talk.language)
    return [Reply(text, _more(talk, span, area, group), table), Reply(title, attachment=chart)]


def _rows(talk: Talk, span: Span, area: Area, group: str) -> list[tuple[str, int]]:
    if group == "grid":
        grids = tally.by_grid(talk.session, span, area)
        return [(name or talk.say("level.unassigned"), n) for name, n in grids]
    if area.level == "community":
        if group == "month":
            return tally.months_in_community(talk.session, span, area)
        return [(talk.say(f"level.{level}"), n) for level, n in tally.in_community(talk.session, span, area)]
    figures = summary.figures(talk.session, span, area, talk.zone, talk.now)
    if group == "street":
        return [(row["name"] or talk.say("count.unassigned"), row["total"]) for row in figures["by_street"].values()]
    if group == "month":
        return [(month, row["total"]) for month, row in figures["by_month"].items()]
    return [(talk.say(f"level.{level}"), figures["counted"][level]) for level in LEVELS]


def _cells(talk: Talk, rows: list[tuple[str, int]], total: int) -> tuple[tuple[str, str], ...]:
    return (*((label, f"{n:,}") for label, n in rows), (talk.say("count.total"), f"{total:,}"))


def _more(talk: Talk, span: Span, area: Area, group: str) -> tuple[tuple[Button, ...], ...]:
    others = [one for one in tally.GROUPS if one != group and (one != "street" or area.level != "community")]
    again_ = tuple(
        talk.button("count.again", _arg(span, area, one, 0), label=talk.say(f"count.by.{one}")) for one in others
    )
    return (again_, (talk.button("count.records", _arg(span, area, group, 0)),))


def _pager(talk: Talk, span: Span, area: Area, offset: int, total: int) -> tuple[tuple[Button, ...], ...]:
    steps = []
    if offset:
        steps.append(
            talk.button(
                "count.records", _arg(span, area, "level", max(offset - _PAGE, 0)), label=talk.say("count.newer")
            )
        )
    if offset + _PAGE < total:
        steps.append(
            talk.button("count.records", _arg(span, area, "level", offset + _PAGE), label=talk.say("count.older"))
        )
    return (tuple(steps),) if steps else ()


def _arg(span: Span, area: Area, group: str, offset: int) -> str:
    return f"{span.start}|{span.end}|{area.code}|{group}|{offset}"


def _restore(talk: Talk, arg: str) -> tuple[Span, Area, str, int]:
    start, end, code, group, offset = arg.split("|")
    area = scope.may_see(talk.session, talk.person, talk.session.get_one(Area, code), local_date(talk.now, talk.zone))
    return Span(tally.day_of(start), tally.day_of(end)), area, group, int(offset)


def _group(words: list[str]) -> tuple[str, list[str]]:
    for group in tally.GROUPS:
        known = {word.casefold() for word in all_words(f"count.words.{group}")}
        for n, word in enumerate(words):
            if word.casefold() in known:
                return group, words[:n] + words[n + 1 :]
            pair = " ".join(words[n : n + 2]).casefold()
            if pair in known:
                return group, words[:n] + words[n + 2 :]
    return "level", words


def _area(talk: Talk, text: str) -> Area:
    day = local_date(talk.now, talk.zone)
    if not text:
        return scope.default_area(talk.session, talk.person, day)
    areas = scope.all_areas(talk.session)
    names = {area.code: [name for name in (area.name, area.alias) if name] for area in areas}
    found = match_area(text, names, all_words("roster.area_suffixes"))
    if not found:
        known = [name for area in areas for name in names[area.code]]
        raise Refused("count.area_unknown", text=text[:40], close="、".join(closest(text, known)) or "–")
    if len({code[:9] for code in found}) > 1 or (
        len(found) > 1 and len(min(found, key=len)) == len(max(found, key=len))
    ):
        raise Refused("count.area_ambiguous", text=text[:40], names="、".join(names[code][0] for code in found[:6]))
    widest = next(area for area in areas if area.code == min(found, key=len))
    return scope.may_see(talk.session, talk.person, widest, day)


def _verdict(talk: Talk, one: tally.Record) -> str:
    return talk.say(f"report.reason.{one.reason}") if one.reason else talk.say(f"count.verdict.{one.verdict}")


def _period(span: Span) -> str:
    return str(span.year) if span.year else f"{span.start} – {span.end}"


def _when(talk: Talk, one: tally.Record) -> str:
    return one.patrolled_at.astimezone(talk.zone).strftime("%m-%d %H:%M")
