"""Once a period (每期一次): whatever anybody sets, adds or ends in between, nobody is told twice or at night."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import HU
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from test_plan import STREET, ZONE, undone

from models.account import Account
from models.chief import Chief, Post
from models.policy import Duty
from models.reminder import Reminder
from rules.duty import Rule
from rules.localtime import local_date
from rules.reminder import NIGHT_FROM, NIGHT_TO, SAID
from services import duty, mark, plan, reminder, schedule, workday
from services.duty import Wanted
from services.refused import Refused

MONDAY = datetime(2023, 5, 8, 0, 1, tzinfo=ZONE)
DAYS = 9

CHANGES = st.one_of(
    st.tuples(
        st.just("chief"), st.fixed_dictionaries({"weekday": st.integers(1, 7), "minute": st.integers(480, 1140)})
    ),
    st.tuples(st.just("street"), st.fixed_dictionaries({"weekday": st.integers(1, 7), "days_off": st.booleans()})),
    st.tuples(st.just("duty_of_street"), st.integers(1, 3)),
    st.tuples(st.just("duty_of_post"), st.integers(1, 3)),
    st.tuples(st.just("end"), st.none()),
    st.tuples(st.just("post"), st.booleans()),
)
MOMENTS = st.lists(st.tuples(st.integers(0, DAYS * 24 - 1), st.booleans(), CHANGES), max_size=7)
"""The hour at which something changes, whether the clock plans before the next change, and what it is."""


class Life:
    """A week and two days of 胡晓兰 and two others of her street, from change to change."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hu = session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.code == HU)).one()
        near = select(Post).where(Post.area_code.startswith(STREET), Post.level == self.hu.level, Post.id != self.hu.id)
        here = [self.hu, *session.scalars(near.order_by(Post.id).limit(2))]
        # The others hold no post: looking at all of them would only take longer.
        away = update(Post).where(Post.id.not_in([post.id for post in here]))
        session.execute(away.values(valid_to=date(2022, 1, 1)))
        for chief_id in sorted({post.chief_id for post in here}):
            who = {"channel": "local", "user_id": f"u{chief_id}", "chat_id": f"u{chief_id}", "chief_id": chief_id}
            session.add(Account(**who, created_at=datetime(2022, 1, 1, tzinfo=UTC)))
        workday.fill(session, MONDAY.date(), ZONE)
        self.added: list[int] = []

    def tick(self, now: datetime) -> None:
        """The clock plans, the loop says what is due."""
        day = local_date(now, ZONE)
        if plan.is_stale(self.session, day):
            plan.plan_all(self.session, day, now)
        while reminder.claim(self.session, now, day)[1]:
            pass

    def change(self, what: str, how: Any, now: datetime) -> None:
        """Somebody changes something; what is refused changes nothing."""
        with suppress(Refused):
            getattr(self, f"_{what}")(how, now)
        self.session.flush()

    def _chief(self, how: dict[str, Any], now: datetime) -> None:
        self._set(schedule.of_chief(self.hu.chief_id), how, now)

    def _street(self, how: dict[str, Any], now: datetime) -> None:
        self._set(schedule.of_street(STREET), how, now)

    def _set(self, target: schedule.Target, how: dict[str, Any], now: datetime) -> None:
        schedule.set_times(self.session, target, how, 1, local_date(now, ZONE), now)

    def _duty_of_street(self, times: int, now: datetime) -> None:
        self._add(now, times, area_code=STREET)

    def _duty_of_post(self, times: int, now: datetime) -> None:
        self._add(now, times, post_id=self.hu.id)

    def _add(self, now: datetime, times: int, **target: Any) -> None:
        rule = Rule("week", times, local_date(now, ZONE))
        self.added.append(duty.add(self.session, Wanted(rule, "community", **target)).id)

    def _end(self, _how: None, now: datetime) -> None:
        if self.added:
            duty.stop(self.session, self.added.pop(), local_date(now, ZONE), STREET)

    def _post(self, ends: bool, now: datetime) -> None:
        self.hu.valid_to = local_date(now, ZONE) + timedelta(days=1) if ends else None
        mark.new_edition(self.session, "roster")


@given(MOMENTS)
@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip
def test_whatever_changes_inside_a_period_nobody_is_told_twice_or_at_night(
    database: Engine, moments: list[tuple[int, bool, tuple[str, Any]]]
) -> None:
    with undone(database) as session:
        life = Life(session)
        changes = sorted(moments, key=lambda moment: moment[0])
        for hour in range(0, DAYS * 24, 3):
            now = MONDAY + timedelta(hours=hour)
            for at, ticks, (what, how) in changes:
                if hour <= at < hour + 3:
                    moment = MONDAY + timedelta(hours=at, minutes=30)
                    life.change(what, how, moment)
                    if ticks:
                        life.tick(moment)
            life.tick(now + timedelta(hours=3))
        said = session.execute(
            select(Reminder.post_id, Reminder.kind, Duty.period, Reminder.period_start, Reminder.settled_at)
            .join(Duty, Duty.id == Reminder.duty_id)
            .where(Reminder.state == SAID)
        ).all()
    assert set(Counter(row[:4] for row in said).values()) <= {1}
    for row in said:
        at = row.settled_at.astimezone(ZONE)
        assert NIGHT_TO <= at.hour * 60 + at.minute < NIGHT_FROM
