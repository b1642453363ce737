"""What was owed and what was done (任务完成), by street and level: rates with both their numbers, never by person."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Post
from models.patrol import Patrol
from models.policy import Duty
from rules.evidence import COUNTED
from rules.level import COUNTED_LEVELS
from services.duty import bounds
from services.summary import Span

LEVELS = tuple(level.value for level in COUNTED_LEVELS)
_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """A street and a level: patrols owed in the periods that ended, and how many of them were made."""

    street_code: str
    """The district's own code for its chiefs."""
    level: str
    owed: int
    done: int


def by_street(session: Session, span: Span, area: Area, today: date) -> list[Fulfilled]:
    """Every street and level of an area that owed something in the periods that ended in the span and before today.

    A post that began or ended inside a period owes its share, rounded to the nearest; more than was owed in a
    period makes up for no other period.
    """
    made = _made(session, span)
    owed: Counter[tuple[str, str]] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    for post, duty in _owing(session, span, area):
        key = (_street(post), post.level)
        for start, end in _periods(duty, span, today):
            share = _share(post, duty, start, end)
            owed[key] += share
            done[key] += min(share, sum(n for day, n in made[post.id] if start <= day <= end))
    rows = [Fulfilled(*key, owed[key], done[key]) for key in owed if owed[key]]
    return sorted(rows, key=lambda row: (row.street_code, LEVELS.index(row.level)))


def _owing(session: Session, span: Span, area: Area) -> list[tuple[Post, Duty]]:
    held = (Post.valid_from <= span.end) & (Post.valid_to.is_(None) | (Post.valid_to >= span.start - _LONGEST))
    rows = select(Post, Duty).join(Duty, Duty.level == Post.level)
    rows = rows.where(held, Post.level.in_(LEVELS), Post.area_code.startswith(area.code))
    return [(post, duty) for post, duty in session.execute(rows.order_by(Post.id, Duty.id))]


def _made(session: Session, span: Span) -> defaultdict[int, list[tuple[date, int]]]:
    days = Patrol.patrolled_on.between(span.start - _LONGEST, span.end)
    rows = select(Patrol.post_id, Patrol.patrolled_on, func.count()).where(Patrol.verdict == COUNTED, days)
    found: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    for post_id, day, n in session.execute(rows.group_by(Patrol.post_id, Patrol.patrolled_on)):
        found[post_id or 0].append((day, n))
    return found


def _periods(duty: Duty, span: Span, today: date) -> Iterator[tuple[date, date]]:
    """The periods of a duty that ended in the span and before today."""
    start, end = bounds(duty.period, span.start)
    while end <= span.end and end < today:
        if end >= span.start and duty.valid_from <= end and (duty.valid_to is None or duty.valid_to >= start):
            yield start, end
        start, end = bounds(duty.period, end + timedelta(days=1))


def _share(post: Post, duty: Duty, start: date, end: date) -> int:
    first = max(start, post.valid_from, duty.valid_from)
    last = min(day for day in (end, post.valid_to, duty.valid_to) if day)
    days, whole = (last - first).days + 1, (end - start).days + 1
    return max(0, (2 * duty.times * days + whole) // (2 * whole))


def _street(post: Post) -> str:
    return post.area_code if post.level == "district" else post.area_code[:9]
