"""What was owed and what was done (任务完成), by street and level: rates with both their numbers, never by person."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.dates import the_least
from models.policy import Duty
from rules.duty import Stretch, bounds, stretch_on
from rules.level import COUNTED_LEVELS
from services import duty as duties
from services.owing import Only, owing
from services.summary import Span

LEVELS = tuple(level.value for level in COUNTED_LEVELS)


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

    A post that began or ended inside a period owes its share; more than was owed in a period makes up for no other.
    """
    owed: Counter[tuple[str, str]] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    for duty in duties.listed(session):
        for stretch in _ended(duty, span, today):
            for street, level, asked, made in _sums(session, duty, stretch, area):
                owed[street, level] += asked
                done[street, level] += made
    rows = [Fulfilled(*key, owed[key], done[key]) for key in owed if owed[key]]
    return sorted(rows, key=lambda row: (row.street_code, LEVELS.index(row.level)))


def _ended(duty: Duty, span: Span, today: date) -> Iterator[Stretch]:
    """The stretches of a duty whose period ended in the span and before today."""
    rule, day = duties.rule_of(duty), span.start
    while day <= span.end:
        stretch = stretch_on(rule, day)
        end = stretch.end if stretch else _end_of(duty, day)
        if stretch and span.start <= end <= span.end and end < today:
            yield stretch
        day = end + timedelta(days=1)


def _end_of(duty: Duty, day: date) -> date:
    # Outside its season a duty has no period to step over.
    return day if duty.period == "season" else bounds(duty.period, day)[1]


def _sums(session: Session, duty: Duty, stretch: Stretch, area: Area) -> list[tuple[str, str, int, int]]:
    held = owing(session, duty, stretch, stretch.closes_on, Only(area.code))
    made = the_least(held.c.done, held.c.owed, type_=held.c.owed.type)
    street = func.coalesce(held.c.street_code, held.c.area_code)
    query = select(street, held.c.level, func.sum(held.c.owed), func.sum(made)).where(held.c.owed > 0)
    return [
        (code, level, int(n), int(m)) for code, level, n, m in session.execute(query.group_by(street, held.c.level))
    ]
