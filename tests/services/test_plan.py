"""Plans (计划): one statement makes what the rules say, for whatever anybody set; and never a second reminder."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.chief import Chief, Post
from models.grid import GridSuccession, GridVersion
from models.patrol import Patrol
from models.policy import Duty
from models.reminder import Reminder
from models.schedule import Schedule
from models.workday import Workday
from rules.duty import PERIODS, Rule, Season, Stretch, pro_rata, stretch_on
from rules.reminder import NIGHT_FROM, NIGHT_TO, Times, due_second, expiry_second, followup_day, reminder_day
from services import duty, mark, plan, schedule, workday
from services.duty import Wanted
from services.owing import Only, owing
from services.refused import Refused

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2023, 5, 8)
MIDNIGHT = datetime(2023, 5, 7, 16, 5, tzinfo=UTC)
STREET, DISTRICT = "110102010", "110102"


@contextmanager
def undone(engine: Engine) -> Iterator[Session]:
    """A transaction that leaves nothing behind."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


def planned(session: Session, day: date = MONDAY, now: datetime = MIDNIGHT) -> list[Reminder]:
    """Everything that is planned on a day."""
    if not workday.is_filled(session, day, ZONE):
        workday.fill(session, day, ZONE)
    plan.plan_all(session, day, now)
    session.expire_all()
    return list(session.scalars(select(Reminder).order_by(Reminder.id)))


def local(instant: datetime | None) -> datetime:
    assert instant is not None
    return instant.astimezone(ZONE)


def of(rows: list[Reminder], post: Post) -> dict[str, Reminder]:
    """The reminders of a post, by kind."""
    found = {row.kind: row for row in rows if row.post_id == post.id}
    assert len(found) == len([row for row in rows if row.post_id == post.id])
    return found


def a_post(session: Session, code: str = "110102010002-L1") -> Post:
    """胡晓兰's post."""
    return session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.code == code)).one()


def test_every_post_gets_one_reminder_and_one_follow_up_in_each_period(database: Engine) -> None:
    with undone(database) as session:
        rows = planned(session)
        assert Counter((row.duty_id, row.kind) for row in rows) == {
            (1, "reminder"): 14, (1, "followup"): 14, (2, "reminder"): 42, (2, "followup"): 42,
            (3, "reminder"): 369, (3, "followup"): 369,
        }  # fmt: skip
        weekly = [local(row.due_at) for row in rows if row.duty_id == 3 and row.kind == "reminder"]
        assert {at.date() for at in weekly} == {date(2023, 5, 10)}
        assert min(weekly).strftime("%H:%M") == "08:50"
        assert max(weekly).strftime("%H:%M") == "08:59"
        assert len({at.time() for at in weekly}) > 200
        assert {row.state for row in rows} == {"planned"}


def test_planning_again_changes_nothing(database: Engine) -> None:
    with undone(database) as session:
        first = {row.id: row.due_at for row in planned(session)}
        assert not plan.is_stale(session, MONDAY)
        assert plan.plan_all(session, MONDAY, MIDNIGHT) == 0
        assert plan.plan_again(session, MONDAY, MIDNIGHT, Only()) == 0
        assert {row.id: row.due_at for row in planned(session)} == first


def test_the_nearest_setting_wins_and_the_rest_is_inherited(database: Engine) -> None:
    with undone(database) as session:
        workday.fill(session, MONDAY, ZONE)
        hu, day = a_post(session), MONDAY
        wan = a_post(session, "110102010005-L1")
        grid = session.scalars(select(GridVersion).where(GridVersion.street_code == STREET)).first()
        assert grid is not None
        say = {"account_id": 1, "day": day, "now": MIDNIGHT}
        schedule.set_times(session, schedule.of_level(DISTRICT, "community"), {"minute": 600}, **say)
        schedule.set_times(session, schedule.of_street(STREET), {"weekday": 4}, **say)
        schedule.set_times(session, schedule.of_chief(hu.chief_id), {"minute": 900}, **say)
        rows = planned(session)
        assert local(of(rows, hu)["reminder"].due_at).strftime("%a %H") == "Thu 15"
        assert local(of(rows, wan)["reminder"].due_at).strftime("%a %H") == "Thu 10"
        assert schedule.times_of(session, wan.chief_id, day) == Times(4, 600)
        other = next(row for row in rows if row.duty_id == 2)
        assert local(other.due_at).strftime("%H") == "08"


def test_a_new_time_moves_what_is_still_to_come_and_never_into_the_past(database: Engine) -> None:
    with undone(database) as session:
        hu = a_post(session)
        before = of(planned(session), hu)["reminder"].due_at
        tuesday = MIDNIGHT + timedelta(days=1, hours=12)
        say = {"account_id": 1, "day": MONDAY + timedelta(days=1), "now": tuesday}
        schedule.set_times(session, schedule.of_chief(hu.chief_id), {"weekday": 1}, **say)
        assert of(planned(session), hu)["reminder"].due_at == before
        schedule.set_times(session, schedule.of_chief(hu.chief_id), {"weekday": 4}, **say)
        assert local(of(planned(session), hu)["reminder"].due_at).strftime("%a") == "Thu"


@pytest.mark.parametrize(
    ("begins", "ends", "owed"),
    [
        (date(2023, 5, 11), None, 1),
        (date(2023, 5, 12), None, 0),
        (None, date(2023, 5, 10), 0),
        (None, date(2023, 5, 11), 1),
    ],
)
def test_a_post_that_holds_for_a_part_of_the_week_owes_a_part(
    database: Engine, begins: date | None, ends: date | None, owed: int
) -> None:
    with undone(database) as session:
        hu = a_post(session)
        hu.valid_from, hu.valid_to = begins or hu.valid_from, ends
        session.flush()
        row = of(planned(session), hu)["reminder"]
        assert row.owed == owed
        assert (row.state, row.reason) == (("planned", None) if owed else ("skipped", "not_owed"))
        assert row.opens_on >= hu.valid_from


def test_a_narrower_duty_takes_the_place_of_a_wider_one(database: Engine) -> None:
    with undone(database) as session:
        hu, wan = a_post(session), a_post(session, "110102010005-L1")
        often = Rule("week", 2, date(2023, 1, 1))
        of_street = duty.add(session, Wanted(often, "community", area_code=STREET))
        of_post = duty.add(session, Wanted(Rule("week", 3, date(2023, 1, 1)), "community", post_id=hu.id))
        rows = planned(session)
        assert {(row.duty_id, row.owed) for row in rows if row.post_id == hu.id} == {(of_post.id, 3)}
        assert {(row.duty_id, row.owed) for row in rows if row.post_id == wan.id} == {(of_street.id, 2)}


def told(session: Session, post: Post) -> list[tuple[int, str, str, str | None]]:
    """The rows of a post: duty, kind, state, reason."""
    session.expire_all()
    rows = select(Reminder).where(Reminder.post_id == post.id).order_by(Reminder.duty_id, Reminder.kind.desc())
    return [(row.duty_id, row.kind, row.state, row.reason) for row in session.scalars(rows)]


def test_a_narrower_duty_inside_a_period_brings_no_second_reminder(database: Engine) -> None:
    with undone(database) as session:
        hu, wan = a_post(session), a_post(session, "110102010005-L1")
        first = of(planned(session), wan)["reminder"]
        first.state, first.settled_at = "said", MIDNIGHT + timedelta(hours=1)
        tuesday = MONDAY + timedelta(days=1)
        added = duty.add(session, Wanted(Rule("week", 2, date(2023, 1, 1)), "community", area_code=STREET))
        planned(session, tuesday, MIDNIGHT + timedelta(days=1))
        # Whoever was not told yet is told of the new duty only; whoever was, hears of it with the second word.
        assert told(session, hu) == [
            (3, "reminder", "skipped", "replaced"), (3, "followup", "skipped", "replaced"),
            (added.id, "reminder", "planned", None), (added.id, "followup", "planned", None),
        ]  # fmt: skip
        assert told(session, wan) == [
            (3, "reminder", "said", None), (3, "followup", "skipped", "replaced"),
            (added.id, "reminder", "skipped", "said_before"), (added.id, "followup", "planned", None),
        ]  # fmt: skip


def test_what_is_owed_by_one_chief_is_what_the_list_of_all_says_of_that_chief(database: Engine) -> None:
    with undone(database) as session:
        weekly = session.scalars(select(Duty).where(Duty.period == "week")).one()
        stretch = stretch_on(duty.rule_of(weekly), MONDAY)
        assert stretch is not None
        everybody = session.execute(select(owing(session, weekly, stretch, MONDAY))).all()
        chiefs = sorted({row.chief_id for row in everybody})[::20]
        assert any(row.home_grid for row in everybody if row.chief_id in chiefs)
        for chief in chiefs:
            own = session.execute(select(owing(session, weekly, stretch, MONDAY, Only(chief_id=chief)))).all()
            assert sorted(own) == sorted(row for row in everybody if row.chief_id == chief)


def test_a_narrower_duty_that_begins_or_ends_inside_a_period_leaves_the_rest_of_it_to_the_wider_one(
    database: Engine,
) -> None:
    with undone(database) as session:
        xie, november = a_post(session, "110102010-L1"), date(2023, 11, 10)
        wide = session.scalars(select(Duty).where(Duty.period == "month")).one()
        stretch = stretch_on(duty.rule_of(wide), november)
        assert stretch is not None

        def owed() -> tuple[date, date, int] | None:
            rows = session.execute(select(owing(session, wide, stretch, november))).all()
            return next(((row.opens_on, row.closes_on, row.owed) for row in rows if row.post_id == xie.id), None)

        twice = duty.add(session, Wanted(Rule("month", 2, date(2023, 11, 30)), "street", area_code=STREET))
        assert owed() == (date(2023, 11, 1), date(2023, 11, 29), 1)
        twice.valid_from = date(2023, 11, 3)
        session.flush()
        assert owed() == (date(2023, 11, 1), date(2023, 11, 2), 0)
        twice.valid_from, twice.valid_to = date(2023, 10, 1), date(2023, 11, 5)
        session.flush()
        assert owed() == (date(2023, 11, 6), date(2023, 11, 30), 1)
        twice.valid_to = None
        session.flush()
        assert owed() is None


def test_what_was_not_owed_and_is_owed_after_all_is_planned(database: Engine) -> None:
    with undone(database) as session:
        hu = a_post(session)
        hu.valid_to = date(2023, 5, 9)
        session.flush()
        assert of(planned(session), hu)["reminder"].reason == "not_owed"
        hu.valid_to = None
        mark.new_edition(session, "roster")
        row = of(planned(session, MONDAY, MIDNIGHT + timedelta(hours=1)), hu)["reminder"]
        assert (row.state, row.reason, row.owed) == ("planned", None, 1)


def test_a_duty_of_a_grid_is_owed_by_those_who_serve_it(database: Engine) -> None:
    with undone(database) as session:
        hu = a_post(session)
        grid = schedule.times_of(session, hu.chief_id, MONDAY) and schedule._home_grid(session, hu.area_code, MONDAY)
        assert grid is not None
        row = duty.add(session, Wanted(Rule("week", 2, date(2023, 1, 1)), "community", grid_code=grid))
        found = of(planned(session), hu)["reminder"]
        assert (found.duty_id, found.grid_code, found.owed) == (row.id, grid, 2)


def test_a_re_division_moves_the_duty_of_a_grid_to_its_successor_after_the_running_period(database: Engine) -> None:
    with undone(database) as session:
        closed = select(GridVersion.code).where(GridVersion.valid_to == date(2023, 12, 31))
        goes_on = select(GridVersion.code).where(GridVersion.valid_to.is_(None))
        heirs = select(GridSuccession).where(
            GridSuccession.old_code.in_(closed), GridSuccession.old_code.not_in(goes_on)
        )
        heir = session.scalars(heirs.order_by(GridSuccession.share_of_old.desc())).first()
        assert heir is not None
        yearly = duty.add(
            session,
            Wanted(
                Rule("season", 1, date(2022, 1, 1), season=Season("11-01", "02-28")),
                "community",
                grid_code=heir.old_code,
            ),
        )
        weekly = duty.add(session, Wanted(Rule("week", 1, date(2022, 1, 1)), "community", grid_code=heir.old_code))
        moved = duty.follow_grids(session, date(2024, 1, 1))
        assert {old for old, _ in moved} == {heir.old_code}
        # New Year of 2024 is a Monday: the week moves at once, the season when it is over.
        assert (weekly.valid_to, yearly.valid_to) == (date(2023, 12, 31), date(2024, 2, 28))
        new = session.scalars(select(Duty).where(Duty.grid_code == moved[0][1], Duty.id > weekly.id)).all()
        assert {row.valid_from for row in new} == {date(2024, 1, 1), date(2024, 2, 29)}
        assert duty.follow_grids(session, date(2024, 1, 1)) == []


def test_of_two_grids_that_became_one_the_same_duty_is_owed_once(database: Engine) -> None:
    one, other, both = "110102010036001", "110102010038001", "110102010036002"
    with undone(database) as session:
        weekly = Rule("week", 1, date(2022, 1, 1))
        for code in (one, other):
            duty.add(session, Wanted(weekly, "community", grid_code=code))
        duty.add(session, Wanted(Rule("month", 2, date(2022, 1, 1)), "community", grid_code=other))
        assert sorted(duty.follow_grids(session, date(2024, 1, 1))) == [(one, both), (other, both), (other, both)]
        found = session.scalars(select(Duty).where(Duty.grid_code == both)).all()
        assert sorted((row.period, row.times) for row in found) == [("month", 2), ("week", 1)]


MERGED = ("110102010036001", "110102010038001", "110102010036002")
"""Two grids of 2023 and the one of 2024 that took both."""


def test_two_grids_that_became_one_inside_a_period_are_owed_once_until_its_end(database: Engine) -> None:
    one, other, _ = MERGED
    with undone(database) as session:
        winter = Rule("season", 1, date(2022, 1, 1), season=Season("11-01", "02-28"))
        first, second = (duty.add(session, Wanted(winter, "community", grid_code=code)) for code in (one, other))
        november = date(2023, 11, 1)
        before = {row.post_id: row.duty_id for row in planned(session, november, at(november)) if row.grid_code}
        assert set(before.values()) == {first.id, second.id}
        duty.follow_grids(session, date(2024, 1, 1))
        mark.new_edition(session, "grids")
        assert (first.valid_to, second.valid_to) == (date(2024, 2, 28), date(2023, 10, 31))
        new_year = date(2024, 1, 1)
        stretch = stretch_on(duty.rule_of(first), new_year)
        assert stretch is not None
        owed = session.execute(select(owing(session, first, stretch, new_year))).all()
        assert {row.post_id for row in owed} == set(before)
        running = [d.id for d in duty.listed(session, new_year) if d.grid_code in MERGED and d.period == "season"]
        assert running == [first.id]
        # A patrol in the second grid, when it was one, counts for what both are now.
        chosen = next(post for post, of in before.items() if of == second.id)
        there = session.scalars(select(GridVersion.id).where(GridVersion.code == other)).first()
        session.add(patrolled(session, chosen, date(2023, 11, 20), there))
        session.flush()
        done = {row.post_id: row.done for row in session.execute(select(owing(session, first, stretch, new_year)))}
        assert done == {post: int(post == chosen) for post in before}


def at(day: date, hour: int = 0) -> datetime:
    """An hour of a day in Beijing."""
    return datetime(day.year, day.month, day.day, hour, 5, tzinfo=ZONE).astimezone(UTC)


def patrolled(session: Session, post_id: int, day: date, grid_version_id: int | None = None) -> Patrol:
    """A patrol of a post that counts."""
    post = session.get_one(Post, post_id)
    return Patrol(
        number=f"XL-{day:%Y-%m%d}{post_id}", chief_id=post.chief_id, post_id=post_id, level=post.level,
        patrolled_at=at(day, 10), patrolled_on=day, submitted_at=at(day, 10), forwarded=False, photos=1,
        verdict="counted", inbox_id=1_000_000 + post_id, grid_version_id=grid_version_id,
    )  # fmt: skip


def test_a_duty_of_a_grid_lies_in_the_days_of_the_grid(database: Engine) -> None:
    one, _, both = MERGED
    with undone(database) as session:
        new = Rule("week", 1, date(2026, 1, 1))
        with pytest.raises(Refused) as closed:
            duty.add(session, Wanted(new, "community", grid_code=one))
        assert (closed.value.key, closed.value.fields["heir"]) == ("duty.grid_closed_to", both)
        with pytest.raises(Refused) as early:
            duty.add(session, Wanted(Rule("week", 1, date(2023, 5, 1)), "community", grid_code=both))
        assert (early.value.key, early.value.fields["day"]) == ("duty.grid_not_yet", date(2024, 1, 1))
        began_before = duty.add(session, Wanted(Rule("week", 1, date(2023, 5, 1)), "community", grid_code=one))
        assert began_before.valid_to is None


def test_the_same_duty_takes_the_place_of_the_one_before(database: Engine) -> None:
    with undone(database) as session:
        first = duty.add(session, Wanted(Rule("week", 1, date(2023, 1, 1)), "community", area_code=STREET))
        second = duty.add(session, Wanted(Rule("week", 2, date(2023, 5, 10)), "community", area_code=STREET))
        assert (first.valid_to, second.valid_to) == (date(2023, 5, 9), None)
        with pytest.raises(Refused) as there:
            duty.add(session, Wanted(Rule("week", 3, date(2023, 5, 10)), "community", area_code=STREET))
        assert there.value.fields["id"] == second.id
        # Another window is another duty, and what ends before is not touched.
        duty.add(session, Wanted(Rule("week", 1, date(2023, 5, 10), window=(1, 3)), "community", area_code=STREET))
        duty.add(session, Wanted(Rule("week", 3, date(2022, 5, 1), date(2022, 5, 31)), "community", area_code=STREET))
        assert second.valid_to is None


def test_a_duty_can_be_taken_back_before_it_begins_and_is_not_opened_again(database: Engine) -> None:
    with undone(database) as session:
        later = duty.add(session, Wanted(Rule("week", 2, date(2026, 12, 1)), "community", area_code=STREET))
        duty.stop(session, later.id, date(2026, 11, 1), STREET)
        assert later not in duty.listed(session, date(2026, 12, 1))
        assert stretch_on(duty.rule_of(later), date(2026, 12, 1)) is None
        with pytest.raises(Refused) as over:
            duty.stop(session, later.id, date(2027, 1, 1), STREET)
        assert over.value.key == "duty.over"


def test_a_duty_of_a_post_is_of_the_level_of_the_post(database: Engine) -> None:
    with undone(database) as session:
        xie = a_post(session, "110102010-L1")
        row = duty.add(session, Wanted(Rule("month", 3, date(2023, 1, 1)), "community", post_id=xie.id))
        assert row.level == "street"
        asked = [(one.period, one.owed) for one in duty.progress(session, xie.chief_id, MONDAY)]
        assert ("month", 3) in asked


def test_days_that_nothing_was_announced_for_are_weekdays_and_can_be_corrected(database: Engine) -> None:
    with undone(database) as session:
        workday.fill(session, date(2026, 11, 24), ZONE)
        assert workday.unknown_years(session, date(2026, 12, 31)) == []
        assert workday.unknown_years(session, date(2027, 2, 1)) == [2027]
        friday = date(2027, 2, 5)
        row = session.get_one(Workday, friday)
        assert (row.works, row.source) == (True, "weekend")
        workday.correct(session, friday, False, date(2026, 11, 24), ZONE)
        row = session.get_one(Workday, friday, populate_existing=True)
        assert (row.works, row.source, row.next_work) == (False, "office", date(2027, 2, 8))


_SETTING = st.fixed_dictionaries(
    {
        "weekday": st.none() | st.integers(1, 7),
        "minute": st.none() | st.integers(8 * 60, 18 * 60),
        "quiet_from": st.none() | st.integers(19 * 60, NIGHT_FROM),
        "quiet_to": st.none() | st.integers(NIGHT_TO, 8 * 60),
        "days_off": st.none() | st.booleans(),
    }
)


@given(
    period=st.sampled_from(PERIODS[:5]),
    day=st.dates(date(2022, 3, 1), date(2026, 10, 31)),
    times=st.integers(1, 5),
    window=st.none() | st.tuples(st.integers(1, 4), st.integers(5, 9)),
    of_street=_SETTING,
    of_chief=_SETTING,
    begins=st.integers(-40, 40),
    again=st.integers(0, 400),
)
@settings(
    deadline=None, max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
def test_the_database_plans_what_the_rules_say_and_never_twice_or_at_night(
    database: Engine, period: str, day: date, times: int, window: tuple[int, int] | None,
    of_street: dict[str, int | None], of_chief: dict[str, int | None], begins: int, again: int,
) -> None:  # fmt: skip
    rule = Rule(period, times, date(2021, 1, 1), window=window)
    stretch = stretch_on(rule, day)
    assert stretch is not None
    with undone(database) as session:
        workday.fill(session, stretch.end, ZONE)
        row = duty.add(session, Wanted(rule, "community", area_code=STREET))
        hu = a_post(session)
        hu.valid_from = max(date(2021, 1, 1), day + timedelta(days=begins))
        now = datetime(2020, 1, 1, tzinfo=UTC)
        session.add(Schedule(scope="street", key=STREET, set_at=now, **of_street))
        session.add(Schedule(scope="chief", key=str(hu.chief_id), set_at=now, **of_chief))
        session.flush()
        plan.plan(session, row, stretch, day, now)
        plan.plan(session, row, stretch, day, now + timedelta(days=again))
        rows = session.scalars(select(Reminder).where(Reminder.duty_id == row.id)).all()
        posts = {post.id: post for post in session.scalars(select(Post))}
        keys = Counter((one.post_id, one.kind) for one in rows)
        assert set(keys.values()) <= {1}
        for one in rows:
            own = {**_given(of_street), **(_given(of_chief) if one.post_id == hu.id else {})}
            assert_as_the_rules_say(one, rule, stretch, posts[one.post_id], Times(**own), row.id)  # type: ignore[arg-type]


def _given(setting: dict[str, int | None]) -> dict[str, int]:
    return {name: value for name, value in setting.items() if value is not None}


def assert_as_the_rules_say(
    one: Reminder, rule: Rule, stretch: Stretch, post: Post, times: Times, duty_id: int
) -> None:
    """Compare a planned row with the rules."""
    opens, closes = max(post.valid_from, stretch.opens_on), min(post.valid_to or stretch.closes_on, stretch.closes_on)
    owed = pro_rata(rule.times, (closes - opens).days + 1, stretch.full_days)
    assert (one.opens_on, one.closes_on, one.owed) == (opens, closes, owed)
    on = reminder_day(rule.period, opens, closes, times, next_work, last_work)
    if one.kind == "followup" and on is not None:
        on = followup_day(on, closes, times, next_work, last_work)
    if on is None or owed == 0:
        assert (one.state, one.reason) == ("skipped", "no_workday" if owed else "not_owed")
        return
    second = due_second(times, post.id, duty_id)
    midnight = datetime.combine(on, datetime.min.time(), ZONE)
    assert one.due_at == midnight + timedelta(seconds=second)
    assert one.expires_at == midnight + timedelta(seconds=expiry_second(times, second))
    at = local(one.due_at)
    assert NIGHT_TO <= at.hour * 60 + at.minute < NIGHT_FROM


def next_work(day: date) -> date:
    return next(d for n in range(40) if works(d := day + timedelta(days=n)))


def last_work(day: date) -> date:
    return next(d for n in range(40) if works(d := day - timedelta(days=n)))


def works(day: date) -> bool:
    from rules.workday import workday as rule

    return rule(day)[0]
