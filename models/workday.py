"""Workdays (工作日): a row a day, so that plans are made by the database alone."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Workday(Base):
    """A local date: whether people work on it, and its noon as an instant."""

    __tablename__ = "workday"

    day: Mapped[date] = mapped_column(primary_key=True)

    weekday: Mapped[int]
    """1 is Monday."""

    works: Mapped[bool]

    next_work: Mapped[date]
    """The first workday from this day on."""

    last_work: Mapped[date]
    """The last workday until this day."""

    noon_at: Mapped[datetime]
    """Local noon: times of the day are counted from it, because some zones change their clocks at night."""

    source: Mapped[str]
    """`announced` (by the State Council), `weekend` (nothing was announced yet) or `office` (our own correction)."""
