"""Patrols (巡林): recording, judging, withdrawing, adding to one; the counts move in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, insert, select, text
from sqlalchemy.orm import Session

from models.message import Location, Problem
from models.patrol import Patrol, PatrolEvent
from rules.evidence import Evidence, Point, Verdict, judge
from rules.localtime import local_date
from services import count, grid
from services.count import UNASSIGNED, CountKey
from services.policy import DatedPolicy, policy_on
from services.post import posts_on
from services.receipt import next_patrol_number
from services.refused import Refused

UNDO_FOR = timedelta(hours=24)
"""How long a chief may withdraw a patrol or add to it; later corrections go through the office."""


# Built once: putting a statement together costs more than running it.
_INSERT = insert(Patrol).returning(Patrol.id)
_NEAR = (
    select(Patrol.id, Patrol.patrolled_at, Patrol.lon, Patrol.lat, Patrol.forwarded)
    .where(Patrol.chief_id == bindparam("chief_id"), Patrol.verdict == text("'counted'"))
    .where(Patrol.patrolled_at > bindparam("start_at"), Patrol.patrolled_at < bindparam("end_at"))
    .order_by(Patrol.patrolled_at, Patrol.id)
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A complete patrol, as it is handed in."""

    chief_id: int
    inbox_id: int
    patrolled_at: datetime
    location: Location | None = None
    photos: int = 0
    note: str | None = None
    problem: Problem | None = None
    chosen_grid: int | None = None
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A patrol as it stands after the verdict."""

    id: int
    number: str
    patrolled_on: date
    verdict: Verdict
    booking: grid.Booking
    photos: int
    policy: DatedPolicy


def record(session: Session, sub: Submission, zone: ZoneInfo, now: datetime) -> Recorded:
    """Write a patrol, judge it and move the counts; later patrols of the chief are judged again where it matters."""
    day = local_date(sub.patrolled_at, zone)
    policy = policy_on(session, day)
    where = None if sub.location is None or sub.location.forwarded else sub.location
    booking = grid.book(
        session, posts_on(session, sub.chief_id, day), day,
        where.lon if where else None, where.lat if where else None, sub.chosen_grid,
    )  # fmt: skip
    known = grid.area_known(booking, session, day)
    near = _counted_near(session, sub.chief_id, sub.patrolled_at, policy)
    verdict = judge(_evidence(sub, booking, known), policy.rules, _last_before(near, sub.patrolled_at))
    number = next_patrol_number(session, day.year)
    row = _columns(sub, day, booking, policy, verdict, number, now)
    patrol_id = session.connection().execute(_INSERT, row).scalar_one()
    count.add(session, _count_key(day, booking, verdict))
    if any(point.at > sub.patrolled_at for point in near):
        judge_after(session, sub.chief_id, sub.patrolled_at, now)
    return Recorded(patrol_id, number, day, verdict, booking, sub.photos, policy)


def judge_again(session: Session, patrol: Patrol, now: datetime, what: str, account_id: int | None = None) -> Verdict:
    """Judge a patrol as it now stands; a change leaves an event, moves the counts and reaches the chief's next ones."""
    before, old = count.key_of(patrol), _bucket(patrol)
    policy = policy_on(session, patrol.patrolled_on)
    near = _counted_near(session, patrol.chief_id, patrol.patrolled_at, policy, patrol.id)
    verdict = judge(_evidence_of(patrol), policy.rules, _last_before(near, patrol.patrolled_at))
    patrol.verdict, patrol.reason = verdict.verdict, verdict.reason.value if verdict.reason else None
    session.flush()
    count.move(session, before, count.key_of(patrol))
    if old != verdict.bucket or what != "judged_again":
        note(session, patrol.id, now, what, old, verdict.bucket, account_id)
    if old != verdict.bucket:
        judge_after(session, patrol.chief_id, patrol.patrolled_at, now)
    return verdict


def judge_after(session: Session, chief_id: int, after: datetime, now: datetime) -> None:
    """Judge again what a chief recorded within the repeat window after an instant."""
    window = timedelta(days=1)
    later = select(Patrol).where(
        Patrol.chief_id == chief_id, Patrol.patrolled_at > after, Patrol.patrolled_at < after + window
    )
    for patrol in session.scalars(later.order_by(Patrol.patrolled_at, Patrol.id)):
        if patrol.patrolled_at - after >= policy_on(session, patrol.patrolled_on).rules.repeat_window:
            return
        old = _bucket(patrol)
        if judge_again(session, patrol, now, "judged_again").bucket != old:
            # The change has reached the ones after this one by itself.
            return


def latest_own(session: Session, chief_id: int, now: datetime) -> Patrol | None:
    """The latest patrol of a chief that can still be withdrawn or added to."""
    return session.scalars(
        select(Patrol)
        .where(Patrol.chief_id == chief_id, Patrol.submitted_at > now - UNDO_FOR, Patrol.withdrawn_at.is_(None))
        .order_by(Patrol.submitted_at.desc(), Patrol.id.desc())
        .limit(1)
    ).first()


def own(session: Session, patrol_id: int, chief_id: int, now: datetime) -> Patrol:
    """A chief's own patrol that may still be changed; raises `Refused` where it is not theirs or too old."""
    patrol = session.get(Patrol, patrol_id)
    if patrol is None or patrol.chief_id != chief_id:
        raise Refused("patrol.unknown")
    if patrol.submitted_at <= now - UNDO_FOR:
        raise Refused("patrol.too_late", number=patrol.number)
    return patrol


def withdraw(session: Session, patrol: Patrol, account_id: int | None, now: datetime) -> None:
    """Withdraw a patrol: it stays, under the reason `withdrawn`; raises `Refused` where it was withdrawn before."""
    if patrol.withdrawn_at is not None:
        raise Refused("patrol.withdrawn_before", number=patrol.number)
    patrol.withdrawn_at = now
    judge_again(session, patrol, now, "withdrawn", account_id)


def add_photos(session: Session, patrol: Patrol, photos: int, account_id: int | None, now: datetime) -> Verdict:
    """Add photos that came late, and judge the patrol again."""
    patrol.photos += photos
    return judge_again(session, patrol, now, "photo_added", account_id)


def note(
    session: Session, patrol_id: int, now: datetime, what: str, before: str, after: str, account_id: int | None,
    why: str | None = None,
) -> None:  # fmt: skip
    """Write down a change to a patrol."""
    session.execute(
        insert(PatrolEvent).values(
            patrol_id=patrol_id, happened_at=now, account_id=account_id, what=what, before=before, after=after, why=why
        )
    )


def _counted_near(
    session: Session, chief_id: int, at: datetime, policy: DatedPolicy, but: int | None = None
) -> list[Point]:
    window = policy.rules.repeat_window
    span = {"chief_id": chief_id, "start_at": at - window, "end_at": at + window}
    rows = session.connection().execute(_NEAR, span)
    return [_point(row) for row in rows if row.id != but]


def _point(row: Row[int, datetime, float | None, float | None, bool]) -> Point:
    return Point(row.patrolled_at, None, None) if row.forwarded else Point(row.patrolled_at, row.lon, row.lat)


def _last_before(near: Sequence[Point], at: datetime) -> Point | None:
    return next((point for point in reversed(near) if point.at <= at), None)


def _evidence(sub: Submission, booking: grid.Booking, area_known: bool) -> Evidence:
    lon, lat = (sub.location.lon, sub.location.lat) if sub.location else (None, None)
    return Evidence(
        Point(sub.patrolled_at, lon, lat), sub.photos, bool(sub.location and sub.location.forwarded),
        booking.outside_m, area_known,
    )  # fmt: skip


def _evidence_of(patrol: Patrol) -> Evidence:
    return Evidence(
        Point(patrol.patrolled_at, patrol.lon, patrol.lat), patrol.photos, patrol.forwarded, patrol.outside_m,
        area_known=patrol.post_id is not None and (patrol.grid_version_id is not None or patrol.lon is None),
        withdrawn=patrol.withdrawn_at is not None, voided=patrol.voided_at is not None,
        accepted=patrol.ruling == "accepted",
    )  # fmt: skip


def _bucket(patrol: Patrol) -> str:
    return patrol.reason or patrol.verdict


def _count_key(day: date, booking: grid.Booking, verdict: Verdict) -> CountKey:
    post = booking.post
    return CountKey(
        post.id if post else 0, booking.grid_version_id or 0, day.strftime("%Y-%m"), verdict.bucket,
        booking.street_code or UNASSIGNED, post.level if post else UNASSIGNED,
    )  # fmt: skip


def _columns(
    sub: Submission, day: date, booking: grid.Booking, policy: DatedPolicy, verdict: Verdict, number: str, now: datetime
) -> dict[str, object]:
    location, problem, post = sub.location, sub.problem, booking.post
    return {
        "number": number, "chief_id": sub.chief_id, "post_id": post.id if post else None,
        "level": post.level if post else None, "grid_version_id": booking.grid_version_id,
        "street_code": booking.street_code, "patrolled_at": sub.patrolled_at, "patrolled_on": day,
        "submitted_at": now, "lon": location.lon if location else None, "lat": location.lat if location else None,
        "accuracy_m": location.accuracy_m if location else None,
        "forwarded": bool(location and location.forwarded), "outside_m": booking.outside_m, "photos": sub.photos,
        "note": sub.note, "problem_type": problem.type if problem else None,
        "problem_severity": problem.severity if problem else None, "policy_id": policy.id,
        "verdict": verdict.verdict, "reason": verdict.reason.value if verdict.reason else None,
        "withdrawn_at": None, "voided_at": None, "ruling": None, "inbox_id": sub.inbox_id,
        "account_id": sub.account_id,
    }  # fmt: skip
