"""Counting policies and duties (计数规则、巡林任务): rows with dates, never code."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Policy(Base):
    """What a patrol needs in order to count, from one date to another (both inclusive)."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    valid_from: Mapped[date] = mapped_column(unique=True)

    valid_to: Mapped[date | None]

    requires_location: Mapped[bool]

    requires_photo: Mapped[bool]

    max_outside_m: Mapped[float]

    repeat_window_s: Mapped[int]

    repeat_distance_m: Mapped[float]

    source: Mapped[str]
    """The rule or regulation that it follows."""


class Duty(Base):
    """How often a level, a post or a grid must be patrolled (应巡); of two for a period the narrower one holds."""

    __tablename__ = "duty"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    level: Mapped[str]

    area_code: Mapped[str | None]
    """The district or street whose posts owe it; none means everywhere."""

    post_id: Mapped[int | None] = mapped_column(Identity)
    """Set where only this post owes it."""

    grid_code: Mapped[str | None]
    """Set where it is owed in this grid by those who serve it."""

    period: Mapped[str]
    """`week`, `month`, `quarter`, `half_year`, `year` or `season`."""

    times: Mapped[int]

    window_from: Mapped[int | None]
    """The first day of the period, counted from 1, on which a patrol counts for it."""

    window_to: Mapped[int | None]

    season_from: Mapped[str | None]
    """First day of the season, `11-01`; it may run over New Year."""

    season_to: Mapped[str | None]

    valid_from: Mapped[date]

    valid_to: Mapped[date | None]

    source: Mapped[str]
    """The rule or regulation that it follows."""
