"""Invite codes (邀请码): one use, one chief, kept only as a hash."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.account import Account, Invite
from models.chief import Chief
from services import audit, enrolment
from services.person import ChiefFacts
from services.refused import Refused

MOST_WRONG = 5
"""So many wrong codes an hour; then we say no more."""
_HOUR = timedelta(hours=1)


def issue(session: Session, chief: Chief, now: datetime) -> str:
    """A new code for a chief; earlier unused ones end."""
    session.execute(
        update(Invite)
        .where(Invite.chief_id == chief.id, Invite.used_at.is_(None), Invite.ended_at.is_(None))
        .values(ended_at=now)
    )
    code = secrets.token_urlsafe(12)
    session.add(Invite(code_hash=_hash(code), chief_id=chief.id, created_at=now))
    session.flush()
    audit.note(session, audit.OPERATOR, "invite.issued", f"chief:{chief.id}", None, audit.DONE, now)
    return code


def use(session: Session, account: Account, code: str, now: datetime) -> ChiefFacts:
    """Enrol an account by a code; raises `Refused` for a wrong one, and for an account or chief that is taken."""
    enrolment.check_free(account)
    taken = (
        update(Invite)
        .where(Invite.code_hash == _hash(code.strip()), Invite.used_at.is_(None), Invite.ended_at.is_(None))
        .values(used_at=now)
        .returning(Invite.chief_id)
    )
    chief_id = session.scalar(taken)
    if chief_id is None:
        raise Refused("start.wrong_code")
    return enrolment.enrol(session, account, chief_id)


def chief_of(session: Session, code: str) -> Chief:
    """The chief that an unused code is for; raises `Refused` for a wrong code."""
    valid = (Invite.used_at.is_(None), Invite.ended_at.is_(None), Invite.code_hash == _hash(code.strip()))
    chief_id = session.scalar(select(Invite.chief_id).where(*valid))
    if chief_id is None:
        raise Refused("start.wrong_code")
    return session.get_one(Chief, chief_id)


def spend(session: Session, code: str, now: datetime) -> None:
    """Use up a code without enrolling anybody: its chief came back to an account that is known."""
    session.execute(update(Invite).where(Invite.code_hash == _hash(code.strip())).values(used_at=now))


def note_wrong(account: Account, now: datetime) -> None:
    """Count a wrong code; the count starts again after an hour."""
    if account.wrong_codes_since is None or now - account.wrong_codes_since >= _HOUR:
        account.wrong_codes, account.wrong_codes_since = 0, now
    account.wrong_codes += 1


def too_many(account: Account, now: datetime) -> bool:
    """Whether an account has tried so many wrong codes that nothing more is said to it for now."""
    recent = account.wrong_codes_since is not None and now - account.wrong_codes_since < _HOUR
    return recent and account.wrong_codes >= MOST_WRONG


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
