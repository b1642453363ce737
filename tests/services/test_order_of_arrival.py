"""Order of arrival (到达次序): the same patrols in any order get the same verdicts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from xicheng import xicheng_url

from models.chief import Chief
from models.engine import open_engine
from models.grid import GridVersion
from models.message import Location
from models.patrol import Patrol
from services import count
from services.patrol import Submission, record, withdraw

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2023, 5, 16, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Xicheng loaded; each example is rolled back."""
    with TemporaryDirectory() as folder, xicheng_url("sqlite", Path(folder)) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def verdicts(session: Session, seconds: list[int], withdrawn: int | None) -> dict[int, str]:
    """The verdict of each patrol by its second, recorded in this order; one may be withdrawn in the end."""
    chief = session.scalars(select(Chief).where(Chief.code == "110102010002-L1")).one()
    grid = session.scalars(select(GridVersion).where(GridVersion.code == "110102010002001")).first()
    assert grid
    assert grid.label_lon
    assert grid.label_lat
    for n, second in enumerate(seconds):
        at = NOON + timedelta(seconds=second)
        here = Location(grid.label_lon, grid.label_lat)
        record(session, Submission(chief.id, -1 - n, at, here, photos=1), ZONE, NOON + timedelta(hours=1))
    found = {int((p.patrolled_at - NOON).total_seconds()): p for p in session.scalars(select(Patrol))}
    if withdrawn is not None:
        withdraw(session, found[withdrawn], None, NOON + timedelta(hours=2))
    session.flush()
    session.expire_all()
    assert count.differences(session) == []
    return {second: patrol.reason or patrol.verdict for second, patrol in found.items()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 1500), min_size=1, max_size=6, unique=True).flatmap(
        lambda s: st.tuples(st.just(sorted(s)), st.permutations(s), st.sampled_from([None, *s]))
    )
)
def test_the_order_of_arrival_does_not_matter(engine: Engine, example: tuple[list[int], list[int], int | None]) -> None:
    in_order, shuffled, withdrawn = example
    answers = []
    for seconds in (in_order, shuffled):
        with Session(engine) as session:
            answers.append(verdicts(session, seconds, withdrawn))
            session.rollback()
    assert answers[0] == answers[1]


def test_withdrawing_the_first_lets_the_second_count(engine: Engine) -> None:
    with Session(engine) as session:
        assert verdicts(session, [0, 100, 350], 0) == {0: "withdrawn", 100: "counted", 350: "within_5_min"}
        session.rollback()
