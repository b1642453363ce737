"""Parks and old trees (公园、古树名木): what the map shows beside the grids."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.place import Place
from models.upsert import insert_or

IMPORTED = ("park",)
"""The kinds that an import may bring; another needs a sign in `web/static/figure_map.js` and words in the catalogue."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place as a file tells it; WGS-84."""

    code: str
    kind: str
    name: str
    street_code: str
    lon: float
    lat: float
    site: str | None = None
    species: str | None = None
    grade: str | None = None


def load(session: Session, rows: Sequence[PlaceRow]) -> int:
    """Add places; one whose code is there already takes the new facts."""
    for row in rows:
        facts = asdict(row)
        statement = insert_or(session, Place).values(facts)
        session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=facts))
    return len(rows)


def of_streets(session: Session, streets: Sequence[str]) -> Sequence[Place]:
    """The places of some streets."""
    return session.scalars(select(Place).where(Place.street_code.in_(streets)).order_by(Place.code)).all()
