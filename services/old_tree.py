"""Old trees (古树名木): the archive, found by code, by street, by grid, by nearness."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.old_tree import OldTree, OldTreeRule
from rules.nearness import PointIndex
from services import grid, mark
from services.summary import streets_of

GRADES = ("first", "second", "notable")
EDITION = "old_trees"
_REMEMBERED = 8
_archives: OrderedDict[str, "Archive"] = OrderedDict()
_places: OrderedDict[tuple[str, str, date], dict[str, list[int]]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class TreeFacts:
    """A tree that stands."""

    id: int
    code: str
    species: str
    grade: str
    name: str | None
    site: str | None
    street_code: str
    lon: float
    lat: float
    entered_on: date


@dataclass(frozen=True, slots=True)
class Archive:
    """The trees that stand, by id, and where."""

    trees: dict[int, TreeFacts]
    index: PointIndex


_NONE = Archive({}, PointIndex([]))


def archive(session: Session) -> Archive:
    """The trees that stand, remembered while their edition lasts."""
    edition = mark.edition(session, EDITION)
    if not edition:
        return _NONE
    if edition not in _archives:
        _archives[edition] = _read(session)
        if len(_archives) > _REMEMBERED:
            _archives.popitem(last=False)
    return _archives[edition]


def rule_on(session: Session, day: date) -> OldTreeRule:
    """The rule of a local date; raises `LookupError` where none is in force, which `migrate` never leaves so."""
    rules = select(OldTreeRule).where(OldTreeRule.valid_from <= day).order_by(OldTreeRule.valid_from.desc())
    found = session.scalars(rules.limit(1)).first()
    if found is None:
        raise LookupError(f"no rule about old trees is in force on {day}")
    return found


def near(session: Session, lon: float, lat: float, day: date) -> list[tuple[TreeFacts, float]]:
    """The trees near a position (WGS-84) with their metres, nearest first, as many as the rule of the date offers."""
    known = archive(session)
    if not known.trees:
        return []
    rule = rule_on(session, day)
    return [(known.trees[id_], metres) for id_, metres in known.index.within(lon, lat, rule.near_m)[: rule.most]]


def by_codes(session: Session, codes: Sequence[str]) -> dict[str, OldTree]:
    """Trees by their codes in upper case, those that left the list too."""
    wanted = [code.upper() for code in codes]
    found = session.scalars(select(OldTree).where(func.upper(OldTree.code).in_(wanted)))
    return {tree.code.upper(): tree for tree in found}


def of_ids(session: Session, ids: Collection[int]) -> list[TreeFacts]:
    """The trees of some ids that stand, in their order."""
    trees = archive(session).trees
    return [trees[id_] for id_ in ids if id_ in trees]


def in_area(session: Session, area: Area, day: date) -> list[TreeFacts]:
    """The trees that stand in an area, a community's by the grids of a date; in the order of their codes."""
    trees = archive(session).trees
    if area.level == "community":
        ids = set(_by_key(session, day).get(f"community {area.code}", ()))
        found = [tree for tree in trees.values() if tree.id in ids]
    else:
        streets = streets_of(session, area)
        found = [tree for tree in trees.values() if tree.street_code in streets]
    return sorted(found, key=lambda tree: tree.code)


def in_grids(session: Session, grid_codes: Collection[str], day: date) -> list[TreeFacts]:
    """The trees that stand in some grids of a date, in the order of their codes."""
    trees = archive(session).trees
    if not trees:
        return []
    known = _by_key(session, day)
    ids = {id_ for code in grid_codes for id_ in known.get(code, ())}
    return sorted((trees[id_] for id_ in ids), key=lambda tree: tree.code)


def grid_of(session: Session, lon: float, lat: float, day: date) -> str | None:
    """The code of the grid under a position on a date."""
    here = grid.division_on(session, day).at(lon, lat)
    return here.code if here else None


def _by_key(session: Session, day: date) -> dict[str, list[int]]:
    # A re-division moves trees to other grids: the place of each is asked of the division, never kept with it.
    key = (mark.edition(session, EDITION), mark.edition(session, "grids"), day)
    if key not in _places:
        _places[key] = _placed(session, day)
        if len(_places) > _REMEMBERED:
            _places.popitem(last=False)
    return _places[key]


def _placed(session: Session, day: date) -> dict[str, list[int]]:
    division, placed = grid.division_on(session, day), dict[str, list[int]]()
    for tree in archive(session).trees.values():
        if here := division.at(tree.lon, tree.lat):
            for key in (here.code, *(f"community {code}" for code in here.community_codes)):
                placed.setdefault(key, []).append(tree.id)
    return placed


def _read(session: Session) -> Archive:
    rows = session.scalars(select(OldTree).where(OldTree.closed_on.is_(None)).order_by(OldTree.id)).all()
    trees = {
        row.id: TreeFacts(
            row.id, row.code, row.species, row.grade, row.name, row.site, row.street_code, row.lon, row.lat,
            row.entered_on,
        )
        for row in rows
    }  # fmt: skip
    return Archive(trees, PointIndex([(row.id, row.lon, row.lat) for row in rows]))
