"""What is overdue (逾期), by area: seen only from the own area, and equal to what the posts owed."""

from datetime import UTC, date, datetime

from sqlalchemy import Engine, select

from models.chief import Post
from models.engine import transaction
from models.patrol import Patrol
from models.policy import Duty
from rules.duty import stretch_on
from services import duty, overdue

TODAY = date(2023, 5, 15)
WEDNESDAY = date(2023, 5, 10)


def patrolled(post: Post, number: int, verdict: str = "counted") -> Patrol:
    """A patrol of a post on that Wednesday."""
    when = datetime(2023, 5, 10, 2, 0, tzinfo=UTC)
    return Patrol(
        number=f"XL-2023-{number:06d}", chief_id=post.chief_id, post_id=post.id, level=post.level, patrolled_at=when,
        patrolled_on=WEDNESDAY, submitted_at=when, forwarded=False, photos=1, verdict=verdict, inbox_id=number,
    )  # fmt: skip


def test_a_street_sees_its_own_and_the_district_all(database: Engine) -> None:
    with transaction(database) as session:
        posts = session.scalars(select(Post).where(Post.level == "community").order_by(Post.id)).all()
        here = [post for post in posts if post.area_code.startswith("110102010")]
        session.add_all([patrolled(post, n) for n, post in enumerate(here[:5], 1)])
        session.add(patrolled(here[5], 6, "not_counted"))
        session.flush()
        weekly = session.scalars(select(Duty).where(Duty.period == "week")).one()
        stretch = stretch_on(duty.rule_of(weekly), WEDNESDAY)
        assert stretch is not None
        street = overdue.report(session, weekly, stretch, "110102010")
        district = overdue.report(session, weekly, stretch, "110102")
    assert [(row.street, row.owing, row.done) for row in street.rows] == [("德胜街道", len(here), 5)]
    assert (district.owing, district.done, len(district.rows)) == (369, 5, 15)
    assert len(street.missing) <= len(here) - 5


def test_only_closed_periods_with_something_left_are_listed(database: Engine) -> None:
    with transaction(database) as session:
        found = overdue.closed(session, "110102", TODAY)
        assert {(one.duty.period, str(one.stretch.start)) for one in found} == {
            ("week", "2023-05-08"), ("month", "2023-04-01"), ("year", "2022-01-01"),
        }  # fmt: skip
        assert {one.duty.period for one in overdue.closed(session, "110102010", TODAY)} == {"week", "month"}
