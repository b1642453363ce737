"""What the house knows of itself (系统): marks, editions, beats of its loops."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Mark(Base):
    """A named value: `demo` marks the demo's database, `edition.grids` and `edition.roster` grow with each import."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(primary_key=True)

    value: Mapped[str]


class Beat(Base):
    """When a loop last came round, for `/healthz` and `doctor`."""

    __tablename__ = "beat"

    loop: Mapped[str] = mapped_column(primary_key=True)

    beat_at: Mapped[datetime]

    error: Mapped[str | None]
    """Its last failure in one line; none after a good round."""
