"""Old trees that nobody has seen for long (久未巡查的古树): for the office, the reminders and the map."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from models.area import Area
from services import old_tree
from services.ground import Fact, Grounds
from services.old_tree import TreeFacts
from services.old_tree_visit import last_seen

_NAMED, _BETWEEN = 3, " · "
"""So many trees a reminder names, and what stands between them in every language."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A tree that was not seen for long: `last_on` and `days` are None where it never was."""

    tree: TreeFacts
    last_on: date | None
    days: int | None


def unseen_trees(
    session: Session, grid_codes: Collection[str], today: date, at_least: int | None = None
) -> list[Unseen]:
    """The trees of some grids that were not seen for so many days (the rule's, where none are given), longest first."""
    return _unseen(session, old_tree.in_grids(session, grid_codes, today), today, at_least)


def long_unseen(session: Session, grounds: Grounds, today: date) -> dict[int, Fact]:
    """What the reminders of some grounds say of such trees, by their ids; nothing where there are none.

    A batch asks for all of them by one look at the visits; where no tree stands, nothing is asked.
    """
    codes = {ground.code for some in grounds.values() for ground in some}
    trees = old_tree.in_grids(session, codes, today)
    late = {one.tree.id: one for one in _unseen(session, trees, today, None)}
    found = {}
    for key, some in grounds.items() if late else ():
        there = old_tree.in_grids(session, [ground.code for ground in some], today)
        if here := sorted((late[tree.id] for tree in there if tree.id in late), key=_longest):
            found[key] = _fact(here, today)
    return found


def _fact(trees: Sequence[Unseen], today: date) -> Fact:
    days = min((today - (one.last_on or one.tree.entered_on)).days for one in trees)
    names = _BETWEEN.join(f"{one.tree.species} {one.tree.code}" for one in trees[:_NAMED])
    what = "old_trees_more" if len(trees) > _NAMED else "old_trees"
    return Fact(what, {"n": len(trees), "days": days, "names": names})


def unseen_in(session: Session, area: Area, today: date, at_least: int | None = None) -> list[Unseen]:
    """The same of an area."""
    return _unseen(session, old_tree.in_area(session, area, today), today, at_least)


def ever_seen(session: Session, trees: Sequence[TreeFacts]) -> dict[int, date]:
    """The last day of those of some trees that were ever seen, by their ids."""
    seen = last_seen(session) if trees else {}
    return {tree.id: seen[tree.id] for tree in trees if tree.id in seen}


def days_allowed(session: Session, today: date) -> int:
    """For how many days a tree may go unseen, by the rule of a date."""
    return old_tree.rule_on(session, today).unseen_days


def _unseen(session: Session, trees: Sequence[TreeFacts], today: date, at_least: int | None) -> list[Unseen]:
    if not trees:
        return []
    most = days_allowed(session, today) if at_least is None else at_least
    seen = last_seen(session)
    found = [_of(tree, seen.get(tree.id), today) for tree in trees if _days(tree, seen, today) >= most]
    return sorted(found, key=_longest)


def _longest(one: Unseen) -> tuple[date, str]:
    return one.last_on or date.min, one.tree.code


def _days(tree: TreeFacts, seen: dict[int, date], today: date) -> int:
    # A tree that was never seen is unseen since the archive took it in: before, nobody was asked to look.
    return (today - seen.get(tree.id, tree.entered_on)).days


def _of(tree: TreeFacts, last_on: date | None, today: date) -> Unseen:
    return Unseen(tree, last_on, (today - last_on).days if last_on else None)
