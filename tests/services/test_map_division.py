"""Patrols over the grids of another division (按另一次划分): none is lost, and each number lists its patrols."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from people import HOME
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from test_patrol import Visit, submit
from xicheng import xicheng_url

from models.area import Area
from models.engine import open_engine, transaction
from models.grid import GridSuccession, GridVersion
from rules.geometry import GridIndex
from services import grid, map_grid
from services.map_grid import Asked
from services.summary import year_span

TODAY = date(2026, 11, 24)
BEFORE, AFTER = date(2023, 12, 31), date(2024, 1, 1)
START = datetime(2023, 5, 16, 4, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Xicheng with both divisions and its roster."""
    with xicheng_url("sqlite", tmp_path) as url:
        made = open_engine(url)
        yield made
        made.dispose()


def asked(session: Session, division: date, year: int = 2023) -> Asked:
    return Asked(session.get_one(Area, "110102"), year_span(year), division, TODAY)


def split_grid(session: Session) -> tuple[GridVersion, list[GridVersion]]:
    """A grid that was split, and those that took its ground."""
    row = session.scalars(select(GridSuccession).where(GridSuccession.change == "split")).first()
    assert row is not None
    new = session.scalars(select(GridSuccession.new_code).where(GridSuccession.old_code == row.old_code)).all()
    found = session.scalars(select(GridVersion).where(GridVersion.code.in_(new), GridVersion.valid_from == AFTER))
    old = session.scalars(select(GridVersion).where(GridVersion.code == row.old_code)).first()
    assert old is not None
    return old, list(found)


def inside(version: GridVersion) -> tuple[float, float]:
    assert version.label_lon is not None
    assert version.label_lat is not None
    return version.label_lon, version.label_lat


def chief_of(session: Session, version: GridVersion) -> str:
    return f"{version.code[:9]}-L1"


def test_a_patrol_of_a_split_grid_goes_to_the_part_it_was_in(engine: Engine) -> None:
    with transaction(engine) as session:
        old, new = split_grid(session)
        for n, part in enumerate(new):
            submit(session, Visit(3600 * n, inside(part)), chief_of(session, old), START)
        then = {one.id: one for one in map_grid.figures(session, asked(session, BEFORE))}
        now = {one.id: one for one in map_grid.figures(session, asked(session, AFTER))}
        assert then[old.id].patrols == len(new) > 1
        assert {part.id: now[part.id].patrols for part in new} == dict.fromkeys((part.id for part in new), 1)
        assert sum(one.patrols for one in now.values()) == sum(one.patrols for one in then.values())
        for part in new:
            listed, total = map_grid.records_of(session, asked(session, AFTER), part.id, True, 20, 0)
            assert (len(listed), total) == (1, 1)


def test_both_divisions_have_their_own_grids_and_unchanged_ones_keep_their_patrols(engine: Engine) -> None:
    with transaction(engine) as session:
        submit(session, Visit(0, HOME), start=START)
        then, now = (map_grid.figures(session, asked(session, day)) for day in (BEFORE, AFTER))
        assert len(then) != len(now)
        assert sum(one.patrols for one in then) == sum(one.patrols for one in now) == 1
        assert [one.last_on for one in now if one.patrols] == [date(2023, 5, 16)]
        assert [one.days for one in now if one.patrols] == [(date(2023, 12, 31) - date(2023, 5, 16)).days]
        assert [(one.met, one.owed) for one in then if one.patrols] == [(1, 52)]


def test_the_days_since_reach_back_before_the_period_and_never_into_the_future(engine: Engine) -> None:
    with transaction(engine) as session:
        submit(session, Visit(0, HOME), start=START)
        later = map_grid.figures(session, asked(session, AFTER, 2026))
        assert {one.days for one in later if one.last_on} == {(TODAY - date(2023, 5, 16)).days}
        assert all(one.patrols == 0 for one in later)


def test_slivers_of_a_common_border_make_no_heir(engine: Engine) -> None:
    with transaction(engine) as session:
        index: GridIndex = grid.division_on(session, BEFORE)
        some = index.get(index.all_ids[0])
        assert index.overlapping(some.geometry, 0.01) == (some.id,)
