"""Units (承办单位): which may be given a problem of a street, and whose account acts for one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from models.account import Account
from models.area import Area
from models.unit import Unit
from services import audit, member
from services.refused import Refused

KINDS = ("maintenance", "property", "urban", "police", "hotline", "other")


def offered(session: Session, area_code: str | None) -> Sequence[Unit]:
    """The units that serve an area, those of its own first; for an area that nobody knows, those of everywhere."""
    serves = literal(area_code or "").startswith(Unit.area_code, autoescape=False)
    here = select(Unit).where(Unit.removed_at.is_(None), or_(Unit.area_code.is_(None), serves))
    return session.scalars(here.order_by(Unit.area_code.is_(None), Unit.area_code.desc(), Unit.id)).all()


def of_account(session: Session, channel: str, user_id: str) -> list[int]:
    """The units for which a channel's user acts."""
    mine = select(Unit.id).where(Unit.channel == channel, Unit.user_id == user_id, Unit.removed_at.is_(None))
    return list(session.scalars(mine.order_by(Unit.id)))


def accounts(session: Session, unit_id: int) -> Sequence[Account]:
    """The account of a unit, where it has one that can be spoken to."""
    same = (Account.channel == Unit.channel) & (Account.user_id == Unit.user_id)
    rows = select(Account).join(Unit, same).where(Unit.id == unit_id, Account.blocked_at.is_(None))
    return session.scalars(rows).all()


def add(
    session: Session, kind: str, name: str | None, area_code: str | None, now: datetime, *,
    needs_order: bool = False, account: tuple[str, str] | None = None,
) -> Unit:  # fmt: skip
    """Add a unit; raises `Refused` for an unknown kind or area."""
    if kind not in KINDS:
        raise Refused("unit.kind_unknown", kind=kind[:20], known=", ".join(KINDS))
    area = session.get(Area, area_code) if area_code else None
    if area_code and (area is None or area.level not in {"district", "street"}):
        raise Refused("office.area_unknown", code=area_code)
    channel, user_id = account or (None, None)
    made = Unit(
        kind=kind, name=name, area_code=area_code, needs_order=needs_order, channel=channel,
        user_id=member.same_id(channel, user_id) if channel and user_id else None, added_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.note(session, audit.OPERATOR, "unit.added", f"unit:{made.id}", area_code, audit.DONE, now)
    return made


def remove(session: Session, unit_id: int, now: datetime) -> Unit:
    """Offer a unit no more; its row stays. Raises `Refused` where there is none."""
    found = session.get(Unit, unit_id)
    if found is None or found.removed_at is not None:
        raise Refused("unit.unknown", id=unit_id)
    found.removed_at = now
    audit.note(session, audit.OPERATOR, "unit.removed", f"unit:{found.id}", found.area_code, audit.DONE, now)
    return found


def listed(session: Session) -> Sequence[Unit]:
    """All units that are offered."""
    return session.scalars(select(Unit).where(Unit.removed_at.is_(None)).order_by(Unit.id)).all()
