"""Reminders (提醒): what is due is claimed once, in the commit of its message; what is not useful is recorded."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.among import among, among_given
from models.chief import Post
from models.grid import GridVersion
from models.patrol import Patrol
from models.policy import Duty
from models.reminder import Reminder
from models.schedule import Schedule
from models.workday import Workday
from rules import reminder
from rules.localtime import local_date
from rules.reminder import Facts, Times
from services import schedule
from services.owing import ground_of
from services.refused import Refused

BATCH = 500


@dataclass(frozen=True, slots=True)
class Address:
    """Where a chief is reminded, and in which language; None is the house's."""

    channel: str
    chat_id: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is to be said now."""

    id: int
    kind: str
    period: str
    post_id: int
    level: str
    area_code: str
    grid_code: str
    done: int
    owed: int
    closes_on: date
    expires_at: datetime
    to: Address


@dataclass(frozen=True, slots=True)
class Costs:
    """What reminders cost: messages of ours, taps on their buttons; and how many were not said because we were away."""

    messages: int
    taps: int
    missed: int


def any_due(session: Session, now: datetime) -> bool:
    """Whether a reminder is due."""
    return session.scalar(_due(now).limit(1)) is not None


def next_due_at(session: Session) -> datetime | None:
    """When the next reminder is due."""
    return session.scalar(select(func.min(Reminder.due_at)).where(Reminder.state == reminder.PLANNED))


def claim(session: Session, now: datetime, today: date, limit: int = BATCH) -> tuple[list[Due], int]:
    """Claim what is due: what is still useful is marked as said, all else with its reason; locked until the end.

    Gives what is to be said, and how many were looked at.
    """
    ids = session.scalars(_due(now).limit(limit).with_for_update(skip_locked=True)).all()
    if not ids:
        return [], 0
    said: list[Due] = []
    marked: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    rows = session.connection().execute(_statement(_dialect(session)), {"ids": list(ids), "today": today}).all()
    accounts = _accounts(session, {row.chief_id for row in rows})
    for row in rows:
        address = accounts.get(row.chief_id)
        not_said = reminder.why_not(_facts(row, address, now, today))
        marked[not_said or (reminder.SAID, None)].append(row.id)
        if not_said is None and address is not None:
            said.append(_due_of(row, address))
    for (state, reason), some in marked.items():
        _settle(session, some, state, reason, now)
    return said, len(ids)


def note_late(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Record as missed what was claimed and could not be sent before it expired."""
    if ids:
        _settle(session, ids, reminder.MISSED, "not_sent", now)


def own(session: Session, reminder_id: int, chief_id: int) -> Reminder | None:
    """A chief's own reminder; a tap on one of its buttons is counted."""
    row = session.get(Reminder, reminder_id)
    if row is None or row.chief_id != chief_id:
        return None
    row.taps += 1
    return row


def postpone(session: Session, row: Reminder, now: datetime, zone: ZoneInfo) -> datetime:
    """Let the follow-up come in two hours, or where that is in the quiet hours, on the next workday; gives when.

    Raises `Refused` where the follow-up was used before, or no useful moment is left.
    """
    followup = _sibling(session, row)
    if followup is None or followup.state not in {reminder.PLANNED, reminder.SKIPPED} or followup.reason == "later":
        raise Refused("remind.later_used")
    today = local_date(now, zone)
    times = schedule.times_of(session, row.chief_id, today)
    due_at, quiet_at = _later(session, row, times, now, zone)
    row.reason = None
    followup.state, followup.reason = reminder.PLANNED, "later"
    followup.due_at, followup.expires_at = due_at, min(due_at + timedelta(seconds=reminder.USEFUL_S), quiet_at)
    return due_at


def leave(session: Session, row: Reminder, now: datetime) -> None:
    """Take leave for the period: nothing more is said about this duty until the next one."""
    row.reason = "leave"
    followup = _sibling(session, row)
    if followup is not None and followup.state in {reminder.PLANNED, reminder.SKIPPED}:
        followup.state, followup.reason, followup.settled_at = reminder.SKIPPED, "leave", now


def costs(session: Session, since: datetime, until: datetime, area_code: str = "") -> Costs:
    """What the reminders that were said from an instant until before another cost the chiefs of an area."""
    t = Reminder
    here = and_(t.settled_at >= since, t.settled_at < until, Post.area_code.startswith(area_code))
    rows = select(t.state, func.count(), func.sum(t.taps)).join(Post, Post.id == t.post_id)
    found = {state: (n, taps or 0) for state, n, taps in session.execute(rows.where(here).group_by(t.state))}
    taps = sum(taps for _, taps in found.values())
    return Costs(found.get(reminder.SAID, (0, 0))[0], taps, found.get(reminder.MISSED, (0, 0))[0])


def _sibling(session: Session, row: Reminder) -> Reminder | None:
    t = Reminder
    same = (t.duty_id == row.duty_id) & (t.post_id == row.post_id) & (t.grid_code == row.grid_code)
    other = (t.period_start == row.period_start) & (t.kind == reminder.FOLLOWUP)
    return session.scalars(select(t).where(same, other, t.id != row.id)).first()


def _later(session: Session, row: Reminder, times: Times, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    wanted = now + reminder.LATER
    local = wanted.astimezone(zone)
    if local.date() == local_date(now, zone) and times.quiet_to <= local.hour * 60 + local.minute < times.quiet_from:
        return wanted, _at(local.date(), times.quiet_from, zone)
    tomorrow = local_date(now, zone) + timedelta(days=1)
    day = session.scalar(select(Workday.next_work).where(Workday.day == tomorrow))
    if day is None or day > row.closes_on:
        raise Refused("remind.later_too_late")
    return _at(day, times.minute, zone), _at(day, times.quiet_from, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone)


def _due(now: datetime) -> Any:
    return (
        select(Reminder.id)
        .where(Reminder.state == reminder.PLANNED, Reminder.due_at <= now)
        .order_by(Reminder.due_at, Reminder.id)
    )


def _settle(session: Session, ids: Sequence[int], state: str, reason: str | None, now: datetime) -> None:
    changed = {"state": state, "reason": reason, "settled_at": now}
    session.execute(update(Reminder).where(among(_dialect(session), Reminder.id, ids)).values(changed))


def _done(r: Any) -> ColumnElement[int]:
    others = (GridVersion.code.in_(codes.correlate(r)) for codes in ground_of(r.grid_code))
    lineage = or_(GridVersion.code == r.grid_code, *others)
    there = Patrol.grid_version_id.in_(select(GridVersion.id).where(lineage).correlate(r))
    return (
        select(func.count())
        .select_from(Patrol)
        .where(Patrol.post_id == r.post_id, Patrol.verdict == "counted")
        .where(Patrol.patrolled_on.between(r.opens_on, r.closes_on), or_(r.grid_code == "", there))
        .scalar_subquery()
    )


def _accounts(session: Session, chiefs: set[int]) -> dict[int, Address]:
    """The account of each chief that spoke last; none that is blocked."""
    spoke = func.coalesce(Account.spoke_at, Account.created_at)
    rows = session.execute(
        select(Account.chief_id, Account.channel, Account.chat_id, Account.language)
        .where(among(_dialect(session), Account.chief_id, chiefs), Account.blocked_at.is_(None))
        .order_by(spoke, Account.id)
    )
    # The last one of a chief stays.
    return {chief_id or 0: Address(channel, chat_id, language) for chief_id, channel, chat_id, language in rows}


def _paused(r: Any) -> ColumnElement[bool]:
    pause = (Schedule.scope == "chief") & (Schedule.key == cast(r.chief_id, Text))
    return select(Schedule.id).where(pause, Schedule.paused_until >= bindparam("today")).exists()


@cache
def _statement(dialect: str) -> Any:
    # Built once: putting the statement together costs more than running it.
    r = aliased(Reminder)
    return (
        select(
            r.id, r.kind, Duty.period, r.post_id, Post.level, Post.area_code, r.grid_code, r.owed, r.closes_on,
            r.expires_at, r.chief_id, Post.valid_from, Post.valid_to,
            Duty.valid_to.label("duty_to"), _done(r).label("done"), _paused(r).label("paused"),
        )
        .join(Duty, Duty.id == r.duty_id)
        .join(Post, Post.id == r.post_id)
        .where(among_given(dialect, r.id))
        .order_by(r.due_at, r.id)
    )  # fmt: skip


def _facts(row: Any, address: Address | None, now: datetime, today: date) -> Facts:
    return Facts(
        done=row.done, owed=row.owed,
        post_holds=row.valid_from <= today and (row.valid_to is None or today <= row.valid_to),
        duty_holds=row.duty_to is None or today <= row.duty_to, paused=bool(row.paused),
        reachable=address is not None, expired=now >= row.expires_at,
    )  # fmt: skip


def _due_of(row: Any, address: Address) -> Due:
    return Due(
        row.id, row.kind, row.period, row.post_id, row.level, row.area_code, row.grid_code, row.done, row.owed,
        row.closes_on, row.expires_at, address,
    )  # fmt: skip


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
