"""Where a chief is spoken to (联系得上): the account that spoke last and is not blocked."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.account import Account


def account_of(session: Session, chief_id: int) -> Account | None:
    """A chief's account; None where there is none that can be spoken to."""
    spoke = func.coalesce(Account.spoke_at, Account.created_at)
    own = select(Account).where(Account.chief_id == chief_id, Account.blocked_at.is_(None))
    return session.scalars(own.order_by(spoke.desc(), Account.id.desc()).limit(1)).first()


def reachable(session: Session, chief_ids: Sequence[int]) -> set[int]:
    """Those of some chiefs who can be spoken to."""
    rows = select(Account.chief_id).where(Account.chief_id.in_(chief_ids), Account.blocked_at.is_(None))
    return {chief_id for chief_id in session.scalars(rows) if chief_id is not None}
