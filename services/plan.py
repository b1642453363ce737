"""Plans (计划): the reminders of a period, made for all posts by one statement; no object a chief."""

from collections import defaultdict
from collections.abc import Set
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from models.dates import days_until, plus_days, plus_seconds, the_greatest, the_least
from models.policy import Duty
from models.reminder import Plan, Reminder
from models.schedule import Schedule
from models.upsert import insert_or
from models.workday import Workday
from rules import reminder
from rules.duty import Stretch, stretch_on
from services import duty as duties
from services import mark
from services.owing import Only, owing

NOON_S = 12 * 3600
_KEY = ["duty_id", "post_id", "grid_code", "period_start", "kind"]
_MOVES = ("opens_on", "closes_on", "owed", "due_at", "expires_at")
_COLUMNS = (*_KEY, "chief_id", *_MOVES, "state", "reason", "taps")
EVERYBODY = Only()
DOWN = "down"
REVIVED = ("not_owed", "no_workday", DOWN)
_NOT_IN_SESSION = {"synchronize_session": False}


def plan_all(session: Session, day: date, now: datetime) -> int:
    """Plan the running period of every duty that was not planned, or from other rows than those of now."""
    edition = _edition(session)
    running = [(duty, stretch_on(duties.rule_of(duty), day)) for duty in duties.listed(session, day)]
    before = _planned_before(session, {stretch.start for _, stretch in running if stretch})
    planned = 0
    for duty, stretch in running:
        if stretch and _take(session, duty.id, stretch.start, edition, now):
            rows = _plan_anew(session, duty, stretch, day, now, before[duty.period, stretch.start])
            session.merge(Plan(duty_id=duty.id, period_start=stretch.start, edition=edition, planned_at=now, rows=rows))
            planned += rows
    return planned


def _plan_anew(session: Session, duty: Duty, stretch: Stretch, day: date, now: datetime, before: Set[int]) -> int:
    """Plan a stretch; where duties of its period were planned before (`before`, their ids), nobody is told twice."""
    newest = session.scalar(select(func.max(Reminder.id))) or 0 if duty.id in before else 0
    rows = plan(session, duty, stretch, day, now)
    if duty.id in before:
        _drop_replaced(session, duty, stretch, day, now)
    if others := before - {duty.id}:
        _skip_said(session, duty, stretch, newest, others, now)
    return rows


def _planned_before(session: Session, starts: set[date]) -> dict[tuple[str, date], set[int]]:
    """The duties that were planned, by the kind and the first day of the period."""
    rows = select(Duty.period, Plan.period_start, Plan.duty_id).join(Duty, Duty.id == Plan.duty_id)
    found: dict[tuple[str, date], set[int]] = defaultdict(set)
    for period, start, duty_id in session.execute(rows.where(Plan.period_start.in_(starts))):
        found[period, start].add(duty_id)
    return found


def _drop_replaced(session: Session, duty: Duty, stretch: Stretch, day: date, now: datetime) -> None:
    """A narrower duty that came inside the period takes the place of what was planned and is still to come."""
    owed = owing(session, duty, stretch, day)
    still = select(owed.c.post_id).where(
        owed.c.post_id == Reminder.post_id, owed.c.grid_code == Reminder.grid_code, owed.c.closes_on >= day
    )
    _skip(session, duty, stretch, ~still.exists(), "replaced", now)


def _skip_said(session: Session, duty: Duty, stretch: Stretch, newest: int, others: Set[int], now: datetime) -> None:
    """What was added for a post that another duty of this period has reminded already would be a second word."""
    other = aliased(Reminder)
    said = select(other.id).where(
        other.duty_id.in_(others), other.post_id == Reminder.post_id, other.period_start == stretch.start,
        other.kind == Reminder.kind, other.state == reminder.SAID,
    )  # fmt: skip
    _skip(session, duty, stretch, (Reminder.id > newest) & said.exists(), "said_before", now)


def _skip(
    session: Session, duty: Duty, stretch: Stretch, which: ColumnElement[bool], reason: str, now: datetime
) -> None:
    mine = (Reminder.duty_id == duty.id) & (Reminder.period_start == stretch.start)
    to_come = mine & (Reminder.state == reminder.PLANNED)
    skipped = {"state": reminder.SKIPPED, "reason": reason, "settled_at": now}
    session.execute(update(Reminder).where(to_come, which).values(skipped), execution_options=_NOT_IN_SESSION)


def is_stale(session: Session, day: date) -> bool:
    """Whether there is anything to plan."""
    edition = _edition(session)
    known = select(Plan.duty_id, Plan.period_start).where(Plan.edition == edition)
    planned = set(session.execute(known).all())
    running = ((duty.id, stretch_on(duties.rule_of(duty), day)) for duty in duties.listed(session, day))
    return any(stretch and (duty_id, stretch.start) not in planned for duty_id, stretch in running)


def plan_again(session: Session, day: date, now: datetime, only: Only) -> int:
    """Plan the running periods of some posts again, after somebody set another time for them."""
    planned = 0
    for duty in duties.listed(session, day):
        stretch = stretch_on(duties.rule_of(duty), day)
        if stretch:
            planned += plan(session, duty, stretch, day, now, only)
    return planned


def plan(session: Session, duty: Duty, stretch: Stretch, day: date, now: datetime, only: Only = EVERYBODY) -> int:
    """Write the reminders and follow-ups of a stretch; what was said or is due stays, what is still to come moves.

    Gives how many rows were written or moved.
    """
    t = Reminder.__table__.c
    statement = insert_or(session, Reminder).from_select(list(_COLUMNS), _rows(session, duty, stretch, day, only))
    new = statement.excluded
    to_come = and_(t.state == reminder.PLANNED, t.reason.is_(None), t.due_at > now)
    changed = or_(t.due_at != new.due_at, t.expires_at != new.expires_at, t.owed != new.owed)
    # What was not owed or had no workday, and what a wrong clock took for passed, may be owed after all.
    again = and_(t.reason.in_(REVIVED), new.state == reminder.PLANNED)
    written = statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={**{name: new[name] for name in (*_MOVES, "state", "reason")}, "settled_at": null()},
        where=and_(new.due_at > now, or_(and_(to_come, changed), again)),
    )
    return _written(session, written)


def record_down(session: Session, duty: Duty, stretch: Stretch, now: datetime) -> int:
    """Write the reminders of a stretch that passed while nobody planned: done, or missed; gives how many there are."""
    rows = _rows(session, duty, stretch, stretch.closes_on, EVERYBODY, passed=True)
    statement = insert_or(session, Reminder).from_select([*_COLUMNS, "settled_at"], rows.add_columns(_instant(now)))
    return _written(session, statement.on_conflict_do_nothing(index_elements=_KEY))


def _written(session: Session, statement: Any) -> int:
    done = session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _instant(now: datetime) -> ColumnElement[datetime]:
    return literal(now, Reminder.settled_at.type)


def _edition(session: Session) -> str:
    return "/".join(mark.edition(session, of) for of in ("roster", "grids", "duties", "workdays"))


def _take(session: Session, duty_id: int, start: date, edition: str, now: datetime) -> bool:
    # Another process that plans the same period waits here, and finds afterwards that it is planned.
    t = Plan.__table__.c
    values = {"duty_id": duty_id, "period_start": start, "edition": edition, "planned_at": now, "rows": 0}
    taken = insert_or(session, Plan).values(values).on_conflict_do_update(
        index_elements=["duty_id", "period_start"], set_={"edition": edition}, where=t.edition != edition
    )  # fmt: skip
    return session.execute(taken.returning(t.duty_id)).scalar() is not None


def _rows(
    session: Session, duty: Duty, stretch: Stretch, day: date, only: Only, *, passed: bool = False
) -> Select[Any]:
    kinds = union_all(*(select(literal(kind).label("kind")) for kind in (reminder.REMINDER, reminder.FOLLOWUP)))
    days = _days(duty, _timed(owing(session, duty, stretch, day, only), ("done",) if passed else ()))
    kind, noon = kinds.subquery("kinds"), aliased(Workday)
    on = case((kind.c.kind == reminder.REMINDER, days.c.remind_on), else_=days.c.follow_on)
    due_s = _due_second(days, duty.id)
    expires_s = the_least(due_s + reminder.USEFUL_S, days.c.quiet_from * 60, type_=Integer())
    state, reason = _outcome(days, noon.day, passed=passed)
    return (
        select(
            literal(duty.id), days.c.post_id, days.c.grid_code, literal(stretch.start), kind.c.kind, days.c.chief_id,
            days.c.opens_on, days.c.closes_on, days.c.owed, plus_seconds(noon.noon_at, due_s - NOON_S),
            plus_seconds(noon.noon_at, expires_s - NOON_S),
            state, reason, literal(0),
        )
        .select_from(days)
        .join(kind, days.c.owed >= 0)
        .outerjoin(noon, noon.day == on)
        .where(days.c.owed >= 0)
        # In the order of the index that keeps each to once: entries that come in any order touch all of its pages.
        .order_by(days.c.post_id)
    )  # fmt: skip


def _outcome(days: FromClause, noon: Any, *, passed: bool) -> tuple[ColumnElement[str], ColumnElement[Any]]:
    """State and reason of a new row: to come, or of a period that has passed unseen, done or missed."""
    never = [(days.c.owed == 0, "not_owed"), (noon.is_(None), "no_workday")]
    skipped: list[Any] = [(condition, reminder.SKIPPED) for condition, _ in never]
    if not passed:
        return case(*skipped, else_=reminder.PLANNED), case(*never, else_=null())
    done = days.c.done >= days.c.owed
    state = case(*skipped, (done, reminder.SETTLED), else_=reminder.MISSED)
    return state, case(*never, (done, "done"), else_=DOWN)


def _due_second(days: FromClause, duty_id: int) -> ColumnElement[int]:
    latest = days.c.quiet_from * 60 - reminder.SPREAD_S
    earliest = the_greatest(days.c.minute * 60, days.c.quiet_to * 60, type_=Integer())
    return the_least(earliest, latest, type_=Integer()) + (days.c.post_id * 131 + duty_id) % reminder.SPREAD_S


def _timed(owed: Subquery, more: tuple[str, ...] = ()) -> Subquery:
    """The posts with their times: the chief's, else the grid's, the street's, the level's, the house's."""
    nearest = [aliased(Schedule, name=f"of_{scope}") for scope in ("chief", "grid", "street", "level")]
    keys = (
        cast(owed.c.chief_id, Text), func.coalesce(func.nullif(owed.c.grid_code, ""), owed.c.home_grid),
        owed.c.street_code, func.substr(owed.c.area_code, 1, 6) + ":" + owed.c.level,
    )  # fmt: skip
    joined: FromClause = owed
    for scope, setting, key in zip(("chief", "grid", "street", "level"), nearest, keys, strict=True):
        joined = joined.outerjoin(setting, and_(setting.scope == scope, setting.key == key))
    house: dict[str, Any] = {
        "weekday": reminder.WEEKDAY, "minute": reminder.MINUTE, "quiet_from": reminder.QUIET_FROM,
        "quiet_to": reminder.QUIET_TO, "days_off": false(),
    }  # fmt: skip
    times = [func.coalesce(*(getattr(s, name) for s in nearest), value).label(name) for name, value in house.items()]
    wanted = ("post_id", "chief_id", "grid_code", "opens_on", "closes_on", "owed", *more)
    return select(*(owed.c[name] for name in wanted), *times).select_from(joined).subquery("timed")


def _days(duty: Duty, timed: Subquery) -> Subquery:
    """The day of each reminder and of its follow-up, as `rules/reminder.py` says it."""
    first, wish, after = (aliased(Workday, name=name) for name in ("anchor", "wish", "after"))
    two_thirds = 2 * (days_until(timed.c.opens_on, timed.c.closes_on) + 1) // 3
    anchor = timed.c.opens_on if duty.period == "week" else plus_days(timed.c.opens_on, two_thirds)
    named = plus_days(first.day, (timed.c.weekday - first.weekday + 7) % 7)
    day = case((named <= timed.c.closes_on, named), else_=first.day)
    remind_on = _working(timed, wish, wish.last_work >= timed.c.opens_on)
    wished = (
        select(*timed.c, remind_on.label("remind_on"))
        .join(first, first.day == anchor)
        .join(wish, wish.day == day)
        .subquery("wished")
    )
    half = days_until(wished.c.remind_on, wished.c.closes_on) // 2
    wanted = plus_days(wished.c.remind_on, the_greatest(1, half, type_=Integer()))
    follow_on = _working(wished, after, after.last_work > wished.c.remind_on)
    later = and_(after.day == wanted, after.day <= wished.c.closes_on)
    return select(*wished.c, follow_on.label("follow_on")).outerjoin(after, later).subquery("days")


def _working(times: FromClause, day: Any, before: ColumnElement[bool]) -> ColumnElement[date]:
    return case(
        (times.c.days_off, day.day),
        (day.next_work <= times.c.closes_on, day.next_work),
        (before, day.last_work),
        else_=null(),
    )
