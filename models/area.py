"""Administrative areas (行政区): district, street, community."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Area(Base):
    """A district, street or community by its statistical code (6, 9, 12 digits)."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(primary_key=True)

    level: Mapped[str]

    name: Mapped[str]

    alias: Mapped[str | None]
    """The short form in daily use, where it does not follow from the name."""

    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
