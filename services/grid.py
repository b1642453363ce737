"""Grids (网格): the division of a date, and where in it a patrol belongs."""

import json
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shapely.geometry import shape
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.area import Area
from models.grid import GridCommunity, GridVersion
from rules.geometry import GridIndex, GridShape
from rules.level import Level
from services import mark
from services.post import PostFacts, posts_on

_REMEMBERED = 8
_NAMES_REMEMBERED = 20_000
_names: OrderedDict[tuple[str, int], tuple[str, str]] = OrderedDict()
_divisions: OrderedDict[tuple[str, date], GridIndex] = OrderedDict()
_changes: dict[str, list[date]] = {}
_NAMES = (
    select(Area.name, GridVersion.name)
    .join(Area, Area.code == GridVersion.street_code)
    .where(GridVersion.id == bindparam("grid"))
)


@dataclass(frozen=True, slots=True)
class Booking:
    """Where a patrol belongs: post, grid, street, and how far outside the own area the point lies."""

    post: PostFacts | None
    grid_version_id: int | None
    street_code: str | None
    outside_m: float | None


def division_on(session: Session, day: date) -> GridIndex:
    """The grids that are valid on a local date, as a spatial index; remembered while the edition lasts."""
    edition = mark.edition(session, "grids")
    key = (edition, _since(session, edition, day))
    if key not in _divisions:
        _divisions[key] = GridIndex(_shapes(session, day))
        if len(_divisions) > _REMEMBERED:
            _divisions.popitem(last=False)
    _divisions.move_to_end(key)
    return _divisions[key]


def own_grids(index: GridIndex, post: PostFacts) -> Sequence[int]:
    """The ids of the grids of a post's own area: the district, its streets, or the grids that serve its community."""
    if post.level == Level.COMMUNITY:
        return index.by_community(post.area_code)
    if post.level == Level.STREET:
        return [grid for street in post.streets or (post.area_code,) for grid in index.by_street(street)]
    return index.by_district(post.area_code)


def book(
    session: Session, posts: Sequence[PostFacts], day: date, lon: float | None, lat: float | None,
    chosen: int | None = None,
) -> Booking:  # fmt: skip
    """Book a patrol to a post and grid: under the point in the own area, else the nearest own one; or as chosen."""
    index = division_on(session, day)
    areas = [(post, own) for post in posts if (own := own_grids(index, post))]
    if not areas:
        return Booking(posts[0] if posts else None, None, None, None)
    if lon is None or lat is None:
        return _book_without_position(index, areas, chosen)
    return min((_book_at(index, post, own, lon, lat) for post, own in areas), key=lambda b: b.outside_m or 0)


def names(session: Session, grid_version_id: int) -> tuple[str, str]:
    """The names of a grid's street and of the grid, remembered while the edition lasts."""
    key = (mark.edition(session, "grids"), grid_version_id)
    if key not in _names:
        row = session.connection().execute(_NAMES, {"grid": grid_version_id}).one()
        _names[key] = (row[0], row[1])
        if len(_names) > _NAMES_REMEMBERED:
            _names.popitem(last=False)
    return _names[key]


def own_names(session: Session, chief_id: int, day: date, street: str | None = None) -> list[tuple[int, str]]:
    """The ids and names of a chief's own grids on a local date, all or those of one street."""
    own = select(GridVersion.id, GridVersion.name).where(GridVersion.id.in_(_own_ids(session, chief_id, day)))
    if street:
        own = own.where(GridVersion.street_code == street)
    return [(row.id, row.name) for row in session.execute(own.order_by(GridVersion.code))]


def own_streets(session: Session, chief_id: int, day: date) -> list[tuple[str, str]]:
    """The codes and names of the streets in which a chief's own grids lie on a local date."""
    own = select(GridVersion.street_code).where(GridVersion.id.in_(_own_ids(session, chief_id, day)))
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(own)).order_by(Area.code))
    return [(row.code, row.name) for row in rows]


def _own_ids(session: Session, chief_id: int, day: date) -> set[int]:
    index = division_on(session, day)
    return {grid for post in posts_on(session, chief_id, day) for grid in own_grids(index, post)}


def drawn_on(session: Session, day: date) -> list[tuple[int, str, str, str, str]]:
    """The grids of a local date to draw: id, code, name, name of the street, GeoJSON geometry in WGS-84."""
    valid = (GridVersion.valid_from <= day) & ((GridVersion.valid_to.is_(None)) | (GridVersion.valid_to >= day))
    rows = select(GridVersion.id, GridVersion.code, GridVersion.name, Area.name, GridVersion.geometry)
    rows = rows.join(Area, Area.code == GridVersion.street_code).where(valid).order_by(GridVersion.code)
    return list(session.execute(rows))


def area_known(session: Session, post: PostFacts | None, day: date) -> bool:
    """Whether there is a post, and a grid of its own area on a local date."""
    return post is not None and bool(own_grids(division_on(session, day), post))


def _book_at(index: GridIndex, post: PostFacts, own: Sequence[int], lon: float, lat: float) -> Booking:
    here = index.at(lon, lat)
    if here is not None and here.id in set(own):
        return Booking(post, here.id, here.street_code, 0.0)
    nearest, outside_m = index.nearest(lon, lat, own)
    return Booking(post, nearest.id, nearest.street_code, outside_m)


def _book_without_position(
    index: GridIndex, areas: Sequence[tuple[PostFacts, Sequence[int]]], chosen: int | None
) -> Booking:
    for post, own in areas:
        grid = chosen if chosen in own else own[0] if len(own) == 1 else None
        if grid is not None:
            return Booking(post, grid, index.get(grid).street_code, None)
    post, own = areas[0]
    streets = {index.get(grid).street_code for grid in own}
    return Booking(post, None, streets.pop() if len(streets) == 1 else None, None)


def _since(session: Session, edition: str, day: date) -> date:
    # The division of a day is the one since the last change before it: all days between two changes share an index.
    if edition not in _changes:
        starts = session.scalars(select(GridVersion.valid_from).distinct())
        ends = session.scalars(select(GridVersion.valid_to).where(GridVersion.valid_to.is_not(None)).distinct())
        _changes[edition] = sorted({*starts, *(end + timedelta(days=1) for end in ends if end)})
    place = bisect_right(_changes[edition], day)
    return _changes[edition][place - 1] if place else date.min


def _shapes(session: Session, day: date) -> list[GridShape]:
    valid = (GridVersion.valid_from <= day) & ((GridVersion.valid_to.is_(None)) | (GridVersion.valid_to >= day))
    served: dict[int, list[str]] = {}
    pairs = select(GridCommunity.grid_version_id, GridCommunity.community_code).join(
        GridVersion, GridVersion.id == GridCommunity.grid_version_id
    )
    for grid, community in session.execute(pairs.where(valid)):
        served.setdefault(grid, []).append(community)
    rows = session.execute(
        select(GridVersion.id, GridVersion.code, GridVersion.street_code, Area.parent_code, GridVersion.geometry)
        .join(Area, Area.code == GridVersion.street_code)
        .where(valid)
        .order_by(GridVersion.code)
    )
    return [
        GridShape(id_, code, street, district or "", tuple(sorted(served.get(id_, ()))), shape(json.loads(geometry)))
        for id_, code, street, district, geometry in rows
    ]
