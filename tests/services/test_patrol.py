"""Recording patrols (登记巡林): whatever arrives in whatever order, the verdicts are those of the order in time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import ELSEWHERE, HOME, HOME_58_M_ON, HU, SHOUZI, XIE
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session
from xicheng import xicheng_url

from models.chief import Chief, Post
from models.engine import open_engine, transaction
from models.grid import GridCommunity
from models.message import Location
from models.patrol import Patrol, PatrolEvent
from services import count, mark
from services.patrol import Submission, add_photos, record, withdraw
from services.refused import Refused
from services.verdict import judge_again

ZONE = ZoneInfo("Asia/Shanghai")
IN_2023 = datetime(2023, 5, 16, 4, tzinfo=UTC)
IN_2026 = datetime(2026, 5, 16, 4, tzinfo=UTC)
LATER = timedelta(hours=1)


@dataclass(frozen=True)
class Visit:
    """A patrol of the tests: seconds after the day's first, where (None: no position), with what."""

    second: int
    at: tuple[float, float] | None = HOME
    photos: int = 1
    forwarded: bool = False


@contextmanager
def undone(engine: Engine) -> Iterator[Session]:
    """A transaction that leaves nothing behind."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


def submit(session: Session, visit: Visit, chief: str = HU, start: datetime = IN_2023) -> int:
    """Record a visit and give the id of its patrol."""
    who = session.scalars(select(Chief.id).where(Chief.code == chief)).one()
    where = Location(*visit.at, None, visit.forwarded) if visit.at else None
    at, key = start + timedelta(seconds=visit.second), -1 - (session.scalar(select(func.count(Patrol.id))) or 0)
    return record(session, Submission(who, key, at, where, visit.photos), ZONE, start + LATER).id


def buckets(session: Session) -> dict[datetime, str]:
    """What each patrol stands under, in the order of time; the kept counts agree."""
    session.flush()
    session.expire_all()
    assert count.differences(session) == []
    rows = session.scalars(select(Patrol).order_by(Patrol.patrolled_at))
    return {patrol.patrolled_at: patrol.reason or patrol.verdict for patrol in rows}


def recorded(session: Session, visits: Sequence[Visit], start: datetime = IN_2023) -> list[str]:
    """The verdicts, in the order of time, of visits that arrive in this order."""
    for visit in visits:
        submit(session, visit, start=start)
    return list(buckets(session).values())


@pytest.fixture(scope="module")
def xicheng() -> Iterator[Engine]:
    """Xicheng on SQLite for many examples, each of which is taken back."""
    with TemporaryDirectory() as folder, xicheng_url("sqlite", Path(folder)) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


THREE = [Visit(0), Visit(100, HOME_58_M_ON), Visit(200)]


@pytest.mark.parametrize("order", list(permutations(THREE)), ids=lambda order: "-".join(str(v.second) for v in order))
def test_going_away_and_back_counts_three_times_in_any_order(database: Engine, order: tuple[Visit, ...]) -> None:
    with undone(database) as session:
        assert recorded(session, order) == ["counted", "counted", "counted"]


visits = st.lists(
    st.builds(
        Visit, st.integers(0, 700), st.sampled_from([HOME, HOME_58_M_ON, ELSEWHERE, None]), st.integers(0, 1),
        st.booleans(),
    ),
    min_size=2, max_size=7, unique_by=lambda visit: visit.second,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    visits.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), st.sampled_from([IN_2023, IN_2026])
)
def test_any_order_of_arrival_gives_the_verdicts_of_the_order_in_time(
    xicheng: Engine, example: tuple[list[Visit], list[Visit]], start: datetime
) -> None:
    some, shuffled = example
    with undone(xicheng) as session:
        expected = recorded(session, sorted(some, key=lambda visit: visit.second), start)
    with undone(xicheng) as session:
        assert recorded(session, shuffled, start) == expected


@settings(max_examples=40, deadline=None)
@given(visits, st.data(), st.sampled_from([IN_2023, IN_2026]))
def test_withdrawing_gives_the_verdicts_as_if_it_had_never_been(
    xicheng: Engine, some: list[Visit], data: st.DataObject, start: datetime
) -> None:
    gone = data.draw(st.sampled_from(some))
    others = sorted((visit for visit in some if visit != gone), key=lambda visit: visit.second)
    with undone(xicheng) as session:
        expected = recorded(session, others, start)
    with undone(xicheng) as session:
        ids = {visit: submit(session, visit, start=start) for visit in some}
        withdraw(session, session.get_one(Patrol, ids[gone]), None, start + LATER)
        left = buckets(session)
        assert left.pop(start + timedelta(seconds=gone.second)) == "withdrawn"
        assert list(left.values()) == expected


@settings(max_examples=40, deadline=None)
@given(visits, st.data(), st.sampled_from([IN_2023, IN_2026]))
def test_a_late_photo_gives_the_verdicts_as_if_it_had_come_at_once(
    xicheng: Engine, some: list[Visit], data: st.DataObject, start: datetime
) -> None:
    late = data.draw(st.sampled_from(some))
    complete = [replace(visit, photos=visit.photos + 1) if visit == late else visit for visit in some]
    with undone(xicheng) as session:
        expected = recorded(session, sorted(complete, key=lambda visit: visit.second), start)
    with undone(xicheng) as session:
        ids = {visit: submit(session, visit, start=start) for visit in some}
        add_photos(session, session.get_one(Patrol, ids[late]), 1, None, start + LATER)
        assert list(buckets(session).values()) == expected


JUDGED_TWICE = [
    (HU, Visit(0)), (HU, Visit(0, None)), (HU, Visit(0, HOME, 0)), (HU, Visit(0, ELSEWHERE)),
    (HU, Visit(0, forwarded=True)),
    (XIE, Visit(0)), (XIE, Visit(0, None)), (XIE, Visit(0, forwarded=True)),
    (SHOUZI, Visit(0)), (SHOUZI, Visit(0, None)), (SHOUZI, Visit(0, forwarded=True)),
]  # fmt: skip


@pytest.mark.parametrize("start", [IN_2023, IN_2026], ids=["2023", "2026"])
@pytest.mark.parametrize(("chief", "visit"), JUDGED_TWICE)
def test_judging_again_without_a_change_changes_nothing(
    xicheng: Engine, chief: str, visit: Visit, start: datetime
) -> None:
    with undone(xicheng) as session:
        patrol = session.get_one(Patrol, submit(session, visit, chief, start))
        before = buckets(session)
        judge_again(session, patrol, start + LATER, "judged_again")
        assert buckets(session) == before
        assert session.scalars(select(PatrolEvent)).all() == []


@pytest.mark.parametrize("missing", ["post", "grid"])
def test_without_a_post_or_a_grid_it_waits_for_a_person_however_often_it_is_judged(
    xicheng: Engine, missing: str
) -> None:
    with undone(xicheng) as session:
        post = session.scalars(select(Post).join(Chief).where(Chief.code == HU)).one()
        if missing == "post":
            post.valid_to = date(2022, 12, 31)
        else:
            session.execute(delete(GridCommunity).where(GridCommunity.community_code == post.area_code))
        mark.new_edition(session, "roster")
        mark.new_edition(session, "grids")
        patrol = session.get_one(Patrol, submit(session, Visit(0, None), start=IN_2026))
        assert patrol.verdict == "awaiting_review"
        add_photos(session, patrol, 1, None, IN_2026 + LATER)
        assert list(buckets(session).values()) == ["awaiting_review"]


def test_of_two_at_the_same_second_the_first_recorded_counts_until_it_is_withdrawn(database: Engine) -> None:
    with undone(database) as session:
        first, second = (session.get_one(Patrol, submit(session, Visit(0))) for _ in range(2))
        assert (first.verdict, second.reason) == ("counted", "within_5_min")
        withdraw(session, first, None, IN_2023 + LATER)
        buckets(session)
        assert (first.reason, second.verdict) == ("withdrawn", "counted")


def test_withdrawing_one_lets_the_next_count_and_both_changes_are_written_down(database: Engine) -> None:
    with transaction(database) as session:
        first, second = submit(session, Visit(0)), submit(session, Visit(100))
        assert list(buckets(session).values()) == ["counted", "within_5_min"]
        withdraw(session, session.get_one(Patrol, first), None, IN_2023 + LATER)
        assert list(buckets(session).values()) == ["withdrawn", "counted"]
        columns = (PatrolEvent.patrol_id, PatrolEvent.what, PatrolEvent.before, PatrolEvent.after)
        events = [tuple(row) for row in session.execute(select(*columns).order_by(PatrolEvent.id))]
    assert events == [(first, "withdrawn", "counted", "withdrawn"), (second, "judged_again", "within_5_min", "counted")]


def test_what_was_withdrawn_is_not_withdrawn_again(database: Engine) -> None:
    with transaction(database) as session:
        patrol = session.get_one(Patrol, submit(session, Visit(0)))
        withdraw(session, patrol, None, IN_2023 + LATER)
        with pytest.raises(Refused, match="withdrawn_before"):
            withdraw(session, patrol, None, IN_2023 + LATER)


def test_the_year_and_month_of_a_patrol_are_those_of_beijing(database: Engine) -> None:
    with transaction(database) as session:
        new_year = datetime(2022, 12, 31, 16, tzinfo=UTC)
        numbers = [
            session.get_one(Patrol, submit(session, Visit(0), start=at)).number
            for at in (new_year - timedelta(seconds=1), new_year + timedelta(minutes=5))
        ]
    assert [number[:7] for number in numbers] == ["XL-2022", "XL-2023"]
