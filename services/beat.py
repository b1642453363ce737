"""Beats of the loops (心跳): that they came round, and what failed last."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.house import Beat


def beat(session: Session, loop: str, now: datetime, error: str | None) -> None:
    """Note that a loop came round, with its failure where it had one."""
    session.merge(Beat(loop=loop, beat_at=now, error=error))


def forget(session: Session) -> None:
    """Forget all beats: whoever runs writes its own."""
    session.execute(delete(Beat))
