"""Verdicts (计入判定): what follows for a patrol from those before it in time, in whatever order they came in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, null, or_, select
from sqlalchemy.orm import Session

from models.patrol import Patrol, PatrolEvent
from rules.evidence import COUNTED, Evidence, Point, Verdict, judge
from services import audit, count, grid
from services.policy import policies, policy_on
from services.post import posts_of

# Built once: putting a statement together costs more than running it.
_NEAR = (
    select(Patrol.id, Patrol.patrolled_at, Patrol.lon, Patrol.lat, Patrol.forwarded, Patrol.verdict)
    .where(Patrol.chief_id == bindparam("chief_id"))
    .where(Patrol.patrolled_at > bindparam("start_at"), Patrol.patrolled_at < bindparam("end_at"))
    .order_by(Patrol.patrolled_at, Patrol.id)
)

Neighbour = Row[int, datetime, float | None, float | None, bool, str]
Neighbours = Sequence[Neighbour]
Moved = dict[str, Any]
"""What a patrol is booked under, where it changed: the old and the new value of each name."""


def neighbours(session: Session, chief_id: int, at: datetime) -> Neighbours:
    """A chief's patrols within the longest repeat window before and after an instant, in the order of time."""
    window = _window(session)
    span = {"chief_id": chief_id, "start_at": at - window, "end_at": at + window}
    return session.connection().execute(_NEAR, span).all()


def last_counted(near: Neighbours, at: datetime, patrol_id: int | None = None) -> Point | None:
    """The last counted patrol before an instant; of two at the same instant the first recorded comes first."""
    for row in reversed(near):
        before = row.patrolled_at < at or (row.patrolled_at == at and (patrol_id is None or row.id < patrol_id))
        if before and row.verdict == COUNTED:
            return _point(row)
    return None


def judge_again(
    session: Session, patrol: Patrol, now: datetime, what: str, account_id: int | None = None, why: str | None = None,
    moved: Moved | None = None,
) -> Verdict:  # fmt: skip
    """Judge a patrol as it now stands; a change leaves an event, moves the counts and reaches the chief's next ones."""
    changed, found = _judge(session, patrol, now, what, account_id, why, moved)
    if changed:
        judge_after(session, patrol.chief_id, patrol.patrolled_at, patrol.id, now)
    return found


def judge_after(session: Session, chief_id: int, at: datetime, patrol_id: int, now: datetime) -> None:
    """Judge again, in the order of time, what follows a patrol for as far as its change reaches."""
    reach = at + _window(session)
    while later := _between(session, chief_id, at, patrol_id, reach):
        for patrol in later:
            if _judge(session, patrol, now, "judged_again")[0]:
                reach = patrol.patrolled_at + _window(session)
        at, patrol_id = later[-1].patrolled_at, later[-1].id


def keep(
    session: Session, patrol: Patrol, now: datetime, what: str, before: str, after: str, account_id: int | None,
    why: str | None = None, moved: Moved | None = None,
) -> None:  # fmt: skip
    """Write down a change to a patrol, in its history and in the audit."""
    who = audit.by_account(account_id) if account_id else audit.HOUSE
    audit.note(session, who, f"patrol.{what}", f"patrol:{patrol.number}", patrol.street_code, after, now)
    values = {
        "patrol_id": patrol.id, "happened_at": now, "account_id": account_id, "what": what, "before": before,
        "after": after, "why": why, "moved": null() if moved is None else moved,
    }  # fmt: skip
    session.execute(insert(PatrolEvent).values(values))


def found_now(session: Session, patrol: Patrol) -> Verdict:
    """The verdict on a patrol as it now stands; nothing is written."""
    near = neighbours(session, patrol.chief_id, patrol.patrolled_at)
    last = last_counted(near, patrol.patrolled_at, patrol.id)
    return judge(_evidence(session, patrol), policy_on(session, patrol.patrolled_on).rules, last)


def _judge(
    session: Session, patrol: Patrol, now: datetime, what: str, account_id: int | None = None, why: str | None = None,
    moved: Moved | None = None,
) -> tuple[bool, Verdict]:  # fmt: skip
    before, old = count.key_of(patrol), patrol.reason or patrol.verdict
    found = found_now(session, patrol)
    patrol.verdict, patrol.reason = found.verdict, found.reason.value if found.reason else None
    session.flush()
    count.move(session, before, count.key_of(patrol))
    changed = old != found.bucket
    if changed or what != "judged_again":
        keep(session, patrol, now, what, old, found.bucket, account_id, why, moved)
    return changed, found


def _between(session: Session, chief_id: int, at: datetime, patrol_id: int, end: datetime) -> Sequence[Patrol]:
    after = or_(Patrol.patrolled_at > at, (Patrol.patrolled_at == at) & (Patrol.id > patrol_id))
    later = select(Patrol).where(Patrol.chief_id == chief_id, Patrol.patrolled_at >= at, after)
    return session.scalars(later.where(Patrol.patrolled_at < end).order_by(Patrol.patrolled_at, Patrol.id)).all()


def _window(session: Session) -> timedelta:
    return max(policy.rules.repeat_window for policy in policies(session))


def _point(row: Neighbour) -> Point:
    return Point(row.patrolled_at, None, None) if row.forwarded else Point(row.patrolled_at, row.lon, row.lat)


def _evidence(session: Session, patrol: Patrol) -> Evidence:
    post = next((one for one in posts_of(session, patrol.chief_id) if one.id == patrol.post_id), None)
    return Evidence(
        Point(patrol.patrolled_at, patrol.lon, patrol.lat), patrol.photos, patrol.forwarded, patrol.outside_m,
        area_known=grid.area_known(session, post, patrol.patrolled_on),
        withdrawn=patrol.withdrawn_at is not None, voided=patrol.voided_at is not None,
        accepted=patrol.ruling == "accepted",
    )  # fmt: skip
