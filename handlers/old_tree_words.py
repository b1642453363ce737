"""How old trees are worded (古树用语): in the prompt of a draft, on a receipt, in lists."""

from collections.abc import Sequence
from typing import Protocol

from handlers.talk import Talk
from models.draft import Draft
from models.message import Button
from rules.localtime import local_date
from services import draft, old_tree_visit
from services.old_tree import TreeFacts

Buttons = tuple[tuple[Button, ...], ...]
Near = Sequence[tuple[TreeFacts, float]]
NAMED = 3
_IN_A_ROW = 2


class Named(Protocol):
    """What has a species and a code."""

    @property
    def species(self) -> str:
        """The species."""

    @property
    def code(self) -> str:
        """The code."""


def near(talk: Talk, opened: Draft) -> Near:
    """The trees near a draft's position that are not noted in it yet."""
    place = draft.location_of(talk.session, opened)
    return old_tree_visit.near_draft(talk.session, opened, place, local_date(talk.now, talk.zone))


def noted(talk: Talk, opened: Draft) -> list[str]:
    """What a draft holds of trees, as a line; none where it holds none."""
    if not opened.trees:
        return []
    trees = old_tree_visit.noted(talk.session, opened)
    return [talk.say(_more("old_tree.noted", trees), n=len(trees), names=names(talk, trees))]


def offer(talk: Talk, found: Near, key: str = "old_tree.near") -> list[str]:
    """That trees are near, as a line; none where there are none: nobody is asked anything more."""
    trees = [tree for tree, _ in found]
    return [talk.say(_more(key, trees), n=len(trees), names=names(talk, trees))] if trees else []


def buttons(talk: Talk, found: Near, whose: str) -> Buttons:
    """One tap for all trees near, and one to choose among several; `whose` is `draft:12` or `patrol:34`."""
    if not found:
        return ()
    ids = ",".join(str(tree.id) for tree, _ in found)
    label = talk.say("old_tree.seen_one") if len(found) == 1 else talk.say("old_tree.seen_all", n=len(found))
    every = Button(label, "tree.seen", f"{whose}:{ids}")
    return ((every,),) if len(found) == 1 else ((every, talk.button("tree.choose", f"{whose}:{ids}")),)


def each(talk: Talk, trees: Sequence[TreeFacts], whose: str) -> Buttons:
    """A button a tree."""
    made = [Button(_named(talk, tree), "tree.seen", f"{whose}:{tree.id}") for tree in trees]
    return tuple(tuple(made[n : n + _IN_A_ROW]) for n in range(0, len(made), _IN_A_ROW))


def names(talk: Talk, trees: Sequence[Named]) -> str:
    """The first few trees by species and code."""
    return talk.say("old_tree.comma").join(_named(talk, tree) for tree in trees[:NAMED])


def _named(talk: Talk, tree: Named) -> str:
    return talk.say("old_tree.named", species=tree.species, code=tree.code)


def _more(key: str, trees: Sequence[object]) -> str:
    return _MORE[key] if len(trees) > NAMED else key


_MORE = {
    "old_tree.near": "old_tree.near_more", "old_tree.near_receipt": "old_tree.near_receipt_more",
    "old_tree.noted": "old_tree.noted_more",
}  # fmt: skip
"""The same where not all of them are named."""
