"""What is worth a look (值得一看): problems that were noted in the grids lately, and grids long not patrolled."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.among import among
from models.count import Count
from models.patrol import Patrol
from models.problem import Problem
from services import problem
from services.ground import Fact, Ground, Grounds, grids_of

PROBLEMS_OF = timedelta(days=60)
"""How long a problem that was only noted on a patrol is named: nobody handles it, so nothing closes it."""
_MOST_PROBLEMS = 3
UNSEEN_MONTHS = 2


def problems(session: Session, grounds: Grounds, today: date) -> dict[int, Fact]:
    """The kinds of problems that were noted most often in the grids of each reminder and that nobody handles."""
    noted = _noted(session, grids_of(grounds), today)
    return _listed("problems", grounds, lambda ground: noted.get(ground.id, Counter()))


def open_problems(session: Session, grounds: Grounds, today: date) -> dict[int, Fact]:
    """The kinds of problems that were reported in the grids of each reminder and are not closed."""
    opened = problem.open_in(session, {ground.code for some in grounds.values() for ground in some})
    return _listed("open_problems", grounds, lambda ground: opened.get(ground.code, Counter()))


def _listed(what: str, grounds: Grounds, of: Callable[[Ground], Counter[str]]) -> dict[int, Fact]:
    found = {}
    for reminder_id, some in grounds.items():
        kinds: Counter[str] = Counter()
        for ground in some:
            kinds += of(ground)
        if kinds:
            found[reminder_id] = Fact(what, listed=tuple(kinds.most_common(_MOST_PROBLEMS)))
    return found


def grids(session: Session, grounds: Grounds, today: date) -> dict[int, Fact]:
    """Of several grids the one that was longest not patrolled, where that is two months or more."""
    several = {reminder_id: some for reminder_id, some in grounds.items() if len(some) > 1}
    seen = _last_seen(session, {ground.street_code for some in several.values() for ground in some})
    oldest = {
        reminder_id: min(some, key=lambda ground: (seen.get(ground.id, ""), ground.id))
        for reminder_id, some in several.items()
    }
    long_ago = _month_before(today, UNSEEN_MONTHS)
    return {key: _unseen(one, seen.get(one.id)) for key, one in oldest.items() if seen.get(one.id, "") < long_ago}


def _unseen(ground: Ground, month: str | None) -> Fact:
    if month is None:
        return Fact("never_seen", {"grid": ground.name})
    return Fact("unseen_since", {"grid": ground.name, "month": month})


def _noted(session: Session, grids: set[int], today: date) -> dict[int, Counter[str]]:
    noted = (
        select(Patrol.grid_version_id, Patrol.problem_type, func.count())
        .where(among(session.get_bind().dialect.name, Patrol.grid_version_id, grids), Patrol.problem_type.is_not(None))
        .where(Patrol.patrolled_on >= today - PROBLEMS_OF, Patrol.verdict == "counted")
        .where(~select(Problem.id).where(Problem.patrol_id == Patrol.id).exists())
        .group_by(Patrol.grid_version_id, Patrol.problem_type)
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for grid, kind, n in session.execute(noted) if grids else ():
        found[grid or 0][kind or ""] += n
    return found


def _last_seen(session: Session, streets: set[str]) -> dict[int, str]:
    seen = (
        select(Count.grid_version_id, func.max(Count.month))
        .where(Count.street_code.in_(streets), Count.verdict == "counted", Count.n > 0)
        .group_by(Count.grid_version_id)
    )
    return dict(session.execute(seen).all()) if streets else {}


def _month_before(today: date, months: int) -> str:
    number = today.year * 12 + today.month - 1 - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
