"""Counts as they are asked for (统计): by level, street, month or grid, and the patrols behind a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.area import Area
from models.chief import Chief
from models.grid import GridCommunity, GridVersion
from models.patrol import Patrol
from services.summary import Span

GROUPS = ("level", "street", "month", "grid")


@dataclass(frozen=True, slots=True)
class Record:
    """A patrol in a list behind a number."""

    id: int
    number: str
    patrolled_at: datetime
    chief: str
    grid: str | None
    verdict: str
    reason: str | None
    photos: int


def by_grid(session: Session, span: Span, area: Area) -> list[tuple[str | None, int]]:
    """Name and counted patrols of every grid of an area that was valid in the period, in the order of their codes.

    Patrols without a grid come last, under None, so that every grouping has the same total.
    """
    n = func.count(Patrol.id)
    hit = (
        (Patrol.grid_version_id == GridVersion.id)
        & (Patrol.verdict == "counted")
        & Patrol.patrolled_on.between(span.start, span.end)
    )
    valid = (GridVersion.valid_from <= span.end) & (
        (GridVersion.valid_to.is_(None)) | (GridVersion.valid_to >= span.start)
    )
    rows = session.execute(
        select(GridVersion.name, n)
        .outerjoin(Patrol, hit)
        .where(valid, GridVersion.id.in_(_grids_of(area)))
        .group_by(GridVersion.id, GridVersion.name, GridVersion.code)
        .order_by(GridVersion.code)
    )
    nowhere = (
        select(func.count())
        .select_from(Patrol)
        .where(Patrol.grid_version_id.is_(None), Patrol.verdict == "counted", *_in(span, area))
    )
    without = session.scalar(nowhere) or 0
    return [*((name, int(count)) for name, count in rows), *([(None, without)] if without else [])]


def in_community(session: Session, span: Span, area: Area) -> list[tuple[str, int]]:
    """Level and counted patrols booked to the grids of a community."""
    rows = session.execute(_counted(span, area, Patrol.level).group_by(Patrol.level))
    return [(level or "unassigned", int(n)) for level, n in rows]


def months_in_community(session: Session, span: Span, area: Area) -> list[tuple[str, int]]:
    """Month and counted patrols booked to the grids of a community, every month of the period."""
    times = dict.fromkeys(span.months(), 0)
    for day, n in session.execute(_counted(span, area, Patrol.patrolled_on).group_by(Patrol.patrolled_on)):
        times[day.strftime("%Y-%m")] += n
    return list(times.items())


def records(
    session: Session, span: Span, area: Area, chief_id: int | None, limit: int, offset: int
) -> tuple[Sequence[Record], int]:
    """A page of the patrols of an area (of one chief where given), newest first, and how many there are in all."""
    here = _in(span, area)
    if chief_id is not None:
        here.append(Patrol.chief_id == chief_id)
    total = session.scalar(select(func.count()).select_from(Patrol).where(*here)) or 0
    page = (
        select(
            Patrol.id, Patrol.number, Patrol.patrolled_at, Chief.name, GridVersion.name, Patrol.verdict,
            Patrol.reason, Patrol.photos,
        )
        .join(Chief, Chief.id == Patrol.chief_id)
        .outerjoin(GridVersion, GridVersion.id == Patrol.grid_version_id)
        .where(*here)
        .order_by(Patrol.patrolled_on.desc(), Patrol.id.desc())
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [Record(*row) for row in session.execute(page)], total


def _in(span: Span, area: Area) -> list[ColumnElement[bool]]:
    # A street holds what is booked to it, with a grid or without: as the counts do.
    here: list[ColumnElement[bool]] = [Patrol.patrolled_on.between(span.start, span.end)]
    if area.level == "street":
        here.append(Patrol.street_code == area.code)
    elif area.level == "community":
        here.append(Patrol.grid_version_id.in_(_grids_of(area)))
    return here


def _counted(span: Span, area: Area, by: InstrumentedAttribute[Any]) -> Select[Any, int]:
    return select(by, func.count()).where(Patrol.verdict == "counted", *_in(span, area))


def _grids_of(area: Area) -> Select[int]:
    if area.level == "community":
        return select(GridCommunity.grid_version_id).where(GridCommunity.community_code == area.code)
    if area.level == "street":
        return select(GridVersion.id).where(GridVersion.street_code == area.code)
    streets = select(Area.code).where(Area.parent_code == area.code)
    return select(GridVersion.id).where(GridVersion.street_code.in_(streets))


def day_of(text: str) -> date:
    """A date as a button carries it."""
    return date.fromisoformat(text)
