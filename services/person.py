"""Who is speaking (人): the account, the chief and the offices behind it."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session, aliased

from models.account import Account, Office
from models.chief import Chief
from models.upsert import insert_or
from services import mark

_REMEMBERED = 20_000
_SPOKE_TO_WITHIN = timedelta(hours=1)
"""Of two accounts the one that spoke last is reminded; noting every message would cost a write each."""
_EDITIONS = 4
_offices: OrderedDict[str, dict[tuple[str, str], tuple[str, ...]]] = OrderedDict()
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

    spoke_elsewhere_at: datetime | None = None
    """When the chief last spoke by another account."""


_OTHER = aliased(Account)
_ELSEWHERE_AT = (
    select(func.max(func.coalesce(_OTHER.spoke_at, _OTHER.created_at)))
    .where(_OTHER.chief_id == Account.chief_id, _OTHER.id != Account.id)
    .scalar_subquery()
)
# Built once: every message asks who speaks.
_PEOPLE = select(Account, Chief.id, Chief.code, Chief.name, _ELSEWHERE_AT).outerjoin(
    Chief, Chief.id == Account.chief_id
)
_KNOWN = _PEOPLE.where(Account.channel == bindparam("channel"), Account.user_id == bindparam("user_id"))
_ALL = _PEOPLE.where(Account.channel == bindparam("channel"), Account.user_id.in_(bindparam("users", expanding=True)))


def read_ahead(session: Session, channel: str, user_ids: Collection[str]) -> list[Account]:
    """Read the people behind a channel's users at once, for as long as the transaction lasts; gives their accounts."""
    rows = session.execute(_ALL, {"channel": channel, "users": list(user_ids)}).all()
    session.info.setdefault("people", {}).update({(channel, row[0].user_id): row for row in rows})
    return [row[0] for row in rows]


def of_account(session: Session, channel: str, user_id: str, chat_id: str, now: datetime) -> Person:
    """The person behind a channel's user; a user seen for the first time gets an account."""
    found = known(session, channel, user_id)
    if found is None or found.account is None:
        values = {"channel": channel, "user_id": user_id, "chat_id": chat_id, "created_at": now, "wrong_codes": 0}
        session.execute(insert_or(session, Account).values(values).on_conflict_do_nothing())
        return known(session, channel, user_id) or Person(None, None)
    if found.account.blocked_at is not None:
        # Whoever speaks can be spoken to again.
        found.account.blocked_at = None
    return found


def note_spoke(who: Person, now: datetime) -> None:
    """Note that a person speaks here, where it is not known yet: of several accounts this one is reminded."""
    if who.account is None:
        return
    spoke_at, elsewhere_at = who.account.spoke_at, who.spoke_elsewhere_at
    if spoke_at is None or now - spoke_at >= _SPOKE_TO_WITHIN or (elsewhere_at and elsewhere_at >= spoke_at):
        who.account.spoke_at = now


def note_app(who: Person, shows_buttons: bool | None) -> None:
    """Note whether the app in which a person writes shows buttons, where it tells."""
    if who.account is not None and shows_buttons is not None and who.account.sees_buttons != shows_buttons:
        who.account.sees_buttons = shows_buttons


def known(session: Session, channel: str, user_id: str) -> Person | None:
    """The person behind a channel's user who has been here before."""
    row: Any = _remembered(session, channel, user_id)
    if row is None:
        row = session.execute(_KNOWN, {"channel": channel, "user_id": user_id}).one_or_none()
    if row is None:
        return None
    account, chief_id, code, name, elsewhere_at = row
    chief = ChiefFacts(chief_id, code, name) if chief_id is not None else None
    return Person(account, chief, offices_of(session, channel, user_id), elsewhere_at)


def _remembered(session: Session, channel: str, user_id: str) -> Any:
    row = session.info.get("people", {}).get((channel, user_id))
    # Another message of the round may have made them somebody else's.
    return row if row is not None and row[0].chief_id == row[1] else None


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
    """The areas whose office a channel's user is, widest first; remembered while the offices keep their edition."""
    edition = mark.edition(session, "offices")
    if edition not in _offices:
        _offices[edition] = _all_offices(session)
        if len(_offices) > _EDITIONS:
            _offices.popitem(last=False)
    return _offices[edition].get((channel, user_id), ())


def _all_offices(session: Session) -> dict[tuple[str, str], tuple[str, ...]]:
    areas: dict[tuple[str, str], list[str]] = {}
    rows = select(Office.channel, Office.user_id, Office.area_code).where(Office.removed_at.is_(None))
    for channel, user_id, code in session.execute(rows):
        areas.setdefault((channel, user_id), []).append(code)
    return {who: tuple(sorted(codes, key=lambda code: (len(code), code))) for who, codes in areas.items()}
