"""Review (核实): patrols that wait for a person's judgement, what is odd about them, and the office's ruling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models.account import Account
from models.chief import Chief
from models.grid import GridVersion
from models.patrol import Patrol, PatrolEvent
from rules.evidence import AWAITING_REVIEW, Reason, Verdict
from rules.geometry import distance_between_m
from services import count, verdict
from services.person import Person
from services.post import PostFacts, posts_of
from services.refused import Refused

ACCEPT, VOID = "accept", "void"
FAST_KMH = 120.0
"""Faster than this from the patrol before or to the one after is worth a look: a car in the city is slower."""
FAR_ENOUGH_M = 1000.0
"""Within this, positions are too coarse to tell a speed."""
MOST_REASON = 200
_DISPUTED = (Reason.FAR_OUTSIDE.value, Reason.FORWARDED.value)


@dataclass(frozen=True, slots=True)
class Sign:
    """What is odd about a patrol itself: `far_outside`, `forwarded`, `fast` or `no_post`; its photos have hints."""

    kind: str
    metres: float = 0.0
    kmh: float = 0.0
    number: str = ""
    """The patrol that lies before or after."""


@dataclass(frozen=True, slots=True)
class Case:
    """A patrol as the office judges it."""

    patrol: Patrol
    chief: str
    grid: str | None
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the office's ruling made of a patrol, and whom to tell."""

    patrol: Patrol
    before: str
    after: Verdict
    account: Account | None


def waiting(session: Session, person: Person) -> tuple[Sequence[int], int]:
    """Ids of the patrols of the person's areas that wait for a judgement, undetermined ones first, and how many.

    Besides those without a post or grid these are the ones that do not count for what only a person can know: a
    joint visit far outside, a position that somebody else passed on.
    """
    open_ = or_(Patrol.verdict == AWAITING_REVIEW, Patrol.reason.in_(_DISPUTED)) & Patrol.ruling.is_(None)
    here = (open_, _of(person))
    undetermined = (Patrol.verdict != AWAITING_REVIEW, Patrol.patrolled_at.desc(), Patrol.id.desc())
    ids = session.scalars(select(Patrol.id).where(*here).order_by(*undetermined)).all()
    return ids, len(ids)


def case(session: Session, person: Person, patrol_id: int) -> Case:
    """A patrol with what is odd about it; raises `Refused` for one that is not the office's, as for none."""
    row = session.execute(
        select(Patrol, Chief.name, GridVersion.name)
        .join(Chief, Chief.id == Patrol.chief_id)
        .outerjoin(GridVersion, GridVersion.id == Patrol.grid_version_id)
        .where(Patrol.id == patrol_id, _of(person))
    ).one_or_none()
    if row is None:
        raise Refused("review.unknown")
    patrol, chief, grid = row
    return Case(patrol, chief, grid, tuple(_signs(session, patrol)))


def by_number(session: Session, person: Person, number: str) -> int:
    """The id of the patrol of a receipt number; raises `Refused` for one that is not the office's, as for none."""
    found = session.scalar(select(Patrol.id).where(func.upper(Patrol.number) == number.upper(), _of(person)))
    if found is None:
        raise Refused("review.unknown")
    return found


def rule(session: Session, person: Person, patrol_id: int, act: str, why: str, now: datetime) -> Ruled:
    """Accept or void a patrol, with the reason; the event and the counts are in the same commit.

    Raises `Refused` where it is the judge's own, where no reason is given, where the chief withdrew it, where it
    stands so already, or where nothing tells under which post an accepted one counts.
    """
    patrol = judged_by(session, person, patrol_id)
    why = " ".join(why.split())
    _check(patrol, act, why)
    account_id = person.account.id if person.account else None
    before = patrol.reason or patrol.verdict
    if act == ACCEPT:
        _give_a_post(session, patrol)
        patrol.ruling, patrol.voided_at = "accepted", None
    else:
        patrol.ruling, patrol.voided_at = None, now
    after = verdict.judge_again(session, patrol, now, "accepted" if act == ACCEPT else "voided", account_id, why)
    told = session.get(Account, patrol.account_id) if patrol.account_id else None
    return Ruled(patrol, before, after, told)


def judged_by(session: Session, person: Person, patrol_id: int) -> Patrol:
    """A patrol that the person may judge; raises `Refused` for the own one, as for one that is not the office's."""
    patrol = case(session, person, patrol_id).patrol
    if is_own(person, patrol):
        raise Refused("review.own", number=patrol.number)
    return patrol


def is_own(person: Person, patrol: Patrol) -> bool:
    """Whether a patrol is the person's own: some of the office are chiefs too, and nobody judges their own cause."""
    return person.chief is not None and person.chief.id == patrol.chief_id


def history(session: Session, patrol_id: int) -> Sequence[PatrolEvent]:
    """What was decided about a patrol, oldest first."""
    return session.scalars(select(PatrolEvent).where(PatrolEvent.patrol_id == patrol_id).order_by(PatrolEvent.id)).all()


def _check(patrol: Patrol, act: str, why: str) -> None:
    if not why:
        raise Refused("review.why_missing")
    if len(why) > MOST_REASON:
        raise Refused("review.why_too_long", most=MOST_REASON)
    if patrol.withdrawn_at is not None:
        raise Refused("review.is_withdrawn", number=patrol.number)
    stands = patrol.voided_at is not None if act == VOID else patrol.ruling == "accepted"
    if stands:
        raise Refused(f"review.{act}_before", number=patrol.number)


def _give_a_post(session: Session, patrol: Patrol) -> None:
    """Book a patrol without a post to the chief's post that is nearest in time: it must count under a level."""
    if patrol.post_id is not None:
        return
    posts = posts_of(session, patrol.chief_id)
    if not posts:
        raise Refused("review.no_post", number=patrol.number)
    before = count.key_of(patrol)
    post = min(posts, key=lambda one: _days_off(one, patrol.patrolled_on))
    patrol.post_id, patrol.level = post.id, post.level
    if patrol.street_code is None and len(post.streets) <= 1 and post.level != "district":
        patrol.street_code = post.streets[0] if post.streets else post.area_code[:9]
    session.flush()
    count.move(session, before, count.key_of(patrol))


def _days_off(post: PostFacts, day: date) -> int:
    if day < post.valid_from:
        return (post.valid_from - day).days
    return (day - post.valid_to).days if post.valid_to and day > post.valid_to else 0


def _of(person: Person) -> ColumnElement[bool]:
    # A street's office judges what is booked to its street, the district's also what is booked to none.
    districts = [code for code in person.offices if len(code) <= 6]
    own = [Patrol.street_code.startswith(code) for code in person.offices]
    return or_(*own, *([Patrol.street_code.is_(None)] if districts else []), Patrol.id.is_(None))


def _signs(session: Session, patrol: Patrol) -> list[Sign]:
    found = []
    if patrol.post_id is None:
        found.append(Sign("no_post"))
    if patrol.forwarded:
        found.append(Sign("forwarded"))
    elif patrol.outside_m:
        found.append(Sign("far_outside", metres=patrol.outside_m))
    return [*found, *(sign for other in _beside(session, patrol) if (sign := _fast(patrol, other)))]


def _beside(session: Session, patrol: Patrol) -> list[Patrol]:
    """The chief's patrols with a position just before and just after."""
    placed = select(Patrol).where(
        Patrol.chief_id == patrol.chief_id, Patrol.id != patrol.id, Patrol.lon.is_not(None), Patrol.forwarded.is_(False)
    )
    before = placed.where(Patrol.patrolled_at <= patrol.patrolled_at).order_by(Patrol.patrolled_at.desc())
    after = placed.where(Patrol.patrolled_at > patrol.patrolled_at).order_by(Patrol.patrolled_at)
    return [one for query in (before, after) if (one := session.scalars(query.limit(1)).first())]


def _fast(patrol: Patrol, other: Patrol) -> Sign | None:
    if patrol.forwarded or None in (patrol.lon, patrol.lat, other.lon, other.lat):
        return None
    metres = distance_between_m(patrol.lon or 0, patrol.lat or 0, other.lon or 0, other.lat or 0)
    hours = abs((patrol.patrolled_at - other.patrolled_at).total_seconds()) / 3600
    kmh = metres / 1000 / max(hours, 1 / 3600)
    return (
        Sign("fast", metres=metres, kmh=kmh, number=other.number) if metres > FAR_ENOUGH_M and kmh > FAST_KMH else None
    )
