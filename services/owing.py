"""Who owes what (应巡): one SELECT over the posts, for plans, overdue lists and digests alike."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from models.area import Area
from models.chief import Post
from models.dates import days_until, the_greatest, the_least
from models.grid import GridCommunity, GridSuccession, GridVersion
from models.patrol import Patrol
from models.policy import Duty
from rules.duty import Stretch
from rules.level import Level


@dataclass(frozen=True, slots=True)
class Only:
    """A part of the posts: those below an area, or of a chief."""

    area_code: str | None = None
    chief_id: int | ColumnElement[int] | None = None


@dataclass(frozen=True, slots=True)
class _Narrower:
    """The posts that a narrower duty takes from a wider one, and the days of the stretch on which it does."""

    whose: ColumnElement[bool]
    first: date
    last: date
    is_whole: bool


def owing(session: Session, duty: Duty, stretch: Stretch, day: date, only: Only = Only()) -> Subquery:
    """The posts that owe a duty in a stretch, with how much pro rata and how much is done.

    Columns: post_id, chief_id, level, area_code, street_code, grid_code (where it is owed in one grid), home_grid (the
    grid whose schedule holds on `day`), opens_on, closes_on, owed, done.
    """
    narrower = _narrower(session, duty, stretch)
    held = _held(duty, stretch, day, only, narrower).subquery("held")
    full = stretch.full_days
    owed = (2 * duty.times * (days_until(held.c.opens_on, held.c.closes_on) + 1) + full) // (2 * full)
    found = select(*held.c, owed.label("owed"), _done(duty, held).label("done"))
    return found.where(held.c.opens_on <= held.c.closes_on).subquery("owing")


def _held(duty: Duty, stretch: Stretch, day: date, only: Only, narrower: Sequence[_Narrower]) -> Select[Any]:
    opens, closes = _not_narrower(stretch, narrower)
    homes = _home_grids(day).group_by(GridCommunity.community_code).subquery("home")
    # For a chief's few posts a look-up each costs less than the list of all; for everybody the list does.
    is_one = only.chief_id is not None
    home = _home_of_post(day) if is_one else homes.c.code
    street = case((Post.level == Level.COMMUNITY, Area.parent_code), (Post.level == Level.STREET, Post.area_code))
    found = (
        select(
            Post.id.label("post_id"), Post.chief_id, Post.level, Post.area_code, street.label("street_code"),
            literal(duty.grid_code or "").label("grid_code"), home.label("home_grid"),
            the_greatest(Post.valid_from, opens, type_=Post.valid_from.type).label("opens_on"),
            the_least(func.coalesce(Post.valid_to, closes), closes, type_=Post.valid_from.type).label("closes_on"),
        )
        .join(Area, Area.code == Post.area_code)
        .where(Post.valid_from <= stretch.closes_on, or_(Post.valid_to.is_(None), Post.valid_to >= stretch.opens_on))
        .where(_whose(duty, day), *_part(only), *(~one.whose for one in narrower if one.is_whole))
    )  # fmt: skip
    return found if is_one else found.outerjoin(homes, homes.c.community_code == Post.area_code)


def _whose(duty: Duty, day: date) -> ColumnElement[bool]:
    if duty.post_id:
        return Post.id == duty.post_id
    if duty.grid_code:
        return (Post.level == Level.COMMUNITY) & Post.area_code.in_(_communities([duty.grid_code], day))
    return (Post.level == duty.level) & _below(duty.area_code)


def _part(only: Only) -> list[ColumnElement[bool]]:
    chief = [Post.chief_id == only.chief_id] if only.chief_id is not None else []
    return [_below(only.area_code), *chief]


def _below(area_code: str | None) -> ColumnElement[bool]:
    # Codes of areas begin with those of the areas above them.
    if not area_code:
        return ~false()
    return func.substr(Post.area_code, 1, len(area_code)) == area_code


def _home_of_post(day: date) -> ColumnElement[str]:
    first = _home_grids(day).where(GridCommunity.community_code == Post.area_code)
    return first.with_only_columns(func.min(GridVersion.code)).correlate(Post).scalar_subquery()


def _home_grids(day: date) -> Select[str, str]:
    """Communities with their first grid on a date; to be grouped, or asked for one of them."""
    valid = (GridVersion.valid_from <= day) & or_(GridVersion.valid_to.is_(None), GridVersion.valid_to >= day)
    return (
        select(GridCommunity.community_code, func.min(GridVersion.code).label("code"))
        .join(GridVersion, GridVersion.id == GridCommunity.grid_version_id)
        .where(valid)
    )


def _communities(grids: list[str], day: date) -> Select[Any]:
    # A grid that was divided in the middle of a period is still owed by those who serve its ground now.
    lineage = _lineage(grids)
    return (
        select(GridCommunity.community_code)
        .join(GridVersion, GridVersion.id == GridCommunity.grid_version_id)
        .where(GridVersion.code.in_(lineage), GridVersion.valid_from <= day)
        .where(or_(GridVersion.valid_to.is_(None), GridVersion.valid_to >= day))
    )


MERGED = "merged"


def ground_of(code: Any) -> tuple[Select[str], Select[str]]:
    """The grids besides its own whose patrols count for the duty of a grid: its heirs, and what went into them with it.

    `code` is a grid's code, or a column that holds one.
    """
    own, kin = aliased(GridSuccession), aliased(GridSuccession)
    heirs = select(own.new_code).where(own.old_code == code)
    merged = select(kin.old_code).join(own, own.new_code == kin.new_code)
    return heirs, merged.where(own.old_code == code, own.change == MERGED, kin.change == MERGED)


def _lineage(grids: list[str]) -> Any:
    heirs = select(GridSuccession.new_code.label("code")).where(GridSuccession.old_code.in_(grids))
    own = select(GridVersion.code.label("code")).where(GridVersion.code.in_(grids))
    return heirs.union(own)


def _narrower(session: Session, duty: Duty, stretch: Stretch) -> list[_Narrower]:
    """The duties that take the place of a wider one of the same kind of period: post, grid, street, district, all."""
    running = select(Duty).where(Duty.period == duty.period, Duty.id != duty.id, Duty.valid_from <= stretch.closes_on)
    others = session.scalars(running.where(or_(Duty.valid_to.is_(None), Duty.valid_to >= stretch.opens_on))).all()
    groups: dict[tuple[date, date], list[Duty]] = defaultdict(list)
    for other in others:
        if _rank(other) > _rank(duty):
            groups[_days_in(other, stretch)].append(other)
    whole = (stretch.opens_on, stretch.closes_on)
    return [
        _Narrower(whose, *days, days == whole)
        for days, some in groups.items()
        if (whose := _taken(some, duty, stretch)) is not None
    ]


def _days_in(other: Duty, stretch: Stretch) -> tuple[date, date]:
    last = min(other.valid_to or stretch.closes_on, stretch.closes_on)
    return max(other.valid_from, stretch.opens_on), last


def _taken(others: list[Duty], duty: Duty, stretch: Stretch) -> ColumnElement[bool] | None:
    posts = [other.post_id for other in others if other.post_id]
    grids = [other.grid_code for other in others if other.grid_code and not other.post_id]
    areas = [other for other in others if not other.post_id and not other.grid_code and other.level == duty.level]
    found = [_below(other.area_code) for other in areas]
    if posts:
        found.append(Post.id.in_(posts))
    if grids:
        community = Post.level == Level.COMMUNITY
        found.append(community & Post.area_code.in_(_communities(grids, stretch.opens_on)))
    return or_(*found) if found else None


def _not_narrower(stretch: Stretch, narrower: Sequence[_Narrower]) -> tuple[ColumnElement[date], ColumnElement[date]]:
    """The first and last day of a stretch, less those on which a narrower duty holds."""
    parts = [one for one in narrower if not one.is_whole]
    ends = [(one.whose, one.first - timedelta(days=1)) for one in parts if one.first > stretch.opens_on]
    begins = [(one.whose, one.last + timedelta(days=1)) for one in parts if one.first == stretch.opens_on]
    opens = case(*begins, else_=literal(stretch.opens_on)) if begins else literal(stretch.opens_on)
    closes = case(*ends, else_=literal(stretch.closes_on)) if ends else literal(stretch.closes_on)
    return opens, closes


def _rank(duty: Duty) -> int:
    return 30 if duty.post_id else 20 if duty.grid_code else len(duty.area_code or "")


def _done(duty: Duty, held: Subquery) -> ColumnElement[int]:
    counted = (
        select(func.count())
        .select_from(Patrol)
        .where(Patrol.post_id == held.c.post_id, Patrol.verdict == "counted")
        .where(Patrol.patrolled_on.between(held.c.opens_on, held.c.closes_on))
    )
    if duty.grid_code:
        there = or_(GridVersion.code == duty.grid_code, *map(GridVersion.code.in_, ground_of(duty.grid_code)))
        versions = select(GridVersion.id).where(there)
        counted = counted.where(Patrol.grid_version_id.in_(versions))
    return counted.scalar_subquery()
