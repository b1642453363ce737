"""Why a figure differs (为什么和上次不一样): whatever happened since, the causes add up to the difference."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OUT_BY_50_M, OUT_BY_120_M, OWN, XICHANGAN, small_url
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Chief, Post
from models.engine import open_engine, reading
from models.grid import GridVersion
from models.message import Location
from models.patrol import Patrol, PatrolEvent
from models.policy import Policy
from models.snapshot import Snapshot
from services import count as counts
from services import mark, patrol, rebook, review, snapshot, summary
from services.patrol import Submission
from services.person import Person
from services.refused import Refused
from services.snapshot import OTHER, Difference

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
PUBLISHED = datetime(2026, 6, 1, tzinfo=UTC)
NOW = PUBLISHED + timedelta(days=30)
PLACES = (OWN, NEIGHBOURS, OUT_BY_50_M, OUT_BY_120_M, None)
OTHER_POSTS = (("district", DISTRICT), ("street", XICHANGAN), ("street", DESHENG))
_inbox = count(1)

Happening = Callable[[Session, Random], None]


def record(session: Session, chance: Random) -> None:
    """A chief hands in a patrol of some day of the first months."""
    chief = chance.choice(session.scalars(select(Chief.id).order_by(Chief.id)).all())
    at = datetime(2026, 1, 5, 2, tzinfo=UTC) + timedelta(days=chance.randrange(90), minutes=chance.randrange(8))
    place = chance.choice(PLACES)
    where = Location(*place) if place else None
    sub = Submission(chief, next(_inbox), at, where, photos=chance.randrange(2))
    patrol.record(session, sub, ZONE, PUBLISHED)


def some(session: Session, chance: Random) -> Patrol:
    """One of the patrols."""
    return chance.choice(session.scalars(select(Patrol).order_by(Patrol.id)).all())


def withdraw(session: Session, chance: Random) -> None:
    patrol.withdraw(session, some(session, chance), None, NOW)


def rule(session: Session, chance: Random) -> None:
    """The office accepts or voids."""
    office = Person(None, None, (DISTRICT,))
    act = chance.choice((review.ACCEPT, review.VOID))
    review.rule(session, office, some(session, chance).id, act, "looked into", NOW)


def add_photo(session: Session, chance: Random) -> None:
    patrol.add_photos(session, some(session, chance), 1, None, NOW)


def change_post(session: Session, chance: Random) -> None:
    """A post is dated again, or turns out to have been another one."""
    post = chance.choice(session.scalars(select(Post).order_by(Post.id)).all())
    kind = chance.randrange(3)
    if kind == 0:
        post.valid_from = FIRST + timedelta(days=chance.randrange(90))
    elif kind == 1:
        post.valid_to = FIRST + timedelta(days=chance.randrange(90))
    else:
        promote(session, post, FIRST + timedelta(days=chance.randrange(90)), *chance.choice(OTHER_POSTS))
    mark.new_edition(session, "roster")
    session.flush()
    rebook.rebook(session, FIRST, LAST, NOW)


def promote(session: Session, post: Post, day: date, level: str, area_code: str) -> None:
    """From a day on the chief held another post."""
    post.valid_to = day - timedelta(days=1)
    session.add(Post(chief_id=post.chief_id, level=level, title="T", area_code=area_code, valid_from=day))


def divide_again(session: Session, chance: Random) -> None:
    """A grid turns out to have been another street's from some day on."""
    old = chance.choice(session.scalars(select(GridVersion).where(GridVersion.valid_to.is_(None))).all()[:4])
    day = FIRST + timedelta(days=chance.randrange(90))
    other = XICHANGAN if old.street_code == DESHENG else DESHENG
    session.add(GridVersion(code=f"{old.code}-{day}", name=old.name, street_code=other, geometry=old.geometry,
                            valid_from=day))  # fmt: skip
    old.valid_to = day - timedelta(days=1)
    mark.new_edition(session, "grids")
    session.flush()
    rebook.rebook(session, FIRST, LAST, NOW)


def move_street(session: Session, chance: Random) -> None:
    """A street belongs to another district, or comes back."""
    if session.get(Area, "110101") is None:
        session.add(Area(code="110101", level="district", name="East"))
        session.flush()
    street = session.get_one(Area, chance.choice((DESHENG, XICHANGAN)))
    street.parent_code = "110101" if street.parent_code == DISTRICT else DISTRICT
    mark.new_edition(session, "grids")
    session.flush()


def change_policy(session: Session, chance: Random) -> None:
    for policy in session.scalars(select(Policy)):
        policy.requires_photo, policy.max_outside_m = chance.random() < 0.5, chance.choice((40.0, 100.0, 5000.0))
    session.flush()
    session.info.pop("policies", None)
    rebook.rebook(session, FIRST, LAST, NOW)


HAPPENINGS: tuple[Happening, ...] = (
    record, withdraw, rule, rule, add_photo, change_post, divide_again, move_street, change_policy,
)  # fmt: skip


def happens(session: Session, what: Happening, chance: Random) -> None:
    try:
        what(session, chance)
    except Refused:
        session.flush()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with small_url(request.param, tmp_path_factory.mktemp("causes")) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def explained(session: Session, area_code: str, made: Snapshot) -> tuple[dict[str, int], list[Difference]]:
    """The difference of each level, and its causes."""
    span, area = summary.year_span(2026), session.get_one(Area, area_code)
    now = summary.figures(session, span, area, ZONE, NOW)
    difference = {level: now["counted"][level] - made.figures["counted"][level] for level in summary.LEVELS}
    return difference, snapshot.differences(session, made, now)


def publish(session: Session, area_code: str) -> Snapshot:
    area = session.get_one(Area, area_code)
    return snapshot.publish(session, summary.year_span(2026), area, ZONE, PUBLISHED, None)


def sums(rows: list[Difference]) -> dict[str, int]:
    return {level: sum(row.n for row in rows if row.level == level) for level in summary.LEVELS}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), before=st.integers(1, 8), after=st.lists(st.sampled_from(HAPPENINGS), max_size=7))
@example(seed=6, before=6, after=[withdraw, change_post])  # withdrawn, and then of no street any more
def test_the_causes_add_up_to_the_difference_and_leave_nothing_unexplained(
    engine: Engine, seed: int, before: int, after: list[Happening]
) -> None:
    chance = Random(seed)
    with reading(engine) as session:  # nothing is committed: each round begins with the same house
        for _ in range(before):
            record(session, chance)
        made = {code: publish(session, code) for code in (DISTRICT, DESHENG, XICHANGAN)}
        for what in after:
            happens(session, what, chance)
        assert counts.differences(session) == []
        for code, one in made.items():
            difference, rows = explained(session, code, one)
            assert sums(rows) == difference
            assert [row for row in rows if row.cause == OTHER] == []
            assert all(len(row.patrols) == len(row.numbers) for row in rows)
            assert all(abs(row.n) <= len(row.patrols) for row in rows)
        session.rollback()


def one_patrol(session: Session, chief: str = "胡晓兰", day: int = 5) -> Patrol:
    who = session.scalars(select(Chief.id).where(Chief.name == chief)).one()
    at = datetime(2026, 3, day, 2, tzinfo=UTC)
    made = patrol.record(session, Submission(who, next(_inbox), at, Location(*OWN), photos=1), ZONE, PUBLISHED)
    return session.get_one(Patrol, made.id)


def post_of(session: Session, chief: str = "胡晓兰") -> Post:
    return session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.name == chief)).one()


def test_a_post_of_another_level_is_a_change_of_the_roster(engine: Engine) -> None:
    with reading(engine) as session:
        one, made = one_patrol(session), publish(session, DISTRICT)
        promote(session, post_of(session), date(2026, 2, 1), "street", DESHENG)
        mark.new_edition(session, "roster")
        session.flush()
        changed = rebook.rebook(session, FIRST, LAST, NOW)
        assert [(row.number, row.cause, row.moved["level"]) for row in changed] == [
            (one.number, rebook.ROSTER, ["community", "street"])
        ]
        rows = explained(session, DISTRICT, made)[1]
        assert [(row.cause, row.level, row.n, row.patrols) for row in rows] == [
            (rebook.ROSTER, "street", 1, (one.id,)), (rebook.ROSTER, "community", -1, (one.id,)),
        ]  # fmt: skip
        assert snapshot.patrols_behind(rows, rebook.ROSTER) == [one.id]


def test_a_post_that_had_ended_makes_its_patrols_wait_for_a_judgement(engine: Engine) -> None:
    with reading(engine) as session:
        one, made = one_patrol(session), publish(session, DESHENG)
        post_of(session).valid_to = date(2026, 2, 1)
        mark.new_edition(session, "roster")
        session.flush()
        rebook.rebook(session, FIRST, LAST, NOW)
        assert one.verdict == "awaiting_review"
        rows = explained(session, DESHENG, made)[1]
        assert [(row.cause, row.level, row.n) for row in rows] == [(rebook.ROSTER, "community", -1)]


def test_a_street_that_left_takes_its_patrols_along(engine: Engine) -> None:
    with reading(engine) as session:
        one, made = one_patrol(session), publish(session, DISTRICT)
        session.add(Area(code="110101", level="district", name="East"))
        session.flush()
        session.get_one(Area, DESHENG).parent_code = "110101"
        session.flush()
        rows = explained(session, DISTRICT, made)[1]
        assert [(row.cause, row.level, row.n, row.patrols) for row in rows] == [
            (snapshot.AREA_MOVED, "community", -1, (one.id,))
        ]


def test_a_grid_that_is_another_streets_is_a_change_of_the_grids(engine: Engine) -> None:
    with reading(engine) as session:
        one = one_patrol(session, "万守梓")
        made = publish(session, DESHENG)
        old = session.get_one(GridVersion, one.grid_version_id)
        session.add(GridVersion(code="moved", name=old.name, street_code=XICHANGAN, geometry=old.geometry,
                                valid_from=date(2026, 2, 1)))  # fmt: skip
        old.valid_to = date(2026, 1, 31)
        mark.new_edition(session, "grids")
        session.flush()
        rebook.rebook(session, FIRST, LAST, NOW)
        assert one.street_code == XICHANGAN
        rows = explained(session, DESHENG, made)[1]
        assert [(row.cause, row.level, row.n) for row in rows] == [(rebook.GRIDS, "district", -1)]


def test_a_policy_that_was_changed_is_named_and_what_follows_from_it_too(engine: Engine) -> None:
    with reading(engine) as session:
        one = one_patrol(session)
        session.get_one(Patrol, one.id).photos = 0
        made = publish(session, DISTRICT)
        for policy in session.scalars(select(Policy)):
            policy.requires_photo = True
        session.flush()
        session.info.pop("policies", None)
        rebook.rebook(session, FIRST, LAST, NOW)
        rows = explained(session, DISTRICT, made)[1]
        assert [(row.cause, row.level, row.n) for row in rows] == [(rebook.POLICY, "community", -1)]


def test_booking_again_changes_nothing_where_nothing_was_changed(engine: Engine) -> None:
    with reading(engine) as session:
        chance = Random(7)
        for _ in range(12):
            record(session, chance)
        assert rebook.rebook(session, FIRST, LAST, NOW) == []
        assert session.scalars(select(PatrolEvent.what).where(PatrolEvent.what.in_(rebook.CAUSES))).all() == []


def test_control_a_change_that_leaves_no_event_stays_unexplained(engine: Engine, tmp_path: Path) -> None:
    with reading(engine) as session:
        one, made = one_patrol(session), publish(session, DISTRICT)
        before = counts.key_of(one)
        one.verdict, one.reason = "not_counted", "voided"
        session.flush()
        counts.move(session, before, counts.key_of(one))
        difference, rows = explained(session, DISTRICT, made)
        assert sums(rows) == difference == {"district": 0, "street": 0, "community": -1}
        assert [row.cause for row in rows] == [OTHER]
