"""Patrol counts (次数), kept in the same commit as the patrols."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Count(Base):
    """How many patrols of one post in one grid and local month stand under one verdict."""

    __tablename__ = "patrol_count"
    __table_args__ = (Index("ix_patrol_count_street", "street_code", "month"), Index("ix_patrol_count_month", "month"))

    post_id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    """0 where no post could be determined."""

    grid_version_id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    """0 where the patrol has no grid."""

    month: Mapped[str] = mapped_column(primary_key=True)
    """Local month, `2023-01`."""

    verdict: Mapped[str] = mapped_column(primary_key=True)
    """`counted`, `awaiting_review`, or the reason why not."""

    street_code: Mapped[str] = mapped_column(primary_key=True)
    """The street that the patrols are booked to; `unassigned` where there is none."""

    level: Mapped[str]

    n: Mapped[int]
