"""Beats of the loops (心跳): that they came round, and what failed last."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.house import Beat


def beat(session: Session, loop: str, now: datetime, error: str | None) -> None:
    """Note that a loop came round, with its failure where it had one."""
    session.merge(Beat(loop=loop, beat_at=now, error=error))


def forget(session: Session, loops: Collection[str] | None = None) -> None:
    """Forget the beats of the named loops (`send` with `send.local`), or all: whoever runs writes its own."""
    for found in session.scalars(select(Beat)).all():
        if loops is None or found.loop.partition(".")[0] in loops:
            session.delete(found)
