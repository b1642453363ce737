"""Consent to location (位置授权): asked once, kept with the version of the text that was shown."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Consent

TEXT_VERSION = "2026-11"
"""The version of the notice in the catalogue (`consent.notice`); a new text needs a new version and a new answer."""


def answer_of(session: Session, account_id: int) -> bool | None:
    """The latest answer to the present text, or None where there is none."""
    latest = (
        select(Consent.agreed)
        .where(Consent.account_id == account_id, Consent.text_version == TEXT_VERSION)
        .order_by(Consent.id.desc())
    )
    return session.scalars(latest.limit(1)).first()


def give(session: Session, account_id: int, agreed: bool, now: datetime) -> None:
    """Keep an answer; earlier ones stay."""
    session.add(Consent(account_id=account_id, text_version=TEXT_VERSION, agreed=agreed, answered_at=now))
    session.flush()
