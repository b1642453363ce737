"""Leases (租约): what only one process may do at a time, such as polling."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from models.pace import Lease
from models.upsert import insert_or


def take(session: Session, name: str, owner: str, now: datetime, span: timedelta) -> bool:
    """Take or prolong a lease; False while another holds it."""
    t = Lease.__table__.c
    values = {"name": name, "owner": owner, "until_at": now + span}
    taken = (
        insert_or(session, Lease)
        .values(values)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "until_at": now + span},
            where=or_(t.owner == owner, t.until_at <= now),
        )
        .returning(t.owner)
    )
    return session.execute(taken).scalar() is not None


def give_up(session: Session, name: str, owner: str) -> None:
    """Give a lease back, so that another need not wait for its end."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))
