"""Importing old trees (古树导入): by their codes, as often as one likes; what left the list is closed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.area import Area
from models.old_tree import OldTree
from services import grid, mark
from services.old_tree import EDITION

_FACTS = ("species", "grade", "name", "site", "street_code", "lon", "lat")


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A tree as a file tells it; WGS-84; `row` is its line in a table, its place among the features otherwise."""

    row: int
    code: str
    species: str
    grade: str
    lon: float
    lat: float
    name: str | None = None
    site: str | None = None
    street_code: str | None = None
    gone: bool = False
    """The file itself says that it left the list."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that was not taken, and why."""

    row: int
    kind: str
    value: str = ""


@dataclass(slots=True)
class TreeChanges:
    """What an import did, by codes."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Trees that stand and that the file does not name; closed where it is the whole list."""
    unchanged: int = 0
    left_out: list[Finding] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether anything is different now."""
        return bool(self.added or self.changed or self.closed or self.reopened)


def import_trees(
    session: Session, rows: Sequence[TreeRow], today: date, *, complete: bool = False, unread: Sequence[Finding] = ()
) -> TreeChanges:
    """Take trees in; of a `complete` list whoever is not on it is closed, unless a row of it could not be read.

    `unread` are the rows that the reader could not make out: any of them may be one of those that seem to be missing.
    """
    changes = TreeChanges(left_out=list(unread))
    known = {tree.code: tree for tree in session.scalars(select(OldTree))}
    for row in rows:
        _take(session, row, known, today, changes)
    named = {row.code for row in rows}
    changes.missing = sorted(code for code, tree in known.items() if tree.closed_on is None and code not in named)
    if complete and not changes.left_out:
        for code in changes.missing:
            known[code].closed_on = today
        changes.closed += changes.missing
    if changes.any:
        session.flush()
        mark.new_edition(session, EDITION)
    return changes


def _take(session: Session, row: TreeRow, known: dict[str, OldTree], today: date, changes: TreeChanges) -> None:
    street = _street(session, row, today)
    if street is None:
        changes.left_out.append(Finding(row.row, "outside", row.code))
        return
    facts: dict[str, object] = {name: getattr(row, name) for name in _FACTS}
    facts["street_code"] = street
    tree = known.get(row.code)
    if tree is None:
        if not row.gone:
            session.add(OldTree(code=row.code, entered_on=today, closed_on=None, **facts))
            changes.added.append(row.code)
        return
    _change(tree, facts, row, today, changes)


def _change(tree: OldTree, facts: dict[str, object], row: TreeRow, today: date, changes: TreeChanges) -> None:
    differs = any(getattr(tree, name) != facts[name] for name in _FACTS)
    if row.gone != (tree.closed_on is not None):
        (changes.closed if row.gone else changes.reopened).append(row.code)
        tree.closed_on = today if row.gone else None
        # Back on the list: it can be unseen from now on.
        tree.entered_on = tree.entered_on if row.gone else today
    elif differs:
        changes.changed.append(row.code)
    else:
        changes.unchanged += 1
    for name, value in facts.items():
        setattr(tree, name, value)


def _street(session: Session, row: TreeRow, today: date) -> str | None:
    """The street of the grid under the tree; where there is none, the file's own where we know it."""
    here = grid.division_on(session, today).at(row.lon, row.lat)
    if here is not None:
        return here.street_code
    area = session.get(Area, row.street_code) if row.street_code else None
    return area.code if area is not None and area.level == "street" else None
