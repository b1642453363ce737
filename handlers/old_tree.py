"""古树 (old trees): noting those that were seen on a patrol, one tree's record, those that nobody saw for long."""

from collections.abc import Sequence

from handlers import old_tree_words, patrol, patrol_words
from handlers.areas import today
from handlers.talk import Talk
from models.area import Area
from models.draft import Draft
from models.message import Reply, Table
from models.old_tree import OldTree
from services import draft, old_tree, old_tree_visit, problem_draft, scope
from services import patrol as patrols
from services.refused import Refused

Replies = Sequence[Reply]
_HISTORY = 8


def seen(talk: Talk, arg: str) -> Replies:
    """看了这几株: with the draft whose prompt it was, or with the patrol that it has become."""
    whose, id_, ids = arg.split(":")
    trees = [int(one) for one in ids.split(",")]
    opened = _draft(talk, int(id_)) if whose == "draft" else None
    if opened is not None and opened.patrol_id is None:
        old_tree_visit.note_in_draft(talk.session, opened, trees, old_tree_visit.NEAR, talk.now)
        return patrol_words.prompt(talk, opened)
    patrol_id = int(id_) if opened is None else opened.patrol_id or 0
    found = patrols.addable(talk.session, patrol_id, talk.chief.id, talk.now)
    old_tree_visit.note_in_patrol(talk.session, found.id, trees, old_tree_visit.NEAR, talk.now)
    talk.audit("patrol.trees_added", f"patrol:{found.number}", found.street_code, str(len(trees)))
    now_seen = old_tree_visit.seen_on(talk.session, found.id)
    named = old_tree_words.names(talk, now_seen)
    return [Reply(talk.say("old_tree.joined", number=found.number, n=len(now_seen), names=named))]


def choose(talk: Talk, arg: str) -> Replies:
    """选几株: a button a tree."""
    whose, id_, ids = arg.split(":")
    trees = old_tree.of_ids(talk.session, [int(one) for one in ids.split(",")])
    opened = _draft(talk, int(id_)) if whose == "draft" else None
    rows = old_tree_words.each(talk, trees, f"{whose}:{id_}")
    return [Reply(talk.say("old_tree.which"), rows, draft_id=opened.id if opened else None)]


def by_code(talk: Talk, codes: Sequence[str]) -> Replies:
    """古树 CODE: noted in the open draft, or in a new one."""
    trees = _standing(talk, codes)
    opened = draft.open_or_new(talk.session, talk.account, talk.chief.id, talk.now)
    if opened.kind == problem_draft.KIND:
        # A report that is being made comes first, as before any patrol.
        return patrol.begin(talk)
    draft.open_by_word(talk.session, opened, talk.message)
    old_tree_visit.note_in_draft(
        talk.session, opened, [tree.id for tree in trees], old_tree_visit.CODE, talk.now
    )  # fmt: skip
    return patrol.go_on(talk, opened)


def record(talk: Talk, codes: Sequence[str]) -> Replies:
    """古树 CODE of an office: what the archive holds of it, and who saw it."""
    found = old_tree.by_codes(talk.session, codes)
    trees = [tree for code in codes if (tree := found.get(code.upper())) and _may_see(talk, tree)]
    if not trees:
        raise Refused("old_tree.unknown", codes=" ".join(codes)[:40])
    return [_record(talk, tree) for tree in trees]


def looks_like_code(word: str) -> bool:
    """Whether a word may be a tree's code: letters and digits of it are plain, and it has a digit."""
    return word.isascii() and any(char.isdigit() for char in word)


def _record(talk: Talk, tree: OldTree) -> Reply:
    visits = old_tree_visit.history(talk.session, tree.id, _HISTORY)
    last_on = old_tree_visit.last_seen(talk.session, [tree.id]).get(tree.id)
    days = (today(talk) - last_on).days if last_on else 0
    last = talk.say("old_tree.last", day=last_on, days=days) if last_on else talk.say("old_tree.last_never")
    street = talk.session.get(Area, tree.street_code)
    where = " ".join(part for part in (street.name if street else "", tree.site, tree.name) if part)
    grade = talk.say(f"old_tree.grade.{tree.grade}")
    text = talk.say(
        "old_tree.record", code=tree.code, species=tree.species, grade=grade, where=where or "–", last=last
    )  # fmt: skip
    columns = tuple(talk.say(f"old_tree.show.{name}") for name in ("when", "number", "chief", "photos"))
    rows = tuple(
        (
            one.patrolled_on.isoformat(), one.number + ("" if one.counts else talk.say("old_tree.not_counting")),
            one.chief, str(one.photos),
        )
        for one in visits
    )  # fmt: skip
    return Reply(text, table=Table(talk.say("old_tree.history"), columns, rows) if rows else None)


def _standing(talk: Talk, codes: Sequence[str]) -> list[OldTree]:
    found = old_tree.by_codes(talk.session, codes)
    if lacking := [code for code in codes if code.upper() not in found]:
        raise Refused("old_tree.unknown", codes=" ".join(lacking)[:40])
    trees = list(found.values())
    if gone := next((tree for tree in trees if tree.closed_on is not None), None):
        raise Refused("old_tree.closed", code=gone.code)
    return trees


def _draft(talk: Talk, draft_id: int) -> Draft:
    found = talk.session.get(Draft, draft_id)
    if found is None or found.account_id != talk.account.id:
        raise Refused("draft.none")
    if found.state not in {"open", "expired"} and found.patrol_id is None:
        raise Refused("draft.closed")
    return found


def _may_see(talk: Talk, tree: OldTree) -> bool:
    street = talk.session.get(Area, tree.street_code)
    try:
        return street is not None and bool(scope.may_see(talk.session, talk.person, street, today(talk)))
    except Refused:
        # As for a tree that does not exist.
        return False
