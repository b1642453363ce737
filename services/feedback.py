"""Feedback (意见): kept, sent to the offices of the area, and read there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account, Feedback, Office
from models.chief import Chief
from services import person
from services.post import posts_of

_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, with the name where the roster knows it."""

    who: str | None
    text: str
    said_at: datetime


def keep(session: Session, account_id: int, text: str, now: datetime) -> None:
    """Keep what was said."""
    session.add(Feedback(account_id=account_id, text=text, said_at=now))


def readers(session: Session, account: Account) -> Sequence[Account]:
    """The accounts of the offices in whose area somebody is; of the districts, where that is unknown."""
    areas = _areas(session, account)
    offices = session.scalars(select(Office).where(Office.removed_at.is_(None))).all()
    told = {(one.channel, one.user_id) for one in offices if _reads(one.area_code, areas)}
    accounts = select(Account).where(Account.blocked_at.is_(None), Account.id != account.id).order_by(Account.id)
    accounts = accounts.where(Account.user_id.in_([user for _, user in told]))
    return [one for one in session.scalars(accounts) if (one.channel, one.user_id) in told]


def latest(session: Session, offices: Sequence[str], limit: int) -> list[Said]:
    """The latest that the offices of these areas may read, newest first."""
    rows = session.execute(
        select(Feedback, Account, Chief.name)
        .join(Account, Account.id == Feedback.account_id)
        .outerjoin(Chief, Chief.id == Account.chief_id)
        .order_by(Feedback.id.desc())
        .limit(_LOOKED_AT)
    )
    mine = (
        Said(name, said.text, said.said_at)
        for said, account, name in rows
        if any(_reads(office, _areas(session, account)) for office in offices)
    )
    return [said for said, _ in zip(mine, range(limit), strict=False)]


def _areas(session: Session, account: Account) -> list[str]:
    if account.chief_id is None:
        return list(person.offices_of(session, account.channel, account.user_id))
    posts = posts_of(session, account.chief_id)
    return [code for post in posts for code in (post.area_code, *(post.streets if post.level == "street" else ()))]


def _reads(office: str, areas: Sequence[str]) -> bool:
    # A code begins with the code of the area around it; a district's has six digits.
    return any(code.startswith(office) for code in areas) if areas else len(office) <= _DISTRICT


_DISTRICT = 6
