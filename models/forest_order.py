"""Orders of the general chief (林长令): numbered, sent to chiefs, each of whom says that it has arrived."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class ForestOrder(Base):
    """An order; a draft until it is issued; withdrawn it stays, and its number is never used again."""

    __tablename__ = "forest_order"
    __table_args__ = (
        Index("uq_forest_order_number", "area_code", "year", "number", unique=True, **only("issued_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    """Whose office issues it: numbers run by it and by year."""

    year: Mapped[int]

    number: Mapped[int | None]
    """As it was asked for in a draft; None there where the next one is to be given."""

    title: Mapped[str]

    text: Mapped[str | None]

    issuer: Mapped[str | None]
    """Who signed it, in words."""

    levels: Mapped[list[str]]
    """The levels of the chiefs that it goes to."""

    area_codes: Mapped[list[str]]
    """The areas of the chiefs that it goes to."""

    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    drafted_at: Mapped[datetime]

    issued_at: Mapped[datetime | None]

    issued_on: Mapped[date | None]

    withdrawn_at: Mapped[datetime | None]


class OrderReceipt(Base):
    """A chief whom an order goes to, as of its day, and when it was said to have arrived."""

    __tablename__ = "order_receipt"

    order_id: Mapped[int] = mapped_column(ForeignKey("forest_order.id"), primary_key=True)

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"), primary_key=True)

    level: Mapped[str]

    area_code: Mapped[str]
    """The area of the post by which it goes to the chief."""

    sent: Mapped[bool]
    """Whether there was an account to send it to."""

    received_at: Mapped[datetime | None]
