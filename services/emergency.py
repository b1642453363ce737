"""Emergencies (应急): opening one, calling the chiefs of its area at once, tallying their answers, ending it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.area import Area
from models.chief import Post
from models.emergency import Emergency, EmergencyAnswer
from models.message import Priority, Reply
from models.outbox import Outbox
from models.upsert import insert_or
from services import audit
from services.refused import Refused

KINDS = ("flood", "wind", "snow")
ANSWERS = ("safe", "danger")


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers of a street; the chiefs of the district itself have no street."""

    street: str | None
    called: int
    safe: int
    danger: int

    @property
    def silent(self) -> int:
        """How many have not answered."""
        return self.called - self.safe - self.danger


def announce(
    session: Session, kind: str, area: Area, text: str | None, account_id: int, ends_at: datetime
) -> Emergency:
    """Open an emergency; nobody is called yet."""
    found = Emergency(kind=kind, area_code=area.code, text=text, account_id=account_id, ends_at=ends_at, called=0)
    session.add(found)
    session.flush()
    return found


def call(session: Session, found: Emergency, said: Mapping[str, Reply], house: str, today: date, now: datetime) -> int:
    """Write the message to every chief of the area by one statement a language; gives how many were written to.

    `said` is the message in each language, `house` the language of those who chose none.
    """
    reached = 0
    for language, reply in said.items():
        chosen = func.coalesce(Account.language, house) == language
        rows = _calls(found, reply, today, now).where(chosen)
        written = insert_or(session, Outbox).from_select(list(_CALL), rows)
        reached += session.execute(written, execution_options={"preserve_rowcount": True}).rowcount  # type: ignore[attr-defined]
    chiefs = select(func.count(Post.chief_id.distinct())).where(*_posts(found.area_code, today))
    found.called, found.opened_at = session.scalar(chiefs) or 0, now
    who = audit.by_account(found.account_id)
    audit.note(session, who, "emergency.opened", f"emergency:{found.id}", found.area_code, audit.DONE, now)
    return reached


def running(session: Session, area_code: str, now: datetime) -> Sequence[Emergency]:
    """The emergencies that run in an area, above it or below it, newest first."""
    rows = session.scalars(
        select(Emergency).where(*_open(), Emergency.ends_at > now).order_by(Emergency.id.desc())
    ).all()
    return [row for row in rows if row.area_code.startswith(area_code) or area_code.startswith(row.area_code)]


def answer(session: Session, emergency_id: int, chief_id: int, what: str, now: datetime) -> Emergency:
    """Keep a chief's answer, the latest one; raises `Refused` once the emergency is over."""
    found = session.get(Emergency, emergency_id)
    if found is None or not is_running(found, now):
        raise Refused("emergency.over")
    values = {"emergency_id": emergency_id, "chief_id": chief_id, "answer": what, "answered_at": now}
    kept = insert_or(session, EmergencyAnswer).values(values)
    session.execute(
        kept.on_conflict_do_update(
            index_elements=["emergency_id", "chief_id"], set_={"answer": what, "answered_at": now}
        )
    )
    audit.note(session, f"chief:{chief_id}", "emergency.answered", f"emergency:{emergency_id}", None, what, now)
    return found


def is_running(found: Emergency, now: datetime) -> bool:
    """Whether an emergency was announced and is not over."""
    return found.opened_at is not None and found.ended_at is None and found.ends_at > now


def opened_by(session: Session, found: Emergency) -> Account:
    """The office account that opened an emergency."""
    return session.get_one(Account, found.account_id)


def tally(session: Session, found: Emergency, today: date) -> list[Tally]:
    """The answers so far, by street."""
    street = aliased(Area)
    code = func.substr(Post.area_code, 1, 9)
    answered = {what: _answered(found, what) for what in ANSWERS}
    # A chief of two posts is one chief: of the widest of them.
    post = select(func.min(Post.id)).where(*_posts(found.area_code, today)).group_by(Post.chief_id)
    rows = session.execute(
        select(street.name, func.count(), _heard(answered["safe"]), _heard(answered["danger"]))
        .select_from(Post)
        .outerjoin(street, (street.code == code) & (street.level == "street"))
        .outerjoin(answered["safe"], answered["safe"].c.chief_id == Post.chief_id)
        .outerjoin(answered["danger"], answered["danger"].c.chief_id == Post.chief_id)
        .where(Post.id.in_(post))
        .group_by(street.code, street.name)
        .order_by(street.code)
    )
    return [Tally(name, called, safe, danger) for name, called, safe, danger in rows]


def over(session: Session, now: datetime, limit: int = 100) -> Sequence[tuple[Emergency, Account]]:
    """The emergencies whose time has come, with the accounts that opened them; locked until the end."""
    rows = session.execute(
        select(Emergency, Account)
        .join(Account, Account.id == Emergency.account_id)
        .where(*_open(), Emergency.ends_at <= now)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Emergency)
    )
    return [(found, account) for found, account in rows]


def end(session: Session, emergency_id: int, now: datetime) -> bool:
    """End an emergency; False where it had ended."""
    open_ = update(Emergency).where(Emergency.id == emergency_id, Emergency.ended_at.is_(None)).values(ended_at=now)
    ended: bool = session.execute(open_).rowcount == 1  # type: ignore[attr-defined]
    if ended:
        audit.note(session, audit.HOUSE, "emergency.ended", f"emergency:{emergency_id}", None, audit.DONE, now)
    return ended


def place_of(session: Session, chief_id: int, area_code: str, today: date) -> str | None:
    """The name of the area that a chief answers for in an emergency."""
    named = select(Area.name).join(Post, Post.area_code == Area.code)
    return session.scalar(named.where(Post.chief_id == chief_id, *_posts(area_code, today)).order_by(Post.id).limit(1))


_CALL = ("channel", "chat_id", "priority", "body", "state", "created_at", "tries", "not_after")


def _open() -> tuple[ColumnElement[bool], ...]:
    return Emergency.opened_at.is_not(None), Emergency.ended_at.is_(None)


def _calls(found: Emergency, reply: Reply, today: date, now: datetime) -> Any:
    chiefs = select(Post.chief_id).where(*_posts(found.area_code, today))
    other = aliased(Account)
    spoke = func.coalesce(other.spoke_at, other.created_at)
    latest = select(other.id).where(other.chief_id == Account.chief_id, other.blocked_at.is_(None))
    latest_id = latest.order_by(spoke.desc(), other.id.desc()).limit(1).scalar_subquery()
    return select(
        Account.channel, Account.chat_id, literal(Priority.ANSWER.value), literal(reply.body(), Outbox.body.type),
        literal("waiting"), literal(now, Outbox.created_at.type), literal(0),
        literal(found.ends_at, Outbox.created_at.type),
    ).where(Account.chief_id.in_(chiefs), Account.id == latest_id)  # fmt: skip


def _posts(area_code: str, today: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Post.area_code.startswith(area_code), Post.valid_from <= today,
        or_(Post.valid_to.is_(None), Post.valid_to >= today),
    )  # fmt: skip


def _heard(answered: Any) -> ColumnElement[int]:
    return func.count(answered.c.chief_id)


def _answered(found: Emergency, what: str) -> Any:
    t = EmergencyAnswer
    return select(t.chief_id).where(t.emergency_id == found.id, t.answer == what).subquery(what)
