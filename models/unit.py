"""Units (承办单位): who puts a problem right: maintenance team, property manager, urban management, police, 12345."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Unit(Base):
    """A unit that problems are assigned to (交办); never deleted, because the steps name it."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    kind: Mapped[str]
    """`maintenance` (养护队), `property` (物业), `urban` (城管), `police` (公安), `hotline` (12345) or `other`."""

    name: Mapped[str | None]
    """None says: by the catalogue's word for its kind."""

    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    """The district or street that it serves; none means everywhere."""

    needs_order: Mapped[bool]
    """Whether an assignment must name the unit's own order number (工单号), as with 12345."""

    channel: Mapped[str | None]
    """Whose account acts for it; none where the office enters what it did."""

    user_id: Mapped[str | None]

    added_at: Mapped[datetime]

    removed_at: Mapped[datetime | None]
