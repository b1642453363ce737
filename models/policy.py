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
    """How often a level must patrol (应巡)."""

    __tablename__ = "duty"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    level: Mapped[str]

    period: Mapped[str]
    """`week`, `month`, `quarter`, `half_year` or `year`."""

    times: Mapped[int]

    valid_from: Mapped[date]

    valid_to: Mapped[date | None]

    source: Mapped[str]
