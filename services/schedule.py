"""Schedules (提醒时间): setting them for a level, a street, a grid or a chief, and what holds for a post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Chief, Post
from models.grid import GridCommunity, GridVersion
from models.schedule import Schedule
from rules.level import Level
from rules.reminder import Times
from services import audit, plan
from services.owing import Only
from services.post import PostFacts, posts_on
from services.refused import Refused

SCOPES = ("level", "street", "grid", "chief")
_FIELDS = ("weekday", "minute", "quiet_from", "quiet_to", "days_off")


@dataclass(frozen=True, slots=True)
class Target:
    """Whose time is set, and which posts that touches."""

    scope: str
    key: str
    only: Only


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause as the office sees it: the area, not the person's rank among others."""

    area: str
    chief: str
    until: date
    reason: str


def of_chief(chief_id: int) -> Target:
    """A chief's own time."""
    return Target("chief", str(chief_id), Only(chief_id=chief_id))


def of_level(district: str, level: str) -> Target:
    """The time of a level of a district."""
    return Target("level", f"{district}:{level}", Only(area_code=district))


def of_street(code: str) -> Target:
    """The time of a street."""
    return Target("street", code, Only(area_code=code))


def of_grid(session: Session, name: str, area_code: str, day: date) -> Target | None:
    """The time of a grid of an area, by its name or code; None where there is no such grid on the date."""
    valid = (GridVersion.valid_from <= day) & or_(GridVersion.valid_to.is_(None), GridVersion.valid_to >= day)
    named = or_(GridVersion.name == name, GridVersion.code == name)
    rows = session.scalars(select(GridVersion).where(valid, named).order_by(GridVersion.code)).all()
    found = next((row for row in rows if row.street_code.startswith(area_code)), None)
    return Target("grid", found.code, Only(area_code=found.street_code)) if found else None


def of_community(session: Session, code: str, day: date) -> Target | None:
    """The time of the grid whose schedule holds for a community on a date; None where it has none."""
    grid = _home_grid(session, code, day)
    return Target("grid", grid, Only(area_code=code)) if grid else None


def set_times(
    session: Session, target: Target, changes: Mapping[str, Any], account_id: int, day: date, now: datetime
) -> Times:
    """Set some of the times and plan what is still to come again; raises `Refused` for times that cannot be."""
    row = _row(session, target, now)
    for name, value in changes.items():
        setattr(row, name, value)
    row.account_id, row.set_at = account_id, now
    times = _merged([row])
    session.flush()
    who = audit.by_account(account_id)
    audit.note(session, who, "schedule.set", f"schedule:{target.scope}:{target.key}", None, audit.DONE, now)
    plan.plan_again(session, day, now, target.only)
    return times


def pause(session: Session, chief_id: int, until: date | None, reason: str, account_id: int, now: datetime) -> None:
    """Pause a chief's reminders until the end of a day, or go on with them."""
    row = _row(session, of_chief(chief_id), now)
    row.paused_until, row.pause_reason = until, reason if until else None
    row.account_id, row.set_at = account_id, now
    session.flush()
    who, result = audit.by_account(account_id), "paused" if until else "resumed"
    audit.note(session, who, "schedule.paused", f"schedule:chief:{chief_id}", None, result, now)


def paused_until(session: Session, chief_id: int, day: date) -> date | None:
    """Until when a chief's reminders rest, or None."""
    row = session.scalars(select(Schedule).where(Schedule.scope == "chief", Schedule.key == str(chief_id))).first()
    return row.paused_until if row and row.paused_until and row.paused_until >= day else None


def pauses(session: Session, area_code: str, day: date) -> Sequence[Pause]:
    """The pauses that run in an area on a date, with their reasons, in the order of the areas."""
    rows = session.execute(
        select(Area.name, Chief.name, Schedule.paused_until, Schedule.pause_reason)
        .join(Post, Post.area_code == Area.code)
        .join(Chief, Chief.id == Post.chief_id)
        .join(Schedule, Schedule.key == cast(Post.chief_id, Text))
        .where(Schedule.scope == "chief", Schedule.paused_until >= day, Area.code.startswith(area_code))
        .where(Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day))
        .order_by(Area.code)
    )
    return [Pause(area, chief, until or day, reason or "") for area, chief, until, reason in rows]


def times_of(session: Session, chief_id: int, day: date) -> Times:
    """The times that hold for a chief's first post on a date."""
    post = next(iter(posts_on(session, chief_id, day)), None)
    keys = [("chief", str(chief_id)), *(_keys(session, post, day) if post else [])]
    found = {(row.scope, row.key): row for row in session.scalars(select(Schedule).where(_any(keys)))}
    return _merged([found[key] for key in keys if key in found])


def _keys(session: Session, post: PostFacts, day: date) -> list[tuple[str, str]]:
    street = post.area_code if post.level == Level.STREET else ""
    grid = None
    if post.level == Level.COMMUNITY:
        area = session.get(Area, post.area_code)
        street = (area.parent_code if area else None) or ""
        grid = _home_grid(session, post.area_code, day)
    return [("grid", grid or ""), ("street", street), ("level", f"{post.area_code[:6]}:{post.level}")]


def _home_grid(session: Session, community: str, day: date) -> str | None:
    valid = (GridVersion.valid_from <= day) & or_(GridVersion.valid_to.is_(None), GridVersion.valid_to >= day)
    codes = select(GridVersion.code).join(GridCommunity, GridCommunity.grid_version_id == GridVersion.id)
    return session.scalar(codes.where(valid, GridCommunity.community_code == community).order_by(GridVersion.code))


def _any(keys: list[tuple[str, str]]) -> Any:
    return or_(*((Schedule.scope == scope) & (Schedule.key == key) for scope, key in keys))


def _row(session: Session, target: Target, now: datetime) -> Schedule:
    same = select(Schedule).where(Schedule.scope == target.scope, Schedule.key == target.key)
    row = session.scalars(same).first()
    if row is None:
        row = Schedule(scope=target.scope, key=target.key, set_at=now)
        session.add(row)
    return row


def _merged(rows: Sequence[Schedule]) -> Times:
    chosen = {
        name: next((value for row in rows if (value := getattr(row, name)) is not None), None) for name in _FIELDS
    }
    try:
        return Times(**{name: value for name, value in chosen.items() if value is not None})
    except ValueError as error:
        raise Refused(f"remind.bad_{error}") from None
