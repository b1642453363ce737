"""Weekly digests (周报): which office account gets one, and when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, true
from sqlalchemy.orm import Session

from models.account import Account, Office
from models.schedule import Digest
from models.upsert import insert_or

WEEKDAY, MINUTE = 1, 9 * 60 + 10
"""Monday 09:10, unless the office sets another time."""


def any_due(session: Session, now: datetime) -> bool:
    """Whether a digest is due, or an office account has no time yet."""
    return session.scalar(_new_offices().limit(1)) is not None or bool(due(session, now, limit=1))


def enter_offices(session: Session) -> None:
    """Give every office account its digest."""
    offices = _new_offices().subquery()
    columns = ["channel", "user_id", "enabled", "weekday", "minute"]
    rows = select(offices.c.channel, offices.c.user_id, true(), literal(WEEKDAY), literal(MINUTE)).where(
        offices.c.user_id.is_not(None)
    )
    session.execute(insert_or(session, Digest).from_select(columns, rows).on_conflict_do_nothing())


def due(session: Session, now: datetime, limit: int = 500) -> Sequence[tuple[Digest, str | None]]:
    """Digests that are due or have no time yet, each with its chat; None where the account cannot be reached."""
    mine = and_(Account.channel == Digest.channel, Account.user_id == Digest.user_id, Account.blocked_at.is_(None))
    rows = session.execute(
        select(Digest, Account.chat_id)
        .outerjoin(Account, mine)
        .where(Digest.enabled, or_(Digest.next_at.is_(None), Digest.next_at <= now), _holds_office())
        .order_by(Digest.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Digest)
    )
    return [(row, chat_id) for row, chat_id in rows]


def of_account(session: Session, channel: str, user_id: str) -> Digest:
    """The digest of an office account."""
    enter_offices(session)
    return session.scalars(select(Digest).where(Digest.channel == channel, Digest.user_id == user_id)).one()


def set_time(row: Digest, *, enabled: bool, weekday: int | None = None, minute: int | None = None) -> None:
    """Switch a digest or move it; the clock finds its next time."""
    row.enabled, row.next_at = enabled, None
    row.weekday, row.minute = weekday or row.weekday, row.minute if minute is None else minute


def _new_offices() -> Select[str, str]:
    known = select(Digest.id).where(Digest.channel == Office.channel, Digest.user_id == Office.user_id)
    return select(Office.channel, Office.user_id).where(Office.removed_at.is_(None), ~known.exists()).distinct()


def _holds_office() -> ColumnElement[bool]:
    mine = and_(Office.channel == Digest.channel, Office.user_id == Digest.user_id, Office.removed_at.is_(None))
    return select(Office.id).where(mine).exists()
