"""Duties (巡林任务): who owes how often, from when to when; and what a chief has done of it."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from models.area import Area
from models.base import Identity
from models.chief import Post
from models.grid import GridSuccession, GridVersion
from models.patrol import Patrol
from models.policy import Duty
from rules.duty import Rule, Season, Stretch, stretch_on
from rules.level import COUNTED_LEVELS
from services import mark
from services.owing import MERGED, Only, owing
from services.post import posts_on
from services.refused import Refused


@dataclass(frozen=True, slots=True)
class Progress:
    """How many patrols count in the running period, and how many are asked for."""

    period: str
    done: int
    owed: int
    closes_on: date


@dataclass(frozen=True, slots=True)
class _Question:
    """What a duty asks of one chief, whose id is the parameter `chief`."""

    level: str
    period: str
    statement: Select[Any]


_HOW_OFTEN = attrgetter("level", "period", "window_from", "window_to", "season_from", "season_to")
_REMEMBERED = 16
_asked: OrderedDict[tuple[str, str, date], Sequence[_Question]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A duty as it is asked for; `target` is a post's id or a grid's code, where it is not the whole level's."""

    rule: Rule
    level: str
    area_code: str | None = None
    post_id: int | None = None
    grid_code: str | None = None
    source: str = ""


def rule_of(duty: Duty) -> Rule:
    """The rule of a row."""
    window = (duty.window_from, duty.window_to) if duty.window_from and duty.window_to else None
    season = Season(duty.season_from, duty.season_to) if duty.season_from and duty.season_to else None
    return Rule(duty.period, duty.times, duty.valid_from, duty.valid_to, window, season)


def listed(session: Session, day: date | None = None, area_code: str | None = None) -> Sequence[Duty]:
    """The duties, those in force on a date where one is given, those that reach an area where one is given."""
    rows = session.scalars(select(Duty).order_by(Duty.id)).all()
    here = [one for one in rows if _reaches(session, one, area_code)]
    return [one for one in here if day is None or (one.valid_from <= day and (one.valid_to or day) >= day)]


def standing(session: Session, day: date, area_code: str) -> Sequence[Duty]:
    """The duties that reach an area and are in force on a date or begin later."""
    return [one for one in listed(session, area_code=area_code) if not _is_over(one, day)]


def add(session: Session, wanted: Wanted) -> Duty:
    """Add a duty; the one that asked the same before ends the day before it.

    Raises `Refused` for a level, area, post or grid that is not there in its days, and where the same begins later.
    """
    if wanted.level not in COUNTED_LEVELS:
        raise Refused("duty.level_unknown", level=wanted.level[:20])
    if wanted.area_code and session.get(Area, wanted.area_code) is None:
        raise Refused("duty.area_unknown", code=wanted.area_code[:20])
    row = _row(wanted)
    if row.post_id:
        row.level = _post(session, row.post_id).level
    if row.grid_code:
        _check_grid(session, row.grid_code, row.valid_from)
    for old in replaced(session, wanted):
        old.valid_to = wanted.rule.valid_from - timedelta(days=1)
    session.add(row)
    session.flush()
    mark.new_edition(session, "duties")
    return row


def replaced(session: Session, wanted: Wanted) -> Sequence[Duty]:
    """The duties that a new one takes the place of: of the same target, period, window and season.

    Raises `Refused` where one of them begins on the same day or later.
    """
    target, since = _row(wanted), wanted.rule.valid_from
    alike = [row for row in session.scalars(select(Duty)) if _asks_alike(row, target)]
    same = [row for row in alike if not _is_over(row, since) and not _is_over(target, row.valid_from)]
    later = next((row for row in same if row.valid_from >= since), None)
    if later:
        raise Refused("duty.same_there", id=later.id, day=later.valid_from)
    return same


def end(session: Session, duty_id: int, last_day: date, area_code: str | None = None) -> Duty:
    """End a duty after a day; raises `Refused` where it is not there, is over, or is not the area's own."""
    row = _own(session, duty_id, area_code)
    if last_day < row.valid_from - timedelta(days=1):
        raise Refused("duty.ends_before", id=duty_id, day=row.valid_from)
    if _is_over(row, last_day):
        raise Refused("duty.over", id=duty_id, day=row.valid_to)
    row.valid_to = last_day
    mark.new_edition(session, "duties")
    return row


def stop(session: Session, duty_id: int, today: date, area_code: str) -> Duty:
    """End a duty today, or before it begins."""
    row = _own(session, duty_id, area_code)
    return end(session, duty_id, max(today, row.valid_from - timedelta(days=1)), area_code)


def follow_grids(session: Session, day: date) -> list[tuple[str, str]]:
    """Move duties of grids that a re-division of a date closed to their successors; gives old and new codes.

    The running period is finished for the old grid (patrols in its successor count); the next one is the successor's.
    Of several grids that became one, the first one's duty finishes the period for all of them.
    """
    moved = []
    for row in session.scalars(select(Duty).where(Duty.grid_code.is_not(None)).order_by(Duty.id)).all():
        new = successor_of(session, row.grid_code or "", day)
        if new and _move(session, row, new, day):
            moved.append((row.grid_code or "", new))
    if moved:
        mark.new_edition(session, "duties")
    return moved


def successor_of(session: Session, code: str, day: date) -> str | None:
    """The grid that took over most of a grid at a date's re-division, or None where the grid itself goes on."""
    here = (GridVersion.code == code) & (GridVersion.valid_from <= day)
    if session.scalar(select(GridVersion.id).where(here, _open(day)).limit(1)):
        return None
    heirs = select(GridSuccession.new_code).where(GridSuccession.old_code == code, GridSuccession.valid_from <= day)
    return session.scalar(heirs.order_by(GridSuccession.share_of_old.desc(), GridSuccession.new_code).limit(1))


def progress(session: Session, chief_id: int, day: date) -> list[Progress]:
    """A chief's progress in every duty of the posts held on a local date."""
    # By the connection: what a round still has to write of drafts is no part of it, and need not be written for it.
    levels = {post.level for post in posts_on(session, chief_id, day)}
    return [
        Progress(question.period, row.done, row.owed, row.closes_on)
        for question in _questions(session, day)
        if question.level in levels
        for row in session.connection().execute(question.statement, {"chief": chief_id})
    ]


def _questions(session: Session, day: date) -> Sequence[_Question]:
    # Every receipt asks them: they are put together once for a day and for the duties and grids as they stand.
    key = (mark.edition(session, "duties"), mark.edition(session, "grids"), day)
    if key not in _asked:
        _asked[key] = tuple(_question(session, duty, stretch, day) for duty, stretch in _running(session, day))
        if len(_asked) > _REMEMBERED:
            _asked.popitem(last=False)
    return _asked[key]


def _running(session: Session, day: date) -> Iterator[tuple[Duty, Stretch]]:
    for duty in listed(session, day):
        stretch = stretch_on(rule_of(duty), day)
        if stretch is not None:
            yield duty, stretch


def _question(session: Session, duty: Duty, stretch: Stretch, day: date) -> _Question:
    owed = owing(session, duty, stretch, day, Only(chief_id=bindparam("chief", type_=Identity)))
    statement = select(owed.c.owed, owed.c.done, owed.c.closes_on).where(owed.c.owed > 0)
    return _Question(duty.level, duty.period, statement)


def counted_between(session: Session, chief_id: int, start: date, end: date) -> int:
    """How many patrols of a chief count between two local dates, both inclusive."""
    counted = (
        select(func.count())
        .select_from(Patrol)
        .where(Patrol.chief_id == chief_id, Patrol.verdict == "counted", Patrol.patrolled_on.between(start, end))
    )
    return session.scalar(counted) or 0


def _row(wanted: Wanted) -> Duty:
    rule = wanted.rule
    first, last = rule.window or (None, None)
    season = (rule.season.first, rule.season.last) if rule.season else (None, None)
    return Duty(
        level=wanted.level, area_code=wanted.area_code, post_id=wanted.post_id, grid_code=wanted.grid_code,
        period=rule.period, times=rule.times, window_from=first, window_to=last, season_from=season[0],
        season_to=season[1], valid_from=rule.valid_from, valid_to=rule.valid_to, source=wanted.source,
    )  # fmt: skip


def _move(session: Session, row: Duty, new: str, day: date) -> bool:
    stretch = stretch_on(rule_of(row), day)
    runs = stretch is not None and stretch.start < day
    starts = stretch.end + timedelta(days=1) if stretch and runs else day
    if _is_over(row, starts):
        return False
    shared = stretch is not None and runs and _is_finished_by_another(session, row, new, stretch)
    _copy_to(session, row, new, max(starts, row.valid_from))
    ends_on = stretch.start if stretch and shared else starts
    row.valid_to = max(ends_on, row.valid_from) - timedelta(days=1)
    session.flush()
    return True


def _copy_to(session: Session, row: Duty, new: str, since: date) -> None:
    copy = {column.key: getattr(row, column.key) for column in Duty.__table__.columns if column.key != "id"}
    moved = Duty(**{**copy, "grid_code": new, "valid_from": since})
    # Of two grids that became one, each brings its duty: the same one is owed once.
    there = session.scalars(select(Duty).where(Duty.grid_code == new, Duty.valid_from <= since))
    if not any(not _is_over(one, since) and _same_rule(one, moved) for one in there):
        session.add(moved)


def _is_finished_by_another(session: Session, row: Duty, new: str, stretch: Stretch) -> bool:
    """Whether another grid that went into the same one has the same duty and finishes the running period for it."""
    kin = select(GridSuccession.old_code).where(GridSuccession.new_code == new, GridSuccession.change == MERGED)
    others = session.scalars(select(Duty).where(Duty.grid_code.in_(kin), Duty.valid_to == stretch.end))
    return any(one.id != row.id and _same_rule(one, row) for one in others)


def _same_rule(one: Duty, other: Duty) -> bool:
    return (_HOW_OFTEN(one), one.times) == (_HOW_OFTEN(other), other.times)


def _asks_alike(one: Duty, other: Duty) -> bool:
    return (_HOW_OFTEN(one), _whose(one)) == (_HOW_OFTEN(other), _whose(other))


def _whose(row: Duty) -> int | str | None:
    return row.post_id or row.grid_code or row.area_code


def _is_over(row: Duty, day: date) -> bool:
    return row.valid_to is not None and row.valid_to < day


def _own(session: Session, duty_id: int, area_code: str | None) -> Duty:
    row = session.get(Duty, duty_id)
    if row is None or not is_own(session, row, area_code):
        raise Refused("duty.unknown", id=duty_id)
    return row


def _post(session: Session, post_id: int) -> Post:
    row = session.get(Post, post_id)
    if row is None:
        raise Refused("duty.post_unknown", id=post_id)
    return row


def _check_grid(session: Session, code: str, day: date) -> None:
    """Raise `Refused` where there is no grid of a code on a date."""
    versions = select(GridVersion).where(GridVersion.code == code).order_by(GridVersion.valid_from)
    known = session.scalars(versions).all()
    if not known:
        raise Refused("duty.grid_unknown", code=code[:30])
    if day < known[0].valid_from:
        raise Refused("duty.grid_not_yet", code=code[:30], day=known[0].valid_from)
    last = max(one.valid_to or date.max for one in known)
    if last < day:
        heir = successor_of(session, code, day)
        raise Refused("duty.grid_closed_to" if heir else "duty.grid_closed", code=code[:30], day=last, heir=heir or "")


def grid_named(session: Session, text: str, area_code: str, day: date) -> str | None:
    """The code of the grid of an area that a text names, by name or code: one of the date, else one of another time."""
    named = select(GridVersion).where(or_(GridVersion.name == text, GridVersion.code == text))
    rows = [row for row in session.scalars(named) if row.street_code.startswith(area_code)]
    holds = [row for row in rows if row.valid_from <= day and (row.valid_to or day) >= day]
    found = min(holds, key=lambda row: row.code, default=None) or max(rows, key=lambda r: r.valid_from, default=None)
    return found.code if found else None


def grid_name(session: Session, code: str) -> str:
    """The latest name of a grid."""
    named = select(GridVersion.name).where(GridVersion.code == code).order_by(GridVersion.valid_from.desc())
    return session.scalar(named.limit(1)) or code


def _open(day: date) -> ColumnElement[bool]:
    return or_(GridVersion.valid_to.is_(None), GridVersion.valid_to >= day)


def _area_of(session: Session, row: Duty) -> str:
    if row.post_id and (post := session.get(Post, row.post_id)):
        return post.area_code
    if row.grid_code:
        street = select(GridVersion.street_code).where(GridVersion.code == row.grid_code)
        return session.scalar(street.order_by(GridVersion.valid_from.desc()).limit(1)) or ""
    return row.area_code or ""


def _reaches(session: Session, row: Duty, area_code: str | None) -> bool:
    """Whether a duty is owed in an area: it is the area's, one below it, or one above that holds for it too."""
    code = _area_of(session, row)
    return area_code is None or code.startswith(area_code) or area_code.startswith(code)


def is_own(session: Session, row: Duty, area_code: str | None) -> bool:
    """Whether a duty is an area's own, or one below it: no duty of the whole country is a district's."""
    return area_code is None or _area_of(session, row).startswith(area_code)


def known_areas(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """The names of areas by their codes."""
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(list(codes))))
    return {row.code: row.name for row in rows}
