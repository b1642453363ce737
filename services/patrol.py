"""Patrols (巡林): recording, judging, withdrawing, adding to one; the counts move in the same transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.message import Location, Problem
from models.patrol import Patrol
from rules.evidence import Evidence, Point, Verdict, judge
from rules.localtime import local_date
from services import audit, count, grid, verdict
from services.count import UNASSIGNED, CountKey
from services.policy import DatedPolicy, policy_on
from services.post import posts_on
from services.receipt import next_patrol_number
from services.refused import Refused

UNDO_FOR = timedelta(hours=24)
"""How long a chief may withdraw a patrol or add to it; later corrections go through the office."""


# Built once: putting a statement together costs more than running it.
_INSERT = insert(Patrol).returning(Patrol.id)


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
    located: bool
    """Whether it has a position of its own."""
    problem: bool
    photos_awaited: int = 0
    """How many photos the phone announced that have not come yet."""


def record(session: Session, sub: Submission, zone: ZoneInfo, now: datetime) -> Recorded:
    """Write a patrol, judge it and move the counts; later patrols of the chief are judged again where it matters."""
    day = local_date(sub.patrolled_at, zone)
    policy = policy_on(session, day)
    where = None if sub.location is None or sub.location.forwarded else sub.location
    booking = grid.book(
        session, posts_on(session, sub.chief_id, day), day,
        where.lon if where else None, where.lat if where else None, sub.chosen_grid,
    )  # fmt: skip
    evidence = _evidence(sub, booking, grid.area_known(session, booking.post, day))
    near = verdict.neighbours(session, sub.chief_id, sub.patrolled_at)
    judged = judge(evidence, policy.rules, verdict.last_counted(near, sub.patrolled_at))
    number = next_patrol_number(session, day.year)
    row = _columns(sub, day, booking, policy, judged, number, now)
    patrol_id = session.connection().execute(_INSERT, row).scalar_one()
    count.add(session, _count_key(day, booking, judged))
    who = audit.by_account(sub.account_id) if sub.account_id else f"chief:{sub.chief_id}"
    audit.note(session, who, "patrol.submitted", f"patrol:{number}", booking.street_code, judged.bucket, now)
    if any(one.patrolled_at > sub.patrolled_at for one in near):
        verdict.judge_after(session, sub.chief_id, sub.patrolled_at, patrol_id, now)
    return Recorded(
        patrol_id, number, day, judged, booking, sub.photos, policy, where is not None, sub.problem is not None
    )


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


def addable(session: Session, patrol_id: int, chief_id: int, now: datetime) -> Patrol:
    """A chief's own patrol that may still be added to; raises `Refused` where it is withdrawn, too."""
    patrol = own(session, patrol_id, chief_id, now)
    if patrol.withdrawn_at is not None:
        raise Refused("patrol.is_withdrawn", number=patrol.number)
    return patrol


def withdraw(session: Session, patrol: Patrol, account_id: int | None, now: datetime) -> None:
    """Withdraw a patrol: it stays, under the reason `withdrawn`; raises `Refused` where it was withdrawn before."""
    if patrol.withdrawn_at is not None:
        raise Refused("patrol.withdrawn_before", number=patrol.number)
    patrol.withdrawn_at = now
    verdict.judge_again(session, patrol, now, "withdrawn", account_id)


def add_photos(session: Session, patrol: Patrol, photos: int, account_id: int | None, now: datetime) -> Verdict:
    """Add photos that came late, and judge the patrol again."""
    patrol.photos += photos
    return verdict.judge_again(session, patrol, now, "photo_added", account_id)


def add_note(session: Session, patrol: Patrol, text: str, account_id: int | None, now: datetime) -> None:
    """Add words that came late; they change no verdict, and leave an event."""
    patrol.note = f"{patrol.note}\n{text}" if patrol.note else text
    stands = patrol.reason or patrol.verdict
    verdict.keep(session, patrol, now, "note_added", stands, stands, account_id)


def _evidence(sub: Submission, booking: grid.Booking, area_known: bool) -> Evidence:
    lon, lat = (sub.location.lon, sub.location.lat) if sub.location else (None, None)
    return Evidence(
        Point(sub.patrolled_at, lon, lat), sub.photos, bool(sub.location and sub.location.forwarded),
        booking.outside_m, area_known,
    )  # fmt: skip


def _count_key(day: date, booking: grid.Booking, judged: Verdict) -> CountKey:
    post = booking.post
    return CountKey(
        post.id if post else 0, booking.grid_version_id or 0, day.strftime("%Y-%m"), judged.bucket,
        booking.street_code or UNASSIGNED, post.level if post else UNASSIGNED,
    )  # fmt: skip


def _columns(
    sub: Submission, day: date, booking: grid.Booking, policy: DatedPolicy, judged: Verdict, number: str, now: datetime
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
        "verdict": judged.verdict, "reason": judged.reason.value if judged.reason else None,
        "withdrawn_at": None, "voided_at": None, "ruling": None, "inbox_id": sub.inbox_id,
        "account_id": sub.account_id,
    }  # fmt: skip
