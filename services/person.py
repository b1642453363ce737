"""Who is speaking (人): the account, the chief and the offices behind it."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.account import Account, Office
from models.chief import Chief
from models.upsert import insert_or
from services import mark

_REMEMBERED = 20_000
_SPOKE_TO_WITHIN = timedelta(minutes=1)
"""Of two accounts the one that spoke last is reminded; noting every message would cost a write each."""
_by_code: OrderedDict[tuple[str, str], "ChiefFacts | None"] = OrderedDict()


@dataclass(frozen=True, slots=True)
class ChiefFacts:
    """A chief on the roster."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever sent a message; `account` is None on a channel without accounts (the replay)."""

    account: Account | None
    chief: ChiefFacts | None
    offices: tuple[str, ...] = ()
    """Codes of the areas whose office this is."""


def of_account(session: Session, channel: str, user_id: str, chat_id: str, now: datetime) -> Person:
    """The person behind a channel's user; a user seen for the first time gets an account."""
    account = _account(session, channel, user_id, chat_id, now)
    chief = session.get(Chief, account.chief_id) if account.chief_id else None
    facts = ChiefFacts(chief.id, chief.code, chief.name) if chief else None
    return Person(account, facts, offices_of(session, channel, user_id))


def note_spoke(account: Account, now: datetime) -> None:
    """Note that a person speaks here: of several accounts this one is reminded, and it is not blocked."""
    if account.blocked_at is not None or account.spoke_at is None or now - account.spoke_at >= _SPOKE_TO_WITHIN:
        account.spoke_at, account.blocked_at = now, None


def known(session: Session, channel: str, user_id: str) -> Person | None:
    """The person behind a channel's user who has been here before."""
    account = session.scalars(select(Account).where(Account.channel == channel, Account.user_id == user_id)).first()
    if account is None:
        return None
    chief = session.get(Chief, account.chief_id) if account.chief_id else None
    facts = ChiefFacts(chief.id, chief.code, chief.name) if chief else None
    return Person(account, facts, offices_of(session, channel, user_id))


def of_chat(session: Session, channel: str, chat_id: str) -> Account | None:
    """The account behind a chat with one person."""
    return session.scalars(select(Account).where(Account.channel == channel, Account.chat_id == chat_id)).first()


def note_gone(session: Session, channel: str, chat_id: str, now: datetime) -> None:
    """Note that a person has blocked us or left: nothing is sent until they speak again."""
    there = (Account.channel == channel) & (Account.chat_id == chat_id)
    session.execute(update(Account).where(there).values(blocked_at=now))


def move_chat(session: Session, channel: str, old: str, new: str) -> None:
    """Give the accounts of a chat its new number."""
    session.execute(update(Account).where(Account.channel == channel, Account.chat_id == old).values(chat_id=new))


def chief_by_code(session: Session, code: str) -> ChiefFacts | None:
    """The chief of a code, remembered while the roster keeps its edition."""
    key = (mark.edition(session, "roster"), code)
    if key not in _by_code:
        chief = session.scalars(select(Chief).where(Chief.code == code)).first()
        _by_code[key] = ChiefFacts(chief.id, chief.code, chief.name) if chief else None
        if len(_by_code) > _REMEMBERED:
            _by_code.popitem(last=False)
    return _by_code[key]


def offices_of(session: Session, channel: str, user_id: str) -> tuple[str, ...]:
    """The areas whose office a channel's user is, widest first."""
    rows = session.scalars(
        select(Office.area_code).where(
            Office.channel == channel, Office.user_id == user_id, Office.removed_at.is_(None)
        )
    )
    return tuple(sorted(rows, key=lambda code: (len(code), code)))


def _account(session: Session, channel: str, user_id: str, chat_id: str, now: datetime) -> Account:
    same = select(Account).where(Account.channel == channel, Account.user_id == user_id)
    account = session.scalars(same).first()
    if account is not None:
        return account
    values = {"channel": channel, "user_id": user_id, "chat_id": chat_id, "created_at": now, "wrong_codes": 0}
    session.execute(insert_or(session, Account).values(values).on_conflict_do_nothing())
    return session.scalars(same).one()
