"""Office accounts (林长办账号): who may see which area."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account, Office
from models.area import Area
from services import audit, mark, member
from services.refused import Refused


def add(session: Session, channel: str, user_id: str, area_code: str, now: datetime) -> bool:
    """Give an office account its area; False where it had it; raises `Refused` for an unknown area."""
    user_id = member.same_id(channel, user_id)
    area = session.get(Area, area_code)
    if area is None or area.level not in {"district", "street"}:
        raise Refused("office.area_unknown", code=area_code)
    known = session.scalars(
        select(Office).where(Office.channel == channel, Office.user_id == user_id, Office.area_code == area_code)
    ).first()
    if known and known.removed_at is None:
        return False
    office = known or Office(channel=channel, user_id=user_id, area_code=area_code, added_at=now)
    office.removed_at = None
    session.add(office)
    session.flush()
    audit.note(session, audit.OPERATOR, "office.added", f"office:{office.id}", area_code, audit.DONE, now)
    mark.new_edition(session, "offices")
    return True


def add_admins(session: Session, accounts: str, now: datetime) -> int:
    """Give each of `channel:id,…` the office of every district; gives how many were new."""
    districts = session.scalars(select(Area.code).where(Area.level == "district")).all()
    pairs = [account.strip().partition(":") for account in accounts.split(",") if account.strip()]
    rows = session.execute(select(Office.channel, Office.user_id, Office.area_code))
    known = {(channel, user, code) for channel, user, code in rows}
    # Whoever left, or was taken off, is not brought back by the next start.
    new = [
        (channel, user, code)
        for channel, _, user in pairs
        for code in districts
        if (channel, member.same_id(channel, user), code) not in known
    ]
    return sum(add(session, channel, user, code, now) for channel, user, code in new)


def remove(session: Session, channel: str, user_id: str, now: datetime) -> int:
    """Take away an office account's areas; raises `Refused` where it has none."""
    user_id = member.same_id(channel, user_id)
    rows = [row for row in listed(session) if (row.channel, row.user_id) == (channel, user_id)]
    if not rows:
        raise Refused("office.unknown", account=f"{channel}:{user_id}")
    for row in rows:
        row.removed_at = now
        audit.note(session, audit.OPERATOR, "office.removed", f"office:{row.id}", row.area_code, audit.DONE, now)
    mark.new_edition(session, "offices")
    return len(rows)


def accounts(session: Session, level: str) -> Sequence[Account]:
    """The accounts of the offices of a level that have spoken to us and can be spoken to."""
    same = (Account.channel == Office.channel) & (Account.user_id == Office.user_id)
    held = select(Office.id).join(Area, Area.code == Office.area_code)
    held = held.where(same, Office.removed_at.is_(None), Area.level == level)
    here = select(Account).where(held.exists(), Account.blocked_at.is_(None))
    return session.scalars(here.order_by(Account.id)).all()


def listed(session: Session) -> Sequence[Office]:
    """All office accounts."""
    return session.scalars(select(Office).where(Office.removed_at.is_(None)).order_by(Office.area_code)).all()
