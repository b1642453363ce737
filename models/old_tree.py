"""Old trees (古树名木): the archive, which patrol saw which tree, and how near is near."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class OldTree(Base):
    """A tree under protection; never deleted, closed when it left the list."""

    __tablename__ = "old_tree"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    code: Mapped[str] = mapped_column(unique=True)
    """The number on its plate (古树编号)."""

    species: Mapped[str]

    grade: Mapped[str]
    """`first` (一级), `second` (二级) or `notable` (名木)."""

    name: Mapped[str | None]

    site: Mapped[str | None]
    """Where it stands, in words."""

    street_code: Mapped[str] = mapped_column(index=True)

    lon: Mapped[float]
    """WGS-84."""

    lat: Mapped[float]

    entered_on: Mapped[date]
    """The local date on which the archive took it in: from then on it can be unseen."""

    closed_on: Mapped[date | None]
    """Set when it left the list; an import that names it again takes it in again."""


class OldTreeVisit(Base):
    """A tree that was seen on a patrol: one row a tree and patrol; whether it counts is the patrol's verdict."""

    __tablename__ = "old_tree_visit"
    __table_args__ = (
        Index("uq_old_tree_visit_draft", "draft_id", "tree_id", unique=True, **only("draft_id IS NOT NULL")),
        Index("uq_old_tree_visit_patrol", "patrol_id", "tree_id", unique=True, **only("patrol_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    tree_id: Mapped[int] = mapped_column(ForeignKey("old_tree.id"), index=True)

    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    """The draft in which it was noted."""

    patrol_id: Mapped[int | None] = mapped_column(ForeignKey("patrol.id"))
    """None until the draft is handed in."""

    found_by: Mapped[str]
    """`near` (one of those near the position) or `code` (its number was given)."""

    noted_at: Mapped[datetime]


class OldTreeRule(Base):
    """What is near, and when a tree is long unseen, from a local date on."""

    __tablename__ = "old_tree_rule"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    valid_from: Mapped[date] = mapped_column(unique=True)

    near_m: Mapped[float]

    most: Mapped[int]
    """So many of the nearest trees are offered at once."""

    unseen_days: Mapped[int]

    source: Mapped[str]
    """The rule or regulation that it follows."""
