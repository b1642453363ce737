"""Links to the live map (一张图链接): given in the chat, good for ten minutes and one use, then a session."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.map_link import MapLink
from services import audit

LINK_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=8)


def issue(session: Session, account_id: int, now: datetime) -> str:
    """The code of a new link of an account; earlier unused ones end."""
    unused = (MapLink.account_id == account_id, MapLink.used_at.is_(None), MapLink.ended_at.is_(None))
    session.execute(update(MapLink).where(*unused).values(ended_at=now))
    code = secrets.token_urlsafe(24)
    session.add(MapLink(account_id=account_id, code_hash=_hash(code), created_at=now))
    session.flush()
    audit.note(session, audit.by_account(account_id), "map.link_issued", "map", None, audit.DONE, now)
    return code


def use(session: Session, code: str, now: datetime) -> int | None:
    """Use a link up and give the id of its session; None for one that is used, ended, too old or made up."""
    good = (
        MapLink.code_hash == _hash(code), MapLink.used_at.is_(None), MapLink.ended_at.is_(None),
        MapLink.created_at > now - LINK_LASTS,
    )  # fmt: skip
    # One statement: of two that come at once, one finds nothing left.
    link_id: int | None = session.scalar(update(MapLink).where(*good).values(used_at=now).returning(MapLink.id))
    if link_id is None:
        audit.note(session, audit.ANYONE, "map.entered", "map", None, "refused", now)
        return None
    who = audit.by_account(session.get_one(MapLink, link_id).account_id)
    audit.note(session, who, "map.entered", f"map_link:{link_id}", None, audit.DONE, now)
    return link_id


def open_session(session: Session, account_id: int, now: datetime) -> int:
    """The id of a session for an account that its platform vouches for: as if a link had been used just now."""
    row = MapLink(account_id=account_id, code_hash=_hash(secrets.token_urlsafe(24)), created_at=now, used_at=now)
    session.add(row)
    session.flush()
    return row.id


def holder(session: Session, link_id: int, now: datetime) -> Account | None:
    """The account of a session that is still open."""
    open_ = (MapLink.id == link_id, MapLink.ended_at.is_(None), MapLink.used_at > now - SESSION_LASTS)
    return session.scalars(select(Account).join(MapLink, MapLink.account_id == Account.id).where(*open_)).one_or_none()


def end(session: Session, link_id: int, now: datetime) -> None:
    """Close a session."""
    session.execute(update(MapLink).where(MapLink.id == link_id).values(ended_at=now))
    who = audit.by_account(session.get_one(MapLink, link_id).account_id)
    audit.note(session, who, "map.left", f"map_link:{link_id}", None, audit.DONE, now)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
