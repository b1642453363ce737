"""What was owed and what was done (任务完成): whole periods, shares of posts, nothing made up for later."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from people import HOME, HU
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Chief, Post
from models.engine import transaction
from models.message import Location
from services import fulfilment, mark
from services.patrol import Submission, record
from services.summary import Span

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 5, 4)
FOUR_WEEKS = Span(MONDAY, MONDAY + timedelta(days=27))
LATER = date(2026, 11, 24)


def patrols(session: Session, *days: date) -> None:
    chief_id = session.scalars(select(Chief.id).where(Chief.code == HU)).one()
    for n, day in enumerate(days):
        at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        record(session, Submission(chief_id, 900_000 + n, at, Location(*HOME), photos=1), ZONE, at)


def own(session: Session, span: Span = FOUR_WEEKS, today: date = LATER) -> tuple[int, int]:
    """Owed and done of 胡晓兰's community alone."""
    session.flush()
    area = session.get_one(Area, HU.partition("-")[0])
    rows = fulfilment.by_street(session, span, area, today)
    return (rows[0].owed, rows[0].done) if rows else (0, 0)


def test_a_week_with_two_patrols_makes_up_for_no_week_without(database: Engine) -> None:
    with transaction(database) as session:
        assert own(session) == (4, 0)
        patrols(session, MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=14))
        assert own(session) == (4, 2)


def test_a_period_that_has_not_ended_owes_nothing_yet(database: Engine) -> None:
    with transaction(database) as session:
        patrols(session, MONDAY)
        assert own(session, today=MONDAY + timedelta(days=6)) == (0, 0)
        assert own(session, today=MONDAY + timedelta(days=7)) == (1, 1)


def test_a_week_belongs_to_the_period_in_which_it_ends(database: Engine) -> None:
    with transaction(database) as session:
        patrols(session, date(2026, 4, 30))
        assert own(session, Span(date(2026, 5, 1), date(2026, 5, 9))) == (1, 1)
        assert own(session, Span(date(2026, 4, 27), date(2026, 5, 2))) == (0, 0)


def test_a_post_that_began_late_in_a_week_owes_its_share(database: Engine) -> None:
    with transaction(database) as session:
        chief_id = session.scalars(select(Chief.id).where(Chief.code == HU)).one()
        post = session.scalars(select(Post).where(Post.chief_id == chief_id)).one()
        post.valid_from = MONDAY + timedelta(days=4)
        mark.new_edition(session, "roster")
        assert own(session) == (3, 0)
        post.valid_from = MONDAY + timedelta(days=3)
        assert own(session) == (4, 0)
