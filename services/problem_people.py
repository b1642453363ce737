"""Who has to do with a problem (问题的相关人): in which roles somebody acts, whose turn it is, what they are called."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.account import Account, Office
from models.area import Area
from models.chief import Chief
from models.problem import Problem
from models.unit import Unit
from rules.problem_flow import ENDED, Role, State
from services import unit
from services.person import Person, offices_of

_DISTRICT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody by what they are here: `chief`, `office` or `unit` with a name; a unit without one by its `kind`."""

    what: str
    name: str
    kind: str = ""


def roles_of(session: Session, person: Person, problem: Problem) -> list[Role]:
    """In which roles a person may act on a problem."""
    found = []
    if _is_assignee(session, person, problem):
        found.append(Role.ASSIGNEE)
    for code in person.offices:
        if _covers(code, problem):
            found.append(Role.DISTRICT if len(code) <= _DISTRICT_DIGITS else Role.STREET)
    if person.chief and person.chief.id == problem.chief_id:
        found.append(Role.FINDER)
    return list(dict.fromkeys(found))


def offices(session: Session, problem: Problem, level: str | None = None) -> Sequence[Account]:
    """The accounts of the office that handles it: its street's, else its district's; or those of one level."""
    for one in [level] if level else ["street", "district"]:
        if found := _office_accounts(session, problem, one):
            return found
    return []


def finder(session: Session, problem: Problem) -> Sequence[Account]:
    """The account that reported it, where it can be spoken to."""
    found = session.get(Account, problem.account_id) if problem.account_id else None
    return [found] if found and found.blocked_at is None else []


def assignees(session: Session, problem: Problem) -> Sequence[Account]:
    """The accounts of whom it is assigned to; none where the office enters what a unit did."""
    if problem.unit_id:
        return unit.accounts(session, problem.unit_id)
    if problem.assigned_chief_id is None:
        return []
    spoke = func.coalesce(Account.spoke_at, Account.created_at).desc()
    rows = select(Account).where(Account.chief_id == problem.assigned_chief_id, Account.blocked_at.is_(None))
    return session.scalars(rows.order_by(spoke, Account.id.desc()).limit(1)).all()


def whose_turn(session: Session, problem: Problem) -> Sequence[Account]:
    """Who must act now: the finder of a returned one, whom it is assigned to, else the office."""
    if problem.state in ENDED:
        return []
    if problem.state == State.RETURNED:
        return finder(session, problem)
    if problem.state == State.ASSIGNED and (found := assignees(session, problem)):
        return found
    return offices(session, problem)


def called(session: Session, account_id: int | None) -> Called | None:
    """How an account is called: as the chief, the office or the unit that it is."""
    account = session.get(Account, account_id) if account_id else None
    if account is None:
        return None
    if account.chief_id:
        return Called("chief", session.get_one(Chief, account.chief_id).name)
    codes = offices_of(session, account.channel, account.user_id)
    if codes:
        return Called("office", session.get_one(Area, codes[0]).name)
    units = unit.of_account(session, account.channel, account.user_id)
    return called_unit(session.get_one(Unit, units[0])) if units else None


def called_unit(found: Unit) -> Called:
    """How a unit is called."""
    return Called("unit", found.name or "", found.kind)


def assigned_to(session: Session, problem: Problem) -> Called | None:
    """To whom a problem is assigned."""
    if problem.unit_id:
        return called_unit(session.get_one(Unit, problem.unit_id))
    if problem.assigned_chief_id:
        return Called("chief", session.get_one(Chief, problem.assigned_chief_id).name)
    return None


def _is_assignee(session: Session, person: Person, problem: Problem) -> bool:
    if problem.assigned_chief_id is not None:
        return person.chief is not None and person.chief.id == problem.assigned_chief_id
    if problem.unit_id is None or person.account is None:
        return False
    return problem.unit_id in unit.of_account(session, person.account.channel, person.account.user_id)


def _covers(code: str, problem: Problem) -> bool:
    if problem.street_code:
        return problem.street_code.startswith(code)
    # Without a street only the district's office can tell where it belongs.
    return len(code) <= _DISTRICT_DIGITS and (problem.area_code or code).startswith(code)


def _office_accounts(session: Session, problem: Problem, level: str) -> Sequence[Account]:
    code = problem.street_code or problem.area_code or ""
    if level == "street" and problem.street_code is None:
        return []
    wanted = code[:9] if level == "street" else code[:_DISTRICT_DIGITS]
    same = (Account.channel == Office.channel) & (Account.user_id == Office.user_id)
    held = select(Office.id).where(same, Office.removed_at.is_(None), Office.area_code == wanted)
    here = select(Account).where(held.exists(), Account.blocked_at.is_(None))
    return session.scalars(here.order_by(Account.id)).all()
