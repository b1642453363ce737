"""Which patrol saw which old tree (古树巡查): noted in its draft or after its receipt, counted as the patrol is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from models.chief import Chief
from models.draft import Draft
from models.message import Location
from models.old_tree import OldTree, OldTreeVisit
from models.patrol import Patrol
from models.upsert import insert_or
from rules.evidence import COUNTED, Reason
from services import old_tree
from services.old_tree import TreeFacts

NEAR, CODE = "near", "code"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of a tree as its record lists it."""

    patrol_id: int
    number: str
    patrolled_on: date
    chief: str
    photos: int
    counts: bool


def holds() -> ColumnElement[bool]:
    """The condition of the patrols whose trees count.

    Withdrawn, voided, and whatever else does not count takes its trees along, in the same commit: nothing is kept
    twice. Only a patrol within five minutes of another is the same walk, on which its trees were seen all the same.
    """
    return or_(Patrol.verdict == COUNTED, Patrol.reason == Reason.WITHIN_5_MIN.value)


def note_in_draft(session: Session, opened: Draft, tree_ids: Collection[int], found_by: str, now: datetime) -> None:
    """Note trees in a draft; one that is noted already stays one."""
    _insert(session, {"draft_id": opened.id, "patrol_id": None}, ["draft_id", "tree_id"], tree_ids, found_by, now)
    opened.trees = len(noted(session, opened))
    session.flush()


def note_in_patrol(session: Session, patrol_id: int, tree_ids: Collection[int], found_by: str, now: datetime) -> None:
    """Note trees with a patrol that was handed in."""
    _insert(session, {"draft_id": None, "patrol_id": patrol_id}, ["patrol_id", "tree_id"], tree_ids, found_by, now)


def hand_in(session: Session, opened: Draft, patrol_id: int) -> None:
    """The trees of a draft become those of its patrol; without any nothing is asked."""
    if opened.trees:
        own = update(OldTreeVisit).where(OldTreeVisit.draft_id == opened.id)
        session.execute(own.values(patrol_id=patrol_id))


def noted(session: Session, opened: Draft) -> list[OldTree]:
    """The trees that were noted in a draft, in the order of noting."""
    own = select(OldTree).join(OldTreeVisit, OldTreeVisit.tree_id == OldTree.id)
    return list(session.scalars(own.where(OldTreeVisit.draft_id == opened.id).order_by(OldTreeVisit.id)))


def seen_on(session: Session, patrol_id: int) -> list[OldTree]:
    """The trees of a patrol, in the order of noting."""
    own = select(OldTree).join(OldTreeVisit, OldTreeVisit.tree_id == OldTree.id)
    return list(session.scalars(own.where(OldTreeVisit.patrol_id == patrol_id).order_by(OldTreeVisit.id)))


def near_draft(session: Session, opened: Draft, place: Location | None, day: date) -> list[tuple[TreeFacts, float]]:
    """The trees near a draft's position that are not noted in it; none where it has no position of its own."""
    if place is None or place.forwarded:
        return []
    found = old_tree.near(session, place.lon, place.lat, day)
    known = {tree.id for tree in noted(session, opened)} if opened.trees and found else set()
    return [(tree, metres) for tree, metres in found if tree.id not in known]


def last_seen(session: Session, tree_ids: Sequence[int] | None = None) -> dict[int, date]:
    """The local date of each tree's last counting visit, of some trees or of all; who never had one is left out."""
    days = (
        select(OldTreeVisit.tree_id, func.max(Patrol.patrolled_on))
        .join(Patrol, Patrol.id == OldTreeVisit.patrol_id)
        .where(holds())
        .group_by(OldTreeVisit.tree_id)
    )
    if tree_ids is not None:
        days = days.where(OldTreeVisit.tree_id.in_(tree_ids))
    return dict(session.execute(days).all())


def history(session: Session, tree_id: int, limit: int) -> list[Visit]:
    """The latest visits of a tree, those that do not count too."""
    rows = session.execute(
        select(Patrol.id, Patrol.number, Patrol.patrolled_on, Chief.name, Patrol.photos, holds())
        .join(OldTreeVisit, OldTreeVisit.patrol_id == Patrol.id)
        .join(Chief, Chief.id == Patrol.chief_id)
        .where(OldTreeVisit.tree_id == tree_id)
        .order_by(Patrol.patrolled_on.desc(), Patrol.patrolled_at.desc(), Patrol.id.desc())
        .limit(limit)
    )
    return [Visit(id_, number, day, chief, photos, bool(counts)) for id_, number, day, chief, photos, counts in rows]


def _insert(
    session: Session, whose: dict[str, int | None], unique: list[str], tree_ids: Collection[int], found_by: str,
    now: datetime,
) -> None:  # fmt: skip
    rows = [{**whose, "tree_id": tree_id, "found_by": found_by, "noted_at": now} for tree_id in tree_ids]
    if rows:
        known = OldTreeVisit.draft_id if unique[0] == "draft_id" else OldTreeVisit.patrol_id
        statement = insert_or(session, OldTreeVisit).values(rows)
        session.execute(statement.on_conflict_do_nothing(index_elements=unique, index_where=known.is_not(None)))
