"""Forest chiefs (林长) and their posts (责任岗位)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Chief(Base):
    """A person on the roster (花名册); never deleted, because the records name them."""

    __tablename__ = "chief"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    code: Mapped[str] = mapped_column(unique=True)
    """Area code, `-L`, order within the area."""

    name: Mapped[str]

    phone: Mapped[str | None] = mapped_column(index=True)
    """Eleven digits; none where two people were listed with the same one."""

    wecom_id: Mapped[str | None] = mapped_column(index=True)
    """The user id in WeCom's directory, in lower case: from the roster's column, else found by the phone."""

    wecom_asked_at: Mapped[datetime | None]
    """When the directory was last asked for the phone."""


class Post(Base):
    """What a chief is responsible for, from one date to another (both inclusive)."""

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_area", "area_code"), Index("ix_post_chief", "chief_id"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"))

    level: Mapped[str]

    title: Mapped[str]
    """The clerk's word for the kind of chief, such as 街道级副林长."""

    office: Mapped[str | None]
    """The office held beside it, such as 街道工委书记."""

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    """The district, street or community; for a street chief of several streets, the first."""

    valid_from: Mapped[date]

    valid_to: Mapped[date | None]

    remark: Mapped[str | None]


class PostStreet(Base):
    """The streets of a post (责任街道): the own area of a street chief, the lot of a district chief."""

    __tablename__ = "post_street"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True)

    street_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
