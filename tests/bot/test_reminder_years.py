"""Whole years of reminders (全年提醒): 2023 and 2024 of Xicheng by their minutes, in seconds."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from reminding import ZONE, at
from sqlalchemy import Engine, func, insert, select, update
from xicheng import xicheng_url

from bot.reminders import Reminders
from bot.sender import send_once
from bot.settings import read_settings
from models.account import Account
from models.chief import Chief, Post
from models.engine import open_engine, reading, transaction
from models.grid import GridVersion
from models.outbox import Outbox
from models.patrol import Patrol
from models.policy import Duty
from models.reminder import Reminder
from rules.duty import Rule, Season
from rules.localtime import local_date
from rules.workday import workday
from scheduler.plans import plan_due
from services import duty, mark, reminder

LONG_AGO = datetime(2022, 1, 1, tzinfo=UTC)
CODES = ("110102010002-L1", "110102010005-L1", "110102010-L1", "110102-L07")
"""胡晓兰 and 万枕萱 of communities, 谢怀棠 of a street, 万守梓 of the district: those who have an account here."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Xicheng with four accounts and nobody else."""
    with xicheng_url(request.param, tmp_path) as url:
        made = open_engine(url)
        with transaction(made) as session:
            chosen = session.scalars(select(Chief.id).where(Chief.code.in_(CODES))).all()
            # The others hold no post here: a year of all would only take longer.
            session.execute(update(Post).where(Post.chief_id.not_in(chosen)).values(valid_to=date(2022, 1, 1)))
            for chief_id in chosen:
                name = f"u{chief_id}"
                account = {"channel": "local", "user_id": name, "chat_id": name, "chief_id": chief_id}
                session.add(Account(**account, created_at=LONG_AGO))
            mark.new_edition(session, "roster")
        yield made
        made.dispose()


def lives(engine: Engine, first: date, last: date) -> None:
    """Let the days from `first` to `last` pass: each begins with the plan, then from one due minute to the next."""
    settings = read_settings(database_url=str(engine.url), timezone=ZONE.key)
    reminders = Reminders(engine, settings)
    day = first
    while day <= last:
        plan_due(engine, ZONE, at(day, "00:01"))
        while True:
            with reading(engine) as session:
                due_at = reminder.next_due_at(session)
            if due_at is None or local_date(due_at, ZONE) > day:
                break
            now = max(due_at, at(day, "00:01"))
            reminders.remind_once(now)
            send_once(engine, "local", now)
        day += timedelta(days=1)


def said(engine: Engine) -> list[tuple[str, str, datetime]]:
    """Who was told what, and when."""
    rows = select(Chief.code, Reminder.kind, Outbox.created_at).join(Outbox, Outbox.reminder_id == Reminder.id)
    with reading(engine) as session:
        found = session.execute(rows.join(Chief, Chief.id == Reminder.chief_id).order_by(Outbox.created_at)).all()
    return [(code, kind, made) for code, kind, made in found]


def test_a_year_without_patrols_is_two_words_a_week_on_workdays_by_day(engine: Engine) -> None:
    lives(engine, date(2023, 1, 2), date(2023, 12, 31))
    heard = said(engine)
    weekly = [(kind, made.astimezone(ZONE).isocalendar()[:2]) for code, kind, made in heard if code == CODES[0]]
    per_week = Counter(weekly)
    assert set(per_week.values()) == {1}
    # 52 weeks; in that of Spring Festival both words still find their day.
    assert sum(kind == "reminder" for kind, _ in weekly) == 52
    assert 48 <= sum(kind == "followup" for kind, _ in weekly) <= 52
    assert Counter((kind, code) for code, kind, _ in heard)["reminder", CODES[2]] == 12
    assert Counter((kind, code) for code, kind, _ in heard)["reminder", CODES[3]] == 1
    for _, _, made in heard:
        local = made.astimezone(ZONE)
        assert "08:50" <= local.strftime("%H:%M") <= "08:59"
        assert workday(local.date())[0], local
    with reading(engine) as session:
        states = {tuple(row) for row in session.execute(select(Reminder.state, Reminder.reason).distinct())}
    assert states <= {("said", None), ("skipped", "no_workday")}


def test_over_new_year_leap_day_re_division_and_a_change_of_posts(engine: Engine) -> None:
    with transaction(engine) as session:
        hu = session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.code == CODES[0])).one()
        old, chief = hu.id, hu.chief_id
    lives(engine, date(2023, 12, 25), date(2024, 2, 27))
    with transaction(engine) as session:
        # On leap day, a Thursday, the post passes into a new one of the same person.
        session.execute(update(Post).where(Post.id == old).values(valid_to=date(2024, 2, 28)))
        columns = {c.key: getattr(hu, c.key) for c in Post.__table__.columns if c.key != "id"}
        session.execute(insert(Post).values({**columns, "valid_from": date(2024, 2, 29), "valid_to": None}))
        mark.new_edition(session, "roster")
    lives(engine, date(2024, 2, 28), date(2024, 3, 10))
    with reading(engine) as session:
        rows = session.scalars(
            select(Reminder).where(Reminder.chief_id == chief, Reminder.duty_id == 3, Reminder.kind == "reminder")
        ).all()
    weeks = {(row.period_start, row.post_id == old): row for row in rows}
    for monday, following in pairwise(sorted({row.period_start for row in rows})):
        assert following - monday == timedelta(days=7)
    leap = date(2024, 2, 26)
    ended = weeks[leap, True]
    assert (ended.closes_on, ended.owed, ended.state, ended.reason) == (date(2024, 2, 28), 0, "skipped", "not_owed")
    assert (weeks[leap, False].opens_on, weeks[leap, False].owed) == (date(2024, 2, 29), 1)
    heard = Counter((code, made.astimezone(ZONE).date()) for code, kind, made in said(engine) if kind == "reminder")
    assert set(heard.values()) == {1}
    # The week of the re-division: New Year's Day is a Monday, and off.
    assert (CODES[0], date(2024, 1, 3)) in heard


def test_a_duty_of_a_grid_over_its_re_division_is_said_once_and_goes_on_with_its_successor(engine: Engine) -> None:
    divided, heir, smaller = "110102010019001", "110102010019002", "110102010019003"
    division, last_day = date(2024, 1, 1), date(2024, 2, 28)
    with transaction(engine) as session:
        gu = session.scalars(select(Post).where(Post.area_code == "110102010019")).one()
        gu.valid_to = None
        account = {"channel": "local", "user_id": "gu", "chat_id": "gu", "chief_id": gu.chief_id}
        session.add(Account(**account, created_at=LONG_AGO))
        winter = Rule("season", 1, date(2022, 1, 1), season=Season("11-01", "02-28"))
        of_grid = duty.add(session, duty.Wanted(winter, "community", grid_code=divided))
        mark.new_edition(session, "roster")
    lives(engine, date(2023, 10, 30), date(2023, 12, 31))
    assert [(row.grid_code, row.state) for row in of_duties(engine, of_grid.id)] == [(divided, "planned")] * 2
    with transaction(engine) as session:
        # As the import of the new division does.
        assert duty.follow_grids(session, division) == [(divided, heir)]
        mark.new_edition(session, "grids")
    lives(engine, division, date(2024, 1, 31))
    reminded, followup = of_duties(engine, of_grid.id)
    assert reminded.due_at is not None
    assert local_date(reminded.due_at, ZONE) > division
    # Said once, although the season was planned again after the division; the second word is still to come.
    assert [(row.kind, row.state) for row in (reminded, followup)] == [("reminder", "said"), ("followup", "planned")]
    with transaction(engine) as session:
        in_smaller = session.scalars(select(GridVersion.id).where(GridVersion.code == smaller)).one()
        session.add(patrol_of(gu, at(date(2024, 2, 1), "10:00"), in_smaller))
    lives(engine, date(2024, 2, 1), date(2024, 3, 3))
    _, followup = of_duties(engine, of_grid.id)
    assert (followup.state, followup.reason) == ("settled", "done")
    with reading(engine) as session:
        moved = session.scalars(select(Duty).where(Duty.grid_code == heir)).one()
        assert session.get_one(Duty, of_grid.id).valid_to == last_day
    assert of_duties(engine, moved.id) == []
    plan_due(engine, ZONE, at(date(2024, 11, 1), "00:01"))
    assert {(row.post_id, row.grid_code, row.period_start) for row in of_duties(engine, moved.id)} == {
        (gu.id, heir, date(2024, 11, 1))
    }
    assert len(of_duties(engine, of_grid.id)) == 2


def of_duties(engine: Engine, duty_id: int) -> list[Reminder]:
    """What was planned for a duty: the reminders, then the follow-ups."""
    rows = select(Reminder).where(Reminder.duty_id == duty_id).order_by(Reminder.kind.desc(), Reminder.period_start)
    with reading(engine) as session:
        return list(session.scalars(rows))


def patrol_of(post: Post, when: datetime, grid_version_id: int | None = None) -> Patrol:
    """A patrol of a post that counts."""
    return Patrol(
        number=f"XL-{when.year}-000001", chief_id=post.chief_id, post_id=post.id, level=post.level, patrolled_at=when,
        patrolled_on=local_date(when, ZONE), submitted_at=when, forwarded=False, photos=1, verdict="counted",
        inbox_id=1, grid_version_id=grid_version_id,
    )  # fmt: skip


def test_a_laptop_that_was_closed_for_weeks_says_what_is_useful_and_records_the_rest(engine: Engine) -> None:
    lives(engine, date(2023, 5, 1), date(2023, 5, 7))
    before = len(said(engine))
    settings = read_settings(database_url=str(engine.url), timezone=ZONE.key)
    friday = at(date(2023, 5, 26), "12:00")
    plan_due(engine, ZONE, friday)
    while Reminders(engine, settings).remind_once(friday):
        pass
    with reading(engine) as session:
        week = session.execute(
            select(Reminder.kind, Reminder.state, Reminder.reason)
            .where(Reminder.period_start == date(2023, 5, 22), Reminder.duty_id == 3)
            .distinct()
        ).all()
    assert {tuple(row) for row in week} == {("reminder", "missed", "expired"), ("followup", "said", None)}
    assert len(said(engine)) > before
    # The clock is set back: nothing is said again.
    heard = said(engine)
    earlier = friday - timedelta(days=3)
    plan_due(engine, ZONE, earlier)
    while Reminders(engine, settings).remind_once(earlier):
        pass
    assert said(engine) == heard


def test_whole_periods_that_passed_while_the_house_was_down_are_recorded_as_missed(engine: Engine) -> None:
    lives(engine, date(2023, 5, 1), date(2023, 5, 7))
    with transaction(engine) as session:
        hu = session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.code == CODES[0])).one()
        # What Telegram kept for us arrives afterwards: that week was not missed.
        session.add(patrol_of(hu, at(date(2023, 5, 9), "10:00")))
    lives(engine, date(2023, 5, 24), date(2023, 5, 24))
    assert outcomes(engine, date(2023, 5, 8)) == {
        (CODES[0], "settled", "done"): 2, (CODES[1], "missed", "down"): 2,
    }  # fmt: skip
    assert outcomes(engine, date(2023, 5, 15)) == {(code, "missed", "down"): 2 for code in CODES[:2]}
    # The running week goes on as ever, and what is recorded stays as it is.
    assert outcomes(engine, date(2023, 5, 22))[CODES[0], "said", None] == 1
    lives(engine, date(2023, 5, 25), date(2023, 5, 31))
    assert outcomes(engine, date(2023, 5, 15)) == {(code, "missed", "down"): 2 for code in CODES[:2]}


def test_a_house_that_was_never_up_has_missed_nothing_and_a_long_downtime_is_bounded(engine: Engine) -> None:
    lives(engine, date(2023, 5, 1), date(2023, 5, 1))
    with reading(engine) as session:
        assert session.scalar(select(func.min(Reminder.period_start)).where(Reminder.duty_id == 3)) == date(2023, 5, 1)
    lives(engine, date(2024, 5, 6), date(2024, 5, 6))
    with reading(engine) as session:
        weeks = set(
            session.scalars(select(Reminder.period_start).where(Reminder.reason == "down", Reminder.duty_id == 3))
        )
        months = set(
            session.scalars(select(Reminder.period_start).where(Reminder.reason == "down", Reminder.duty_id == 2))
        )
    assert (min(weeks), max(weeks), len(weeks)) == (date(2024, 2, 5), date(2024, 4, 29), 13)
    assert (min(months), max(months), len(months)) == (date(2023, 6, 1), date(2024, 4, 1), 11)


def test_a_clock_that_ran_ahead_and_came_back_silences_nobody(engine: Engine) -> None:
    lives(engine, date(2023, 5, 1), date(2023, 5, 7))
    plan_due(engine, ZONE, at(date(2023, 7, 5), "12:00"))
    assert outcomes(engine, date(2023, 5, 15)) == {(code, "missed", "down"): 2 for code in CODES[:2]}
    lives(engine, date(2023, 5, 8), date(2023, 5, 21))
    for monday in (date(2023, 5, 8), date(2023, 5, 15)):
        assert outcomes(engine, monday) == {(code, "said", None): 2 for code in CODES[:2]}


def outcomes(engine: Engine, period_start: date) -> Counter[tuple[str, str, str | None]]:
    """What became of the weekly reminders of a week: whose, state, reason."""
    rows = select(Chief.code, Reminder.state, Reminder.reason).join(Chief, Chief.id == Reminder.chief_id)
    rows = rows.where(Reminder.period_start == period_start, Reminder.duty_id == 3)
    with reading(engine) as session:
        return Counter((code, state, reason) for code, state, reason in session.execute(rows))


def test_a_patrol_at_the_last_minute_keeps_the_reminder_away(engine: Engine) -> None:
    lives(engine, date(2023, 5, 8), date(2023, 5, 9))
    with transaction(engine) as session:
        post = session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.code == CODES[0])).one()
        session.add(patrol_of(post, at(date(2023, 5, 10), "08:49")))
    lives(engine, date(2023, 5, 10), date(2023, 5, 14))
    assert {code for code, _, _ in said(engine)} == {CODES[1]}
