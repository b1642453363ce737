"""Loading (导入): grids, roster and area tables from files into the database."""

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from bot.files.grid_file import read_grids, read_mapping
from bot.files.limits import MAX_SHEET_BYTES, read_text
from bot.files.roster_sheet import RosterSheet, read_roster
from locales import words
from models.area import Area
from models.engine import transaction
from services.grid_import import GridChanges, import_grids, load_areas
from services.roster import RosterChanges, import_roster


class _DryRun(Exception):  # noqa: N818 - not an error: the way out of a transaction that is not to be kept
    pass


def load_grids(engine: Engine, path: Path, valid_from: date | None, mapping: Path | None, today: date) -> GridChanges:
    """Import a file of grids."""
    rows, lines = read_grids(path), read_mapping(mapping) if mapping else []
    with transaction(engine) as session:
        return import_grids(session, rows, today, valid_from, lines)


def load_roster(
    engine: Engine, path: Path, valid_from: date, dry_run: bool = False
) -> tuple[RosterSheet, RosterChanges]:
    """Import a roster; with `dry_run` everything is done and taken back."""
    sheet = read_roster(path)
    try:
        with transaction(engine) as session:
            changes = import_roster(session, sheet.rows, valid_from, words("zh_CN", "roster.area_suffixes"))
            if dry_run:
                raise _DryRun
    except _DryRun:
        return sheet, changes
    return sheet, changes


def load_area_tables(engine: Engine, streets: Path, communities: Path) -> int:
    """Load the statistical tables of streets and communities."""
    rows = [Area(code=r["code"], level="street", name=r["name"], alias=r["alias"] or None, parent_code=r["parent_code"])
            for r in _table(streets)]  # fmt: skip
    rows += [Area(code=r["code"], level="community", name=r["name"], parent_code=r["street_code"])
             for r in _table(communities)]  # fmt: skip
    with transaction(engine) as session:
        return load_areas(session, rows)


def _table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(read_text(path, MAX_SHEET_BYTES).splitlines()))
