"""Problems (问题): reporting one, finding them again, and what is open where."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models.emergency import Emergency
from models.grid import GridVersion
from models.message import Location
from models.problem import Problem, ProblemPhoto, ProblemStep
from models.unit import Unit
from rules.localtime import local_date
from rules.problem_flow import OPEN, Action, Role, State
from services import audit, grid, problem_clock, problem_rule, unit
from services.person import Person
from services.post import posts_on
from services.receipt import next_problem_number
from services.refused import Refused


@dataclass(frozen=True, slots=True)
class Report:
    """A problem as it is handed in; `photos` are ids with the album of each."""

    chief_id: int
    inbox_id: int
    found_at: datetime
    type_code: str
    severity: str | None = None
    account_id: int | None = None
    location: Location | None = None
    chosen_grid: int | None = None
    note: str | None = None
    photos: tuple[tuple[int, str | None], ...] = ()
    patrol_id: int | None = None
    emergency_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    grid_version_id: int | None
    street_code: str | None
    area_code: str | None


def report(session: Session, given: Report, zone: ZoneInfo, now: datetime) -> Problem:
    """Write a problem with its number, its first step and its clock."""
    day = local_date(given.found_at, zone)
    kind = problem_rule.type_on(session, given.type_code, day)
    place = _place(session, given, day)
    where = given.location
    made = Problem(
        number=next_problem_number(session, day.year), type_code=given.type_code,
        severity=given.severity or kind.severity, state=State.REPORTED.value, version=1, chief_id=given.chief_id,
        account_id=given.account_id, patrol_id=given.patrol_id, emergency_id=given.emergency_id,
        inbox_id=given.inbox_id, grid_version_id=place.grid_version_id, street_code=place.street_code,
        area_code=place.area_code, lon=where.lon if where else None, lat=where.lat if where else None,
        accuracy_m=where.accuracy_m if where else None, note=given.note, found_at=given.found_at, found_on=day,
        reported_at=now, clock_at=now, paused_s=0,
    )  # fmt: skip
    problem_clock.start(session, made, now, zone)
    session.add(made)
    session.flush()
    first = ProblemStep(
        problem_id=made.id, serial=1, taken_at=now, account_id=given.account_id, role=Role.FINDER.value,
        action=Action.REPORT.value, before=None, after=State.REPORTED.value, inbox_id=given.inbox_id,
    )  # fmt: skip
    session.add(first)
    session.flush()
    keep_photos(session, made.id, first.id, given.photos, is_after=False)
    who = audit.by_account(given.account_id) if given.account_id else f"chief:{given.chief_id}"
    audit.note(session, who, "problem.report", f"problem:{made.number}", made.street_code, made.state, now)
    return made


def keep_photos(
    session: Session, problem_id: int, step_id: int, photos: Sequence[tuple[int, str | None]], *, is_after: bool
) -> None:
    """Keep photos with the step that they came with."""
    session.add_all(
        ProblemPhoto(problem_id=problem_id, step_id=step_id, photo_id=photo, is_after=is_after, group_id=group)
        for photo, group in photos
    )
    session.flush()


def place_at(session: Session, problem: Problem, location: Location) -> None:
    """Give a problem the position that came after its report."""
    given = Report(problem.chief_id, problem.inbox_id, problem.found_at, problem.type_code, location=location)
    place = _place(session, given, problem.found_on)
    problem.lon, problem.lat, problem.accuracy_m = location.lon, location.lat, location.accuracy_m
    problem.grid_version_id = place.grid_version_id
    problem.street_code = place.street_code or problem.street_code


def of_emergency(session: Session, emergency_id: int) -> Counter[str]:
    """How many problems of each type were reported in an emergency (应急), withdrawn ones left out."""
    rows = select(Problem.type_code, func.count()).where(Problem.emergency_id == emergency_id)
    stands = rows.where(Problem.withdrawn_at.is_(None)).group_by(Problem.type_code)
    return Counter(dict(session.execute(stands).all()))


def just_before(session: Session, emergency: Emergency, chief_id: int, code: str, since: datetime) -> Problem | None:
    """What the same chief reported in an emergency a moment ago: a second tap is no second tree."""
    same = (Problem.emergency_id == emergency.id, Problem.chief_id == chief_id, Problem.type_code == code)
    rows = select(Problem).where(*same, Problem.reported_at > since, Problem.withdrawn_at.is_(None))
    return session.scalars(rows.order_by(Problem.id.desc())).first()


def by_number(session: Session, person: Person, number: str) -> Problem:
    """The problem of a number; raises `Refused` for one that this person has nothing to do with, as for none."""
    same = func.upper(Problem.number) == number.strip().upper()
    found = session.scalars(select(Problem).where(same, visible(session, person))).first()
    if found is None:
        raise Refused("problem.unknown")
    return found


def seen_by(session: Session, person: Person, problem_id: int) -> Problem:
    """A problem as it stands now; raises `Refused` for one that this person has nothing to do with, as for none."""
    rows = select(Problem).where(Problem.id == problem_id, visible(session, person))
    found = session.scalars(rows.execution_options(populate_existing=True)).first()
    if found is None:
        raise Refused("problem.unknown")
    return found


def visible(session: Session, person: Person) -> ColumnElement[bool]:
    """The condition of the problems that a person may see: of the offices' areas, reported by or assigned to them."""
    own: list[ColumnElement[bool]] = []
    for code in person.offices:
        own.append(Problem.street_code.startswith(code))
        if len(code) <= 6:
            own.append(Problem.street_code.is_(None) & func.coalesce(Problem.area_code, code).startswith(code))
    if person.chief:
        own += [Problem.chief_id == person.chief.id, Problem.assigned_chief_id == person.chief.id]
    if person.account:
        own.append(Problem.unit_id.in_(unit.of_account(session, person.account.channel, person.account.user_id)))
    return or_(*own, Problem.id.is_(None))


def unfinished(session: Session, person: Person, found_by: int | None = None) -> Sequence[Problem]:
    """The problems that a person may see and that are not at their end, those first that are due first.

    `found_by` is a chief: only what they reported.
    """
    rows = select(Problem).where(_not_ended(), visible(session, person))
    rows = rows.where(Problem.chief_id == found_by) if found_by else rows
    return session.scalars(rows.order_by(Problem.due_at.is_(None), Problem.due_at, Problem.id)).all()


def acts_for_unit(session: Session, person: Person) -> bool:
    """Whether somebody acts for a unit (承办单位)."""
    who = person.account
    return who is not None and bool(unit.of_account(session, who.channel, who.user_id))


def open_in(session: Session, grid_codes: Collection[str]) -> dict[str, Counter[str]]:
    """The open problems of some grids: how many of each type (by `problem_rule.labels`), by the code of the grid."""
    rows = (
        select(GridVersion.code, Problem.type_code, func.count())
        .join(GridVersion, GridVersion.id == Problem.grid_version_id)
        .where(GridVersion.code.in_(grid_codes), Problem.state.in_([state.value for state in OPEN]))
        .group_by(GridVersion.code, Problem.type_code)
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    counted = session.execute(rows).all() if grid_codes else []
    names = problem_rule.labels(session) if counted else {}
    for code, kind, n in counted:
        found[code][names.get(kind, kind)] += n
    return found


def open_in_area(session: Session, area_code: str, now: datetime) -> tuple[int, int]:
    """How many problems of an area are open, and how many of those are overdue."""
    here = func.coalesce(Problem.street_code, Problem.area_code).startswith(area_code)
    rows = select(Problem.due_at, Problem.paused_at).where(here, Problem.state.in_([state.value for state in OPEN]))
    found = session.execute(rows).all()
    return len(found), sum(due is not None and paused is None and due <= now for due, paused in found)


def unit_of(session: Session, unit_id: int) -> Unit:
    """A unit by its id; raises `Refused` where there is none."""
    found = session.get(Unit, unit_id)
    if found is None:
        raise Refused("chat.button_unknown")
    return found


def _not_ended() -> ColumnElement[bool]:
    # As the index has it.
    return Problem.closed_at.is_(None) & Problem.withdrawn_at.is_(None)


def _place(session: Session, given: Report, day: date) -> _Place:
    """The grid under the position, whoever's it is; without one that which was chosen, or the finder's only one."""
    posts = posts_on(session, given.chief_id, day)
    area = posts[0].area_code if posts else None
    index = grid.division_on(session, day)
    if given.location and (here := index.at(given.location.lon, given.location.lat)):
        return _Place(here.id, here.street_code, area)
    if given.location is None and given.chosen_grid in index.all_ids:
        return _Place(given.chosen_grid, index.get(given.chosen_grid or 0).street_code, area)
    where = given.location
    booked = grid.book(session, posts, day, where.lon if where else None, where.lat if where else None)
    return _Place(None if where else booked.grid_version_id, booked.street_code or _street(area), area)


def _street(area: str | None) -> str | None:
    return area[:9] if area and len(area) >= 9 else None
