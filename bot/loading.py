"""Loading (导入): grids, roster and area tables from files into the database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.files.csv_table import read_csv
from bot.files.grid_file import read_grids, read_mapping
from bot.files.old_tree_file import read_old_trees
from bot.files.place_file import read_places
from bot.files.roster_sheet import RosterSheet, read_roster
from locales import words
from models.area import Area
from models.engine import transaction
from rules.naming import tidy
from services import audit, place
from services.grid_import import GridChanges, import_grids, load_areas
from services.old_tree_import import TreeChanges, import_trees
from services.refused import Refused
from services.roster import RosterChanges, import_roster

_STREETS = ("code", "name", "alias", "parent_code")
_COMMUNITIES = ("code", "name", "street_code")


class _DryRun(Exception):  # noqa: N818 - not an error: the way out of a transaction that is not to be kept
    pass


def load_grids(
    engine: Engine, path: Path, valid_from: date | None, mapping: Path | None, today: date, dry_run: bool = False
) -> GridChanges:
    """Import a file of grids; with `dry_run` everything is done and taken back."""
    rows, lines = read_grids(path), read_mapping(mapping) if mapping else []
    try:
        with transaction(engine) as session:
            changes = import_grids(session, rows, today, valid_from, lines)
            _note(session, "grids.imported", f"grids:{valid_from or today}", len(changes.opened))
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return changes


def load_roster(
    engine: Engine, path: Path, valid_from: date, dry_run: bool = False
) -> tuple[RosterSheet, RosterChanges]:
    """Import a roster; with `dry_run` everything is done and taken back."""
    sheet = read_roster(path)
    if not sheet.rows and not sheet.unread:
        raise Refused("roster.nobody", name=path.name)
    try:
        with transaction(engine) as session:
            suffixes = words("zh_CN", "roster.area_suffixes")
            changes = import_roster(session, sheet.rows, valid_from, suffixes, sheet.unread)
            _note(session, "roster.imported", f"roster:{valid_from}", len(changes.added) + len(changes.changed))
            if dry_run:
                raise _DryRun
    except _DryRun:
        return sheet, changes
    return sheet, changes


def load_old_trees(
    engine: Engine, path: Path, today: date, *, complete: bool = False, dry_run: bool = False
) -> TreeChanges:
    """Import old trees; with `dry_run` everything is done and taken back."""
    file = read_old_trees(path)
    try:
        with transaction(engine) as session:
            changes = import_trees(session, file.rows, today, complete=complete, unread=file.unread)
            _note(session, "trees.imported", f"trees:{today}", len(changes.added) + len(changes.changed))
            if dry_run:
                raise _DryRun
    except _DryRun:
        return changes
    return changes


def load_places(engine: Engine, path: Path, kind: str) -> int:
    """Import a file of parks (`park`)."""
    rows = read_places(path, kind)
    with transaction(engine) as session:
        _note(session, "places.imported", f"places:{kind}", len(rows))
        return place.load(session, rows)


def load_area_tables(engine: Engine, streets: Path, communities: Path) -> int:
    """Load the statistical tables of streets and communities; raises `Refused` with the line that is wrong."""
    rows = [Area(code=code, level="street", name=name, alias=alias or None, parent_code=parent)
            for code, name, alias, parent in _table(streets, _STREETS)]  # fmt: skip
    rows += [Area(code=code, level="community", name=name, parent_code=street)
             for code, name, street in _table(communities, _COMMUNITIES)]  # fmt: skip
    with transaction(engine) as session:
        known = {*session.scalars(select(Area.code)), *(row.code for row in rows)}
        if orphan := next((row for row in rows if row.parent_code not in known), None):
            raise Refused("file.unknown_parent", code=orphan.code, parent=orphan.parent_code)
        _note(session, "areas.imported", "areas", len(rows))
        return load_areas(session, rows)


def _note(session: Session, what: str, object: str, n: int) -> None:
    audit.note(session, audit.OPERATOR, what, object, None, f"{audit.DONE}:{n}", datetime.now(UTC))


def _table(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    header, *lines = read_csv(path) or [[]]
    places = {tidy(name): place for place, name in enumerate(header)}
    if lacking := [name for name in columns if name not in places]:
        raise Refused("file.lacks_columns", name=path.name, columns=", ".join(lacking))
    for number, line in enumerate(lines, 2):
        cells = [tidy(line[places[name]]) if places[name] < len(line) else "" for name in columns]
        if not any(cells):
            continue
        if lacking := [name for name, cell in zip(columns, cells, strict=True) if not cell and name != "alias"]:
            raise Refused("file.empty_cells", name=path.name, line=number, columns=", ".join(lacking))
        yield cells
