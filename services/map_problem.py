"""Problems on the live map (一张图上的问题): where they lie, and how many are open in each grid."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.problem import Problem
from rules.problem_flow import OPEN
from services import map_division, problem_clock, problem_figures, problem_rule, scope
from services.map_grid import Asked, streets_around
from services.person import Person


def open_by_grid(session: Session, asked: Asked) -> Counter[int]:
    """How many problems are open now in each grid of the division that is shown."""
    placed = map_division.placing(session, streets_around(session, asked.area), asked.division)
    here = (problem_figures.within(asked.area), Problem.state.in_([state.value for state in OPEN]))
    found: Counter[int] = Counter()
    for one in session.execute(select(Problem.grid_version_id, Problem.lon, Problem.lat).where(*here)):
        under = placed.index.at(one.lon, one.lat) if one.lon is not None and one.lat is not None else None
        grid_id = under.id if under else placed.whole.get(one.grid_version_id)
        found.update([grid_id] if grid_id else [])
    return found


def points(session: Session, asked: Asked, now: datetime) -> list[dict[str, Any]]:
    """The problems of an area found in a period, as the figures count them; WGS-84, None without a position."""
    names = problem_rule.labels(session)
    return [
        {
            "number": one.number, "type": names.get(one.type_code, one.type_code), "severity": one.severity,
            "state": one.state, "found_on": one.found_on.isoformat(), "overdue": problem_clock.is_overdue(one, now),
            "street_code": one.street_code, "lon": one.lon, "lat": one.lat,
        }
        for one in problem_figures.listed(session, asked.span, asked.area)
    ]  # fmt: skip


def find(session: Session, person: Person, day: date, number: str) -> Problem | None:
    """The problem of a number in the areas that a person may see on a local date; None also where there is none."""
    here = or_(*(problem_figures.within(area) for area in scope.top_areas(session, person, day)))
    return session.scalars(select(Problem).where(Problem.number == number.upper(), here)).first()
