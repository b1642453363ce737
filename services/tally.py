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
from models.meeting import Meeting
from models.patrol import Patrol
from rules.evidence import COUNTED
from services.count import UNASSIGNED
from services.summary import Span, month_span, streets_of

GROUPS = ("level", "street", "month", "grid")
NONE = UNASSIGNED
"""The key of the row of patrols without a street or a grid."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an answer: what names it in a question, its label ("" where it is to be worded), its number."""

    key: str
    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Slice:
    """The patrols behind a number: of a row where `key` names one, counted or not, of one chief where given."""

    span: Span
    area: Area
    group: str
    key: str
    counted: bool
    chief_id: int | None


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


def by_grid(session: Session, span: Span, area: Area) -> list[Row]:
    """Counted patrols of every grid of an area that was valid in the period, in the order of their codes.

    Patrols without a grid come last, under None, so that every grouping has the same total.
    """
    valid = (GridVersion.valid_from <= span.end) & (
        (GridVersion.valid_to.is_(None)) | (GridVersion.valid_to >= span.start)
    )
    grids = select(GridVersion.id, GridVersion.name).where(valid, GridVersion.id.in_(_grids_of(area)))
    # Counted apart: joined to the grids, the patrols were looked up grid by grid, which took fifty times as long.
    n = select(Patrol.grid_version_id, func.count()).where(Patrol.verdict == COUNTED, _during(span))
    n = n.where(Patrol.grid_version_id.in_(grids.with_only_columns(GridVersion.id))).group_by(Patrol.grid_version_id)
    times: dict[int | None, int] = {id_: int(times) for id_, times in session.execute(n)}
    nowhere = (
        select(func.count())
        .select_from(Patrol)
        .where(Patrol.grid_version_id.is_(None), Patrol.verdict == COUNTED, *_in(session, span, area))
    )
    without = session.scalar(nowhere) or 0
    rows = session.execute(grids.order_by(GridVersion.code))
    found = [Row(str(id_), name, times.get(id_, 0)) for id_, name in rows]
    return [*found, *([Row(NONE, "", without)] if without else [])]


def in_community(session: Session, span: Span, area: Area) -> dict[str, int]:
    """Counted patrols booked to the grids of a community, by level; levels without any are left out."""
    rows = session.execute(_counted(session, span, area, Patrol.level).group_by(Patrol.level))
    return {level or UNASSIGNED: int(n) for level, n in rows}


def months_in_community(session: Session, span: Span, area: Area) -> list[tuple[str, int]]:
    """Month and counted patrols booked to the grids of a community, every month of the period."""
    times = dict.fromkeys(span.months(), 0)
    for day, n in session.execute(_counted(session, span, area, Patrol.patrolled_on).group_by(Patrol.patrolled_on)):
        times[day.strftime("%Y-%m")] += n
    return list(times.items())


def by_day(session: Session, span: Span, area: Area) -> list[tuple[date, int]]:
    """Local date and counted patrols, in order; days without any are left out."""
    rows = _counted(session, span, area, Patrol.patrolled_on).group_by(Patrol.patrolled_on)
    return [(day, int(n)) for day, n in session.execute(rows.order_by(Patrol.patrolled_on))]


def patrols_in(session: Session, span: Span, area: Area) -> list[ColumnElement[bool]]:
    """The conditions on patrols of an area in a period: all that the counts of the two are made of."""
    return _in(session, span, area)


def records(session: Session, wanted: Slice, limit: int, offset: int) -> tuple[Sequence[Record], int]:
    """A page of the patrols of a slice, newest first, and how many there are in all."""
    return listed(session, _slice(session, wanted), limit, offset)


def listed(
    session: Session, here: Sequence[ColumnElement[bool]], limit: int, offset: int
) -> tuple[Sequence[Record], int]:
    """A page of the patrols under some conditions, newest first, and how many there are in all."""
    total = session.scalar(select(func.count()).select_from(Patrol).where(*here)) or 0
    page = (
        select(
            Patrol.id, Patrol.number, Patrol.patrolled_at, Chief.name, GridVersion.name, Patrol.verdict,
            Patrol.reason, Patrol.photos,
        )
        .join(Chief, Chief.id == Patrol.chief_id)
        .outerjoin(GridVersion, GridVersion.id == Patrol.grid_version_id)
        .where(*here)
        # The day says no more than the instant does; with it the indexes by day give the order.
        .order_by(Patrol.patrolled_on.desc(), Patrol.patrolled_at.desc(), Patrol.id.desc())
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [Record(*row) for row in session.execute(page)], total


def of_ids(session: Session, ids: Sequence[int]) -> Sequence[Record]:
    """A few patrols by their ids, newest first."""
    return listed(session, [Patrol.id.in_(ids)], len(ids), 0)[0]


def meetings(session: Session, span: Span, area: Area) -> Sequence[Meeting]:
    """The dispatch meetings of an area that count, newest first."""
    held = select(Meeting).where(Meeting.area_code == area.code, Meeting.held_on.between(span.start, span.end))
    held = held.where(Meeting.voided_at.is_(None))
    return session.scalars(held.order_by(Meeting.held_on.desc(), Meeting.id.desc())).all()


def name_of(session: Session, group: str, key: str) -> str:
    """The name of the street or grid that a row is about."""
    if group == "street":
        return session.get_one(Area, key).name
    return session.get_one(GridVersion, int(key)).name


def _slice(session: Session, wanted: Slice) -> list[ColumnElement[bool]]:
    verdict = Patrol.verdict == COUNTED if wanted.counted else Patrol.verdict != COUNTED
    if wanted.chief_id is not None:
        return [Patrol.chief_id == wanted.chief_id, verdict, _during(wanted.span)]
    return [*_in(session, wanted.span, wanted.area), verdict, *of_row(wanted)]


def of_row(wanted: Slice) -> list[ColumnElement[bool]]:
    """The conditions of the row that a slice names; none where it names none."""
    if not wanted.key:
        return []
    if wanted.group == "level":
        return [Patrol.level == wanted.key]
    if wanted.group == "month":
        return [_during(month_span(wanted.key))]
    column = Patrol.street_code if wanted.group == "street" else Patrol.grid_version_id
    if wanted.key == NONE:
        return [column.is_(None)]
    return [column == (wanted.key if wanted.group == "street" else int(wanted.key))]


def _during(span: Span) -> ColumnElement[bool]:
    return Patrol.patrolled_on.between(span.start, span.end)


def _in(session: Session, span: Span, area: Area) -> list[ColumnElement[bool]]:
    return [_during(span), booked_to(session, area)]


def booked_to(session: Session, area: Area) -> ColumnElement[bool]:
    """The condition of the patrols of an area, whenever they were."""
    # A street holds what is booked to it, with a grid or without, a district also what has no street: as the counts do.
    if area.level == "street":
        return Patrol.street_code == area.code
    if area.level == "community":
        return Patrol.grid_version_id.in_(_grids_of(area))
    return func.coalesce(Patrol.street_code, NONE).in_([*streets_of(session, area), NONE])


def _counted(session: Session, span: Span, area: Area, by: InstrumentedAttribute[Any]) -> Select[Any, int]:
    return select(by, func.count()).where(Patrol.verdict == COUNTED, *_in(session, span, area))


def _grids_of(area: Area) -> Select[int]:
    if area.level == "community":
        return select(GridCommunity.grid_version_id).where(GridCommunity.community_code == area.code)
    if area.level == "street":
        return select(GridVersion.id).where(GridVersion.street_code == area.code)
    streets = select(Area.code).where(Area.parent_code == area.code)
    return select(GridVersion.id).where(GridVersion.street_code.in_(streets))
