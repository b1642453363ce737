"""Booking again (重新归属): patrols of days for which roster, grids or policies were changed afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.grid import GridVersion
from models.patrol import Patrol
from rules.evidence import AWAITING_REVIEW
from services import count, grid, map_division, verdict
from services.grid import Booking
from services.policy import policy_on
from services.post import posts_on

ROSTER, GRIDS, POLICY = "roster_changed", "grids_changed", "policy_changed"
CAUSES = (ROSTER, GRIDS, POLICY)
_NEAR_M = 0.01
"""What a distance may differ by when it is measured a second time."""


@dataclass(frozen=True, slots=True)
class Rebooked:
    """A patrol that belongs elsewhere or stands otherwise than before."""

    number: str
    cause: str
    before: str
    after: str
    moved: dict[str, Any]


def rebook(session: Session, first: date, last: date, now: datetime) -> list[Rebooked]:
    """Book and judge the patrols of some local dates by what roster, grids and policies now say about those dates.

    Every change leaves an event with its cause, and the counts move in the same transaction. What the office ruled
    stands; an accepted patrol of somebody without a post keeps the post that it was given.
    """
    during = select(Patrol).where(Patrol.patrolled_on.between(first, last))
    changed: list[Rebooked] = []
    for patrol in session.scalars(during.order_by(Patrol.chief_id, Patrol.patrolled_at, Patrol.id)).all():
        changed += _again(session, patrol, now)
    return changed


def since(session: Session, day: date) -> int:
    """How many patrols of a date or later there are: an import for that date does not change them by itself."""
    return session.scalar(select(func.count()).select_from(Patrol).where(Patrol.patrolled_on >= day)) or 0


def _again(session: Session, patrol: Patrol, now: datetime) -> Iterator[Rebooked]:
    before, key = _facts(patrol), count.key_of(patrol)
    old = patrol.reason or patrol.verdict
    cause = _book(session, patrol)
    moved = {name: [was, value] for (name, was), value in zip(before.items(), _facts(patrol).values(), strict=True)
             if was != value}  # fmt: skip
    session.flush()
    count.move(session, key, count.key_of(patrol))
    if not cause and not moved and verdict.found_now(session, patrol).bucket == old:
        return
    cause = cause or (GRIDS if old == AWAITING_REVIEW else POLICY)
    found = verdict.judge_again(session, patrol, now, cause, moved=moved)
    yield Rebooked(patrol.number, cause, old, found.bucket, moved)


def _book(session: Session, patrol: Patrol) -> str | None:
    """Give a patrol its place of today's knowledge; gives what changed it, or None where only the policy can have."""
    day = patrol.patrolled_on
    patrol.policy_id = policy_on(session, day).id
    posts = posts_on(session, patrol.chief_id, day)
    if not posts and patrol.ruling == "accepted":
        return None
    where = (None, None) if patrol.forwarded else (patrol.lon, patrol.lat)
    now = grid.book(session, posts, day, *where, _chosen(session, patrol))
    changed = _cause(session, patrol, now)
    patrol.post_id, patrol.level = (now.post.id, now.post.level) if now.post else (None, None)
    patrol.grid_version_id, patrol.street_code = now.grid_version_id, now.street_code
    if _differ(patrol.outside_m, now.outside_m):
        patrol.outside_m = now.outside_m
    return changed


def _cause(session: Session, patrol: Patrol, now: Booking) -> str | None:
    post = (now.post.id, now.post.level) if now.post else (None, None)
    if post != (patrol.post_id, patrol.level):
        return ROSTER
    elsewhere = (now.grid_version_id, now.street_code) != (patrol.grid_version_id, patrol.street_code)
    if not elsewhere and not _differ(patrol.outside_m, now.outside_m):
        return None
    # A grid that is still there was left because the own area of the post is another.
    here = grid.division_on(session, patrol.patrolled_on).all_ids
    return ROSTER if patrol.grid_version_id in here and elsewhere else GRIDS


def _chosen(session: Session, patrol: Patrol) -> int | None:
    """The grid that was chosen by hand; where a re-division gave its ground to one other, that one."""
    chosen = patrol.grid_version_id
    if chosen is None:
        return None
    streets = session.scalars(select(GridVersion.street_code).where(GridVersion.id == chosen)).all()
    return map_division.placing(session, streets, patrol.patrolled_on).whole.get(chosen)


def _differ(old: float | None, new: float | None) -> bool:
    return old is not new and (old is None or new is None or abs(old - new) > _NEAR_M)


def _facts(patrol: Patrol) -> dict[str, Any]:
    return {
        "post": patrol.post_id, "level": patrol.level, "grid": patrol.grid_version_id, "street": patrol.street_code,
        "policy": patrol.policy_id,
    }  # fmt: skip
