"""Importing and replaying (导入、回放)."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from bot.files.grid_file import read_grids, read_mapping
from bot.files.limits import MAX_SHEET_BYTES, read_text
from bot.files.roster_sheet import RosterSheet, read_roster
from bot.replay.receive import in_batches, read_deliveries
from bot.sender import send_once
from bot.settings import Settings
from bot.worker import Worker
from locales import words
from models.area import Area
from models.engine import transaction
from services import inbox, mark
from services.grid_import import GridChanges, import_grids, load_areas
from services.roster import RosterChanges, import_roster

_IN_ONE_COMMIT = 256


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


def replay(
    engine: Engine, settings: Settings, path: Path, progress: Callable[[int], None], skip_mark: str | None = None
) -> int:
    """Send the deliveries of a file through the intake until the inbox is empty; gives how many there were.

    With `skip_mark` the place that was reached is kept in that mark, so that an interrupted replay goes on from there.
    """
    worker, now = Worker(engine, settings), datetime.now(UTC)
    with transaction(engine) as session:
        done = int(mark.read(session, skip_mark) or 0) if skip_mark else 0
    progress(done)
    for batch in in_batches(islice(read_deliveries(path), done, None), _IN_ONE_COMMIT):
        done += len(batch)
        with transaction(engine) as session:
            inbox.receive(session, batch)
            if skip_mark:
                mark.write(session, skip_mark, str(done))
        _drain(engine, settings, worker, now)
        progress(len(batch))
    _drain(engine, settings, worker, now)
    return done


def _drain(engine: Engine, settings: Settings, worker: Worker, now: datetime) -> None:
    while worker.work_once(now):
        pass
    while send_once(engine, "replay", now, settings.data_dir):
        pass


def _table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(read_text(path, MAX_SHEET_BYTES).splitlines()))
