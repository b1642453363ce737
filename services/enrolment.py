"""Enrolment (注册): one account a person and channel; a change needs the office."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.chief import Chief
from rules.naming import phone as digits_of
from services.person import ChiefFacts
from services.refused import Refused


def check_free(account: Account) -> None:
    """Raises `Refused` for an account that belongs to somebody already."""
    if account.chief_id is not None:
        raise Refused("start.enrolled_before")


def by_phone(session: Session, account: Account, number: str) -> ChiefFacts:
    """Enrol an account by the sender's own phone number; raises `Refused` where the roster does not know it."""
    check_free(account)
    digits = digits_of(number.strip().lstrip("+").removeprefix("86")) or digits_of(number)
    chiefs = session.scalars(select(Chief.id).where(Chief.phone == digits)).all() if digits else []
    if len(chiefs) != 1:
        raise Refused("start.phone_unknown")
    return enrol(session, account, chiefs[0])


def enrol(session: Session, account: Account, chief_id: int) -> ChiefFacts:
    """Give an account its chief; raises `Refused` where the chief has another account on this channel."""
    chief = session.get_one(Chief, chief_id, with_for_update=True)
    other = session.scalar(select(Account.id).where(Account.chief_id == chief_id, Account.channel == account.channel))
    if other is not None:
        raise Refused("start.chief_taken")
    account.chief_id = chief_id
    return ChiefFacts(chief.id, chief.code, chief.name)
