"""Consent to location (位置授权): asked once, kept with the version of the text that was shown."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.account import Consent
from services import audit

TEXT_VERSION = "2026-11"
"""The version of the notice in the catalogue (`consent.notice`); a new text needs a new version and a new answer."""


_LATEST = (
    select(Consent.agreed)
    .where(Consent.account_id == bindparam("account_id"), Consent.text_version == bindparam("version"))
    .order_by(Consent.id.desc())
    .limit(1)
)


_ALL = (
    select(Consent.account_id, Consent.agreed)
    .where(Consent.account_id.in_(bindparam("accounts", expanding=True)), Consent.text_version == bindparam("version"))
    .order_by(Consent.id)
)


def read_ahead(session: Session, account_ids: Collection[int]) -> None:
    """Read the latest answers of accounts at once; they are remembered until the transaction ends."""
    if not account_ids:
        return
    rows = session.connection().execute(_ALL, {"accounts": list(account_ids), "version": TEXT_VERSION})
    latest = {row.account_id: row.agreed for row in rows}
    session.info.setdefault("consents", {}).update({one: latest.get(one) for one in account_ids})


def answer_of(session: Session, account_id: int) -> bool | None:
    """The latest answer to the present text, or None where there is none."""
    known: dict[int, bool | None] = session.info.setdefault("consents", {})
    if account_id not in known:
        known[account_id] = session.scalars(_LATEST, {"account_id": account_id, "version": TEXT_VERSION}).first()
    return known[account_id]


def give(session: Session, account_id: int, agreed: bool, now: datetime) -> None:
    """Keep an answer; earlier ones stay."""
    session.add(Consent(account_id=account_id, text_version=TEXT_VERSION, agreed=agreed, answered_at=now))
    session.flush()
    who, result = audit.by_account(account_id), "agreed" if agreed else "declined"
    audit.note(session, who, "consent.answered", f"consent:{TEXT_VERSION}", None, result, now)
    session.info.setdefault("consents", {}).pop(account_id, None)
