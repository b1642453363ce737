"""A problem and its cast (问题与角色): finder, unit, offices of street and district, and the legal way to a state."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

from people import HOME, HU
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account
from models.engine import transaction
from models.message import Location
from models.photo import Photo
from models.problem import Problem
from rules.problem_flow import FLOW, Action, Need, Role, State
from services import office, person, problem, problem_people, problem_step, unit
from services.person import Person
from services.problem import Report
from services.problem_step import Act, Taken

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True)
class Cast:
    """Who has to do with the problems of a database; ids of their accounts, of the unit and of a photo."""

    accounts: dict[Role, int]
    finder_chief: int
    unit_id: int
    photo_id: int


def cast_in(engine: Engine) -> Cast:
    """One account for each role."""
    with transaction(engine) as session:
        found = person.chief_by_code(session, HU)
        assert found is not None
        accounts = {role: _account(session, role.value) for role in Role}
        session.get_one(Account, accounts[Role.FINDER]).chief_id = found.id
        office.add(session, "local", Role.STREET.value, "110102010", NOW)
        office.add(session, "local", Role.DISTRICT.value, "110102", NOW)
        crew = unit.add(session, "maintenance", "crew", "110102010", NOW, account=("local", Role.ASSIGNEE.value))
        photo = Photo(channel="local", chat_id="x", ref="x", state="checked", received_at=NOW, tries=0)
        session.add(photo)
        session.flush()
        return Cast(accounts, found.id, crew.id, photo.id)


def report(session: Session, cast: Cast, kind: str = "fallen_tree", now: datetime = NOW) -> Problem:
    """A new problem in 胡晓兰's grid."""
    given = Report(
        cast.finder_chief, -next(_numbers), now, kind, account_id=cast.accounts[Role.FINDER], location=Location(*HOME)
    )
    return problem.report(session, given, ZONE, now)


def at_state(session: Session, cast: Cast, state: State, now: datetime = NOW) -> Problem:
    """A problem that came to a state by legal steps."""
    made = report(session, cast, now=now)
    for action, role in path_to(state):
        step(session, cast, made, action, role, now)
    assert made.state == state
    return made


def step(
    session: Session, cast: Cast, found: Problem, action: Action, role: Role, now: datetime = NOW, version: int = 0
) -> Taken:
    """Take a step in a role with all that it may need, as the account of that role, whose roles the database tells."""
    needs = next((move.needs for (_, one, _), move in FLOW.items() if one == action and Need.PHOTO in move.needs), ())
    who = who_is(session, role)
    roles = problem_people.roles_of(session, who, found)
    wanted = Act(
        found.id, version or found.version, action, roles, cast.accounts[role], None, "because",
        unit_id=cast.unit_id if action in {Action.ASSIGN, Action.TRANSFER} else None,
        severity="hard" if action == Action.GRADE else None,
        photos=((new_photo(session), None),) if needs else (),
    )  # fmt: skip
    return problem_step.act(session, wanted, ZONE, now)


def new_photo(session: Session) -> int:
    """The id of a photo."""
    photo = Photo(channel="local", chat_id="x", ref="x", state="checked", received_at=NOW, tries=0)
    session.add(photo)
    session.flush()
    return photo.id


def who_is(session: Session, role: Role) -> Person:
    """The person of a role."""
    found = person.known(session, "local", role.value)
    assert found is not None
    return found


def path_to(state: State) -> list[tuple[Action, Role]]:
    """The shortest way to a state that the table knows."""
    ways: dict[State, list[tuple[Action, Role]]] = {State.REPORTED: []}
    waiting = deque([State.REPORTED])
    while waiting:
        here = waiting.popleft()
        for (before, action, role), move in FLOW.items():
            if before == here and move.after not in ways:
                ways[move.after] = [*ways[here], (action, role)]
                waiting.append(move.after)
    return ways[state]


def _account(session: Session, user: str) -> int:
    found = person.of_account(session, "local", user, user, NOW).account
    assert found is not None
    session.flush()
    return int(session.scalars(select(Account.id).where(Account.user_id == user)).one())
