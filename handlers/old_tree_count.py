"""统计 古树 (figures of old trees), 古树 未巡 (those that nobody saw for long)."""

import re
from collections.abc import Sequence

from handlers import old_tree, patrol, question
from handlers.areas import named, today
from handlers.talk import Talk
from locales import all_words
from locales.dates import month_with_year
from models.area import Area
from models.message import Reply, Table
from services import old_tree as archive
from services import old_tree_figures, old_tree_watch, scope
from services.old_tree import GRADES
from services.old_tree_figures import Figures
from services.old_tree_watch import Unseen
from services.refused import Refused
from services.summary import Span

Replies = Sequence[Reply]
_PAGE = 20
_GROUPS = ("street", "month")


def asked(talk: Talk, argument: str = "") -> Replies:
    """古树: figures and what nobody saw; 古树 未巡 [days] [area]; 古树 CODE: one tree, or a note of it by a chief."""
    words = argument.split()
    if words and words[0] in all_words("old_tree.words.unseen"):
        return _unseen_asked(talk, words[1:])
    if words and all(map(old_tree.looks_like_code, words)):
        return old_tree.by_code(talk, words) if talk.person.chief else old_tree.record(talk, words)
    if words and talk.person.chief:
        # 古树 树干有空洞 is no question but a note.
        return patrol.words(talk)
    return counted(talk, argument)


def of_count(argument: str) -> str | None:
    """What 统计 asks of old trees: the rest of 统计 古树 …; None where it asks of patrols."""
    for word in sorted(all_words("old_tree.words.count"), key=len, reverse=True):
        if argument.casefold().startswith(word):
            return argument[len(word) :].strip()
    return None


def counted(talk: Talk, argument: str = "") -> Replies:
    """How many old trees were seen, how often, of how many; by grade, street or month."""
    asked_for = question.read(talk, argument)
    span = asked_for.span or Span(today(talk).replace(month=1, day=1), today(talk))
    areas = [question.area_of(talk, asked_for.rest)] if asked_for.rest else []
    areas = areas or scope.top_areas(talk.session, talk.person, today(talk))
    return [_counted(talk, span, area, asked_for.group) for area in areas]


def unseen(talk: Talk, arg: str) -> Replies:
    """A page of the trees that nobody saw for long."""
    code, days, offset = arg.split("|")
    area = scope.may_see(talk.session, talk.person, talk.session.get_one(Area, code), today(talk))
    return [_unseen(talk, area, int(days), int(offset))]


def _unseen_asked(talk: Talk, words: list[str]) -> Replies:
    days, rest = archive.rule_on(talk.session, today(talk)).unseen_days, []
    for word in words:
        number = re.fullmatch(rf"(\d{{1,4}})(?:{'|'.join(all_words('old_tree.words.days'))})?", word)
        days = int(number[1]) if number else days
        rest += [] if number else [word]
    area = named(talk, " ".join(rest)) if rest else None
    if rest and area is None:
        raise Refused("count.nothing_like_it", text=" ".join(rest)[:40])
    areas = [area] if area else scope.top_areas(talk.session, talk.person, today(talk))
    return [_unseen(talk, one, days, 0) for one in areas]


def _counted(talk: Talk, span: Span, area: Area, group: str) -> Reply:
    found = old_tree_figures.figures(talk.session, span, area, today(talk))
    if not found["listed"] and not found["times"]:
        return Reply(talk.say("old_tree.none_listed", area=area.name))
    fields = {"area": area.name, "period": talk.period(span)}
    numbers = {name: f"{found[name]:,}" for name in ("seen", "times", "listed")}
    text = f"{talk.say('old_tree.counted', **fields, **numbers)}\n{talk.say('old_tree.how_counted')}"
    group = group if group in _GROUPS else "level"
    title = talk.say("old_tree.title", **fields, group=talk.say(f"old_tree.by.{group}"))
    days = archive.rule_on(talk.session, today(talk)).unseen_days
    button = talk.button("tree.unseen", f"{area.code}|{days}|0")
    return Reply(text, ((button,),), Table(title, _columns(talk, group), _cells(talk, found, group)))


def _columns(talk: Talk, group: str) -> tuple[str, ...]:
    first = talk.say("old_tree.show.group" if group == "level" else f"count.column.{group}")
    shown = ("seen", "times") if group == "month" else ("listed", "seen", "times")
    return (first, *(talk.say(f"old_tree.show.{name}") for name in shown))


def _cells(talk: Talk, found: Figures, group: str) -> tuple[tuple[str, ...], ...]:
    if group == "month":
        rows = [(month_with_year(month, talk.language), row) for month, row in found["by_month"].items()]
    elif group == "street":
        rows = [(row["name"], row) for row in found["by_street"].values()]
    else:
        rows = [(talk.say(f"old_tree.grade.{grade}"), found["by_grade"][grade]) for grade in GRADES]
    shown = ("seen", "times") if group == "month" else ("listed", "seen", "times")
    rows = [*rows, (talk.say("count.total"), found)]
    return tuple((label, *(f"{row[name]:,}" for name in shown)) for label, row in rows)


def _unseen(talk: Talk, area: Area, days: int, offset: int) -> Reply:
    found = old_tree_watch.unseen_in(talk.session, area, today(talk), days)
    listed = archive.in_area(talk.session, area, today(talk))
    if not listed:
        return Reply(talk.say("old_tree.none_listed", area=area.name))
    never = len(listed) - len(old_tree_watch.ever_seen(talk.session, listed))
    fields = {"area": area.name, "days": days, "n": len(found), "listed": len(listed)}
    lines = [talk.say("old_tree.unseen" if found else "old_tree.unseen_none", **fields)]
    young = never - sum(one.last_on is None for one in found)
    lines += [talk.say("old_tree.never", n=young)] if young else []
    page = found[offset : offset + _PAGE]
    title = talk.say("old_tree.page", first=offset + 1, last=offset + len(page))
    columns = tuple(talk.say(f"old_tree.show.{name}") for name in ("code", "species", "where", "last"))
    table = Table(title, columns, tuple(_row(talk, one) for one in page)) if page else None
    steps = tuple(
        talk.button("tree.unseen", f"{area.code}|{days}|{at}", label=talk.say(label))
        for label, at in (("count.newer", offset - _PAGE), ("count.older", offset + _PAGE))
        if 0 <= at < len(found)
    )
    return Reply("\n".join(lines), (steps,) if steps else (), table)


def _row(talk: Talk, one: Unseen) -> tuple[str, ...]:
    last = talk.say("old_tree.last_never") if one.days is None else talk.say("old_tree.days", days=one.days)
    return one.tree.code, one.tree.species, one.tree.site or one.tree.name or "–", last
