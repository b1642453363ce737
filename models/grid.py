"""Grids (网格) and their versions: a re-division closes the old and opens the new."""

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class GridVersion(Base):
    """A grid as it was from one date to another (both inclusive)."""

    __tablename__ = "grid_version"
    __table_args__ = (UniqueConstraint("code", "valid_from"), Index("ix_grid_version_valid", "valid_from", "valid_to"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    code: Mapped[str]

    name: Mapped[str]

    street_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)

    geometry: Mapped[str]
    """GeoJSON geometry, WGS-84 longitude and latitude."""

    area_m2: Mapped[float | None]

    label_lon: Mapped[float | None]

    label_lat: Mapped[float | None]

    change: Mapped[str | None]
    """How it came about: `initial`, `unchanged`, `split`, `merged`, `moved`."""

    valid_from: Mapped[date]

    valid_to: Mapped[date | None]


class GridCommunity(Base):
    """Which communities a grid version serves (two after a merge)."""

    __tablename__ = "grid_community"

    grid_version_id: Mapped[int] = mapped_column(ForeignKey("grid_version.id"), primary_key=True)

    community_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True, index=True)


class GridSuccession(Base):
    """Which grid took over ground of which at a re-division (重新划分), with the shares."""

    __tablename__ = "grid_succession"
    __table_args__ = (UniqueConstraint("old_code", "new_code", "valid_from"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    old_code: Mapped[str] = mapped_column(index=True)

    new_code: Mapped[str] = mapped_column(index=True)

    change: Mapped[str]

    share_of_old: Mapped[float]

    share_of_new: Mapped[float]

    valid_from: Mapped[date]
