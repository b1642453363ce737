"""The scene of a reminder (现场): which places it is about, and what is worth a look there."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from models.among import among, among_codes
from models.chief import PostStreet
from models.grid import GridCommunity, GridSuccession, GridVersion
from rules.level import Level
from services import corner, duty, old_tree_watch, unseen
from services.ground import Fact, Ground, Grounds
from services.reminder import Due

Query = Select[str, int, str, str, str]
Codes = Callable[[Any], ColumnElement[bool]]
"""Whether a column is one of the codes that are asked for."""
Source = Callable[[Session, Grounds, date], Mapping[int, Fact]]

SOURCES: tuple[Source, ...] = (
    unseen.problems, unseen.open_problems, unseen.grids, corner.corners, old_tree_watch.long_unseen,
)  # fmt: skip
"""What reminders may say of their grounds, in this order. A source looks at all of a batch at once, by a query or two,
and gives a fact for the reminders it has something to say of; a new one is a function and its place here."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a reminder names: its places, and the facts of each source."""

    names: tuple[str, ...]
    facts: tuple[Fact, ...]


def scenes(session: Session, due: Sequence[Due], today: date) -> dict[int, Scene]:
    """The scene of each reminder, by its id; a handful of queries, however many there are."""
    if not due:
        return {}
    streets = _streets_of(session, [one for one in due if one.level == Level.STREET and not one.grid_code])
    grounds = _grounds_of(session, due, streets, today)
    names = _names(session, due, streets, grounds)
    told = [source(session, grounds, today) for source in SOURCES]
    return {one.id: Scene(names[one.id], tuple(facts[one.id] for facts in told if one.id in facts)) for one in due}


def _streets_of(session: Session, due: Sequence[Due]) -> dict[int, tuple[str, ...]]:
    """The streets of each reminder of a street's chief: those of the post, else the one it is booked to."""
    owned: dict[int, list[str]] = defaultdict(list)
    posts = {one.post_id for one in due}
    here = among(session.get_bind().dialect.name, PostStreet.post_id, posts)
    query = select(PostStreet.post_id, PostStreet.street_code).where(here)
    for post, street in session.execute(query.order_by(PostStreet.street_code)) if posts else ():
        owned[post].append(street)
    return {one.id: tuple(owned.get(one.post_id, (one.area_code,))) for one in due}


def _names(
    session: Session, due: Sequence[Due], streets: Mapping[int, tuple[str, ...]], grounds: Grounds
) -> dict[int, tuple[str, ...]]:
    """The names of the grids that a community's chief has, of the streets or the district of the others."""
    by_area = {one.id: streets.get(one.id, (one.area_code,)) for one in due if _is_wide(one) or not grounds.get(one.id)}
    known = duty.known_areas(session, {code for codes in by_area.values() for code in codes}) if by_area else {}
    named = {key: tuple(known.get(code, code) for code in codes) for key, codes in by_area.items()}
    return {one.id: named.get(one.id) or tuple(ground.name for ground in grounds[one.id]) for one in due}


def _is_wide(one: Due) -> bool:
    return one.level != Level.COMMUNITY and not one.grid_code


def _grounds_of(
    session: Session, due: Sequence[Due], streets: Mapping[int, tuple[str, ...]], today: date
) -> dict[int, tuple[Ground, ...]]:
    """The grids of each reminder: that of its duty (or its heir), those of a community, those of a post's streets."""
    keyed = {one.id: _keys(one, streets) for one in due if one.grid_code or one.level != Level.DISTRICT}
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, codes in keyed.values():
        wanted[kind].update(codes)
    found: dict[tuple[str, str], list[Ground]] = defaultdict(list)
    dialect = session.get_bind().dialect.name
    for kind, some in wanted.items():
        of = partial(among_codes, dialect, codes=some)
        rows = session.execute(_QUERIES[kind](of).where(*_valid(today)).order_by(GridVersion.code))
        for key, grid, name, street, code in rows:
            found[kind, key].append(Ground(grid, name, street, code))
    return {
        reminder_id: tuple(ground for code in codes for ground in found.get((kind, code), ()))
        for reminder_id, (kind, codes) in keyed.items()
    }


def _keys(one: Due, streets: Mapping[int, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
    if one.grid_code:
        return "grid", (one.grid_code,)
    return one.level, streets.get(one.id, (one.area_code,))


def _of_grid(asked: Codes) -> Query:
    # The heir of a grid that was divided meanwhile stands for it.
    heir = and_(GridSuccession.new_code == GridVersion.code, asked(GridSuccession.old_code))
    key = func.coalesce(GridSuccession.old_code, GridVersion.code)
    return select(key, *_GROUND).outerjoin(GridSuccession, heir).where(
        or_(asked(GridVersion.code), GridSuccession.old_code.is_not(None))
    )  # fmt: skip


def _of_community(asked: Codes) -> Query:
    served = select(GridCommunity.community_code, *_GROUND)
    served = served.join(GridCommunity, GridCommunity.grid_version_id == GridVersion.id)
    return served.where(asked(GridCommunity.community_code))


def _of_street(asked: Codes) -> Query:
    return select(GridVersion.street_code, *_GROUND).where(asked(GridVersion.street_code))


_GROUND = (GridVersion.id, GridVersion.name, GridVersion.street_code, GridVersion.code)
_QUERIES: dict[str, Callable[[Codes], Query]] = {
    "grid": _of_grid, Level.COMMUNITY: _of_community, Level.STREET: _of_street,
}  # fmt: skip


def _valid(today: date) -> tuple[ColumnElement[bool], ...]:
    return GridVersion.valid_from <= today, or_(GridVersion.valid_to.is_(None), GridVersion.valid_to >= today)
