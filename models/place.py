"""Places that the map shows beside the grids (地点): parks (公园) and old trees (古树名木)."""

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity


class Place(Base):
    """A park or an old tree."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    code: Mapped[str] = mapped_column(unique=True)

    kind: Mapped[str]
    """`park` or `old_tree`."""

    name: Mapped[str]

    street_code: Mapped[str] = mapped_column(index=True)

    lon: Mapped[float]
    """WGS-84."""

    lat: Mapped[float]

    site: Mapped[str | None]
    """Where an old tree stands, in words."""

    species: Mapped[str | None]

    grade: Mapped[str | None]
