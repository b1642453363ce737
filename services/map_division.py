"""Patrols over the grids of another division (按另一次划分): where each one would have been booked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from shapely.geometry import shape
from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from models.grid import GridVersion
from models.patrol import Patrol
from rules.evidence import COUNTED
from rules.geometry import GridIndex
from services import grid

_LEAST_SHARE = 0.01
"""Ground that two drawings of the same border share by accident gives no heir."""
_heirs: WeakKeyDictionary[GridIndex, dict[int, tuple[int, ...]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Placing:
    """Grid versions of some streets, and whose ground in a division theirs became.

    A version with one heir (`whole`) brings all its patrols there. One with several (`split`) parts them: each patrol
    goes to the heir at its position or nearest to it, and one without a position to none.
    """

    index: GridIndex
    whole: dict[int, int]
    split: dict[int, tuple[int, ...]]

    def versions_of(self, grid_id: int) -> list[int]:
        """The versions all of whose patrols belong to a grid of the division."""
        return [version for version, heir in self.whole.items() if heir == grid_id]

    def place(self, row: Row[Any]) -> int | None:
        """The grid of one patrol of a version that was split, or None."""
        if row.lon is None or row.lat is None:
            return None
        return self.index.nearest(row.lon, row.lat, self.split[row.grid_version_id])[0].id


def placing(session: Session, streets: Sequence[str], day: date) -> Placing:
    """How the patrols of some streets lie over the grids that are valid on a date."""
    index = grid.division_on(session, day)
    rows = select(GridVersion.id, GridVersion.street_code).where(GridVersion.street_code.in_(streets))
    heirs = {version: _heirs_in(index, version, street) for version, street in _looked_up(session, index, rows)}
    whole = {version: found[0] for version, found in heirs.items() if len(found) == 1}
    return Placing(index, whole, {version: found for version, found in heirs.items() if len(found) > 1})


def split_patrols(session: Session, placed: Placing, until: date, more: Sequence[ColumnElement[bool]] = ()) -> Any:
    """The patrols of versions that were split, up to a local date: what is needed to place and to count them."""
    rows = select(
        Patrol.id, Patrol.grid_version_id, Patrol.lon, Patrol.lat, Patrol.patrolled_on, Patrol.level,
        (Patrol.verdict == COUNTED).label("counted"), stands_with_problem().label("problem"),
    ).where(Patrol.grid_version_id.in_(placed.split), Patrol.patrolled_on <= until, *more)  # fmt: skip
    return session.execute(rows).all() if placed.split else []


def stands_with_problem() -> ColumnElement[bool]:
    """The condition of a patrol that noted a problem and was neither withdrawn nor voided."""
    return Patrol.problem_type.is_not(None) & Patrol.withdrawn_at.is_(None) & Patrol.voided_at.is_(None)


def _heirs_in(index: GridIndex, version: int, street: str) -> tuple[int, ...]:
    # A patrol stays in the street that it is booked to: what its office sees, and what it counts, are the same.
    here = index.by_street(street)
    return (version,) if version in here else tuple(heir for heir in _heirs[index][version] if heir in here)


def _looked_up(session: Session, index: GridIndex, versions: Any) -> list[tuple[int, str]]:
    found = [(row.id, row.street_code) for row in session.execute(versions)]
    known = _heirs.setdefault(index, {})
    unknown = [version for version, _ in found if version not in known and version not in index.all_ids]
    rows = select(GridVersion.id, GridVersion.geometry).where(GridVersion.id.in_(unknown))
    for id_, geometry in session.execute(rows) if unknown else ():
        known[id_] = index.overlapping(shape(json.loads(geometry)), _LEAST_SHARE)
    return found
