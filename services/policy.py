"""Counting policies and duties (计数规则、巡林任务) in force on a date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.policy import Duty, Policy
from rules.evidence import CountingPolicy


@dataclass(frozen=True, slots=True)
class DatedPolicy:
    """A counting policy with its dates (both inclusive)."""

    id: int
    valid_from: date
    valid_to: date | None
    rules: CountingPolicy


def policy_on(session: Session, day: date) -> DatedPolicy:
    """The policy of a local date; raises `LookupError` where none is in force, which `migrate` never leaves so."""
    for policy in policies(session):
        if policy.valid_from <= day and (policy.valid_to is None or day <= policy.valid_to):
            return policy
    raise LookupError(f"no counting policy is in force on {day}")


def policies(session: Session) -> Sequence[DatedPolicy]:
    """All policies, oldest first; read once a transaction."""
    if "policies" not in session.info:
        rows = session.scalars(select(Policy).order_by(Policy.valid_from))
        session.info["policies"] = tuple(_dated(row) for row in rows)
    found: Sequence[DatedPolicy] = session.info["policies"]
    return found


def duties_on(session: Session, level: str, day: date) -> Sequence[Duty]:
    """What a level owes on a local date."""
    open_end = (Duty.valid_to.is_(None)) | (Duty.valid_to >= day)
    return session.scalars(select(Duty).where(Duty.level == level, Duty.valid_from <= day, open_end)).all()


def _dated(row: Policy) -> DatedPolicy:
    rules = CountingPolicy(
        row.requires_location, row.requires_photo, row.max_outside_m, row.repeat_window_s, row.repeat_distance_m
    )
    return DatedPolicy(row.id, row.valid_from, row.valid_to, rules)
