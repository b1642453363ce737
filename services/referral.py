"""Referrals (移送): handing a lead over to the procuratorate, once, and registering what comes back."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.area import Area
from models.problem import Problem
from models.referral import Referral, ReferralStep
from rules.case import digest_of
from rules.localtime import local_date
from rules.problem_flow import State
from services import audit, case_record, problem, summary
from services.person import Person
from services.receipt import next_referral_number
from services.refused import Refused
from services.summary import Span

RECEIVED, ANSWERED = "received", "answered"
MOST_TEXT = 500
_SHOWN = 10
_DISTRICT = 6


def district_of(session: Session, person: Person) -> Area:
    """The district whose office somebody is; raises `Refused` for others: the district hands leads over."""
    for code in person.offices:
        area = session.get(Area, code)
        if area is not None and area.level == "district":
            return area
    raise Refused("referral.not_yours")


def is_district(code: str) -> bool:
    """Whether an area's code is that of a district: shorter ones lie above it, longer ones below."""
    return len(code) == _DISTRICT


def to_hand_over(session: Session, person: Person, number: str) -> Problem:
    """The problem of a number, where it may be handed over; raises `Refused`."""
    district_of(session, person)
    return _free(session, problem.by_number(session, person, number))


def hand_over(
    session: Session, person: Person, problem_id: int, why: str, zone: ZoneInfo, now: datetime
) -> Referral:  # fmt: skip
    """Freeze the record of a problem and give the referral its number; raises `Refused` where that was done before."""
    area, why = district_of(session, person), _tidy(why)
    found = _free(session, problem.seen_by(session, person, problem_id))
    while audit.chain(session):
        pass
    number, day = next_referral_number(session, local_date(now, zone).year), local_date(now, zone)
    handed = {
        "number": number, "at": now.isoformat(), "on": day.isoformat(), "by": area.name, "why": why,
        "timezone": zone.key,
    }  # fmt: skip
    record = {**case_record.gather(session, found), "referral": handed}
    account_id = person.account.id if person.account else None
    made = Referral(
        number=number, problem_id=found.id, area_code=area.code, street_code=found.street_code, why=why, handed_at=now,
        handed_on=day, account_id=account_id, record=record, digest=digest_of(record),
    )  # fmt: skip
    session.add(made)
    session.flush()
    # The digest in the chain: the next anchor proves the record too.
    who, result = audit.by(person), f"sha256:{made.digest}"
    audit.note(session, who, "referral.handed", f"referral:{number}", area.code, result, now)
    audit.note(session, who, "problem.referred", f"problem:{found.number}", found.street_code, number, now)
    return made


def register(session: Session, person: Person, referral_id: int, what: str, text: str, now: datetime) -> Referral:
    """Register a receipt (`received`) or a result (`answered`) of the procuratorate; earlier ones stay."""
    found = of_id(session, person, referral_id)
    text, account_id = _tidy(text), person.account.id if person.account else None
    session.add(ReferralStep(referral_id=found.id, taken_at=now, account_id=account_id, what=what, text=text))
    if what == RECEIVED:
        found.received_at = now
    else:
        found.answered_at = now
    audit.note(session, audit.by(person), f"referral.{what}", f"referral:{found.number}", found.area_code, "done", now)
    return found


def of_id(session: Session, person: Person, referral_id: int) -> Referral:
    """A referral of the own district; raises `Refused` for any other, as for none."""
    return _own(session, person, session.get(Referral, referral_id))


def of_number(session: Session, person: Person, number: str) -> Referral:
    """The same by its number."""
    return _own(session, person, by_number(session, number))


def by_number(session: Session, number: str) -> Referral | None:
    """The referral of a number `YS-…`, or the latest one of a problem `WT-…`."""
    wanted = number.strip().upper()
    same = or_(Referral.number == wanted, Problem.number == wanted)
    rows = select(Referral).join(Problem, Problem.id == Referral.problem_id).where(same)
    return session.scalars(rows.order_by(Referral.id.desc()).limit(1)).first()


def steps(session: Session, referral_id: int) -> Sequence[ReferralStep]:
    """What came back, in its order."""
    rows = select(ReferralStep).where(ReferralStep.referral_id == referral_id)
    return session.scalars(rows.order_by(ReferralStep.id)).all()


def latest(session: Session, area_code: str, limit: int = _SHOWN) -> Sequence[Referral]:
    """The latest referrals of a district."""
    rows = select(Referral).where(Referral.area_code == area_code)
    return session.scalars(rows.order_by(Referral.id.desc()).limit(limit)).all()


def count(session: Session, span: Span, area: Area) -> int:
    """How many leads of a district or street were handed over in a period."""
    return summary.referrals(session, span, area)


def all_(session: Session) -> Sequence[Referral]:
    """Every referral, in the order of their numbers."""
    return session.scalars(select(Referral).order_by(Referral.id)).all()


def _own(session: Session, person: Person, found: Referral | None) -> Referral:
    if found is None or found.area_code != district_of(session, person).code:
        raise Refused("referral.unknown")
    return found


def _free(session: Session, found: Problem) -> Problem:
    if found.state == State.WITHDRAWN:
        raise Refused("referral.withdrawn", number=found.number)
    # Of two who press at once the second waits here, and finds the first one's.
    session.execute(select(Problem.id).where(Problem.id == found.id).with_for_update())
    before = select(Referral.number).where(Referral.problem_id == found.id, Referral.answered_at.is_(None))
    number = session.scalar(before.limit(1))
    if number is not None:
        raise Refused("referral.before", number=number)
    return found


def _tidy(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Refused("referral.text_missing")
    if len(text) > MOST_TEXT:
        raise Refused("referral.text_too_long", most=MOST_TEXT)
    return text
