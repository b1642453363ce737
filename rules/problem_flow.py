"""The problem flow (问题闭环): who may do what in which state, what it needs, and where it leads. One table.

上报 → 受理 → 交办 → 整改 → 核查 → 销号, with 退回, 重开, 转办, 督办 (DOMAIN: problems, referral, urgency).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a problem stands."""

    REPORTED = "reported"
    """待受理"""
    RETURNED = "returned"
    """退回给上报人"""
    ACCEPTED = "accepted"
    """待交办"""
    ASSIGNED = "assigned"
    """整改中"""
    RECTIFIED = "rectified"
    """待核查"""
    VERIFIED = "verified"
    """待销号"""
    CLOSED = "closed"
    """已销号"""
    WITHDRAWN = "withdrawn"
    """上报人撤回"""


class Action(StrEnum):
    """What is done to a problem."""

    REPORT = "report"
    ACCEPT = "accept"
    ASSIGN = "assign"
    TRANSFER = "transfer"
    RECTIFY = "rectify"
    VERIFY = "verify"
    CLOSE = "close"
    SEND_BACK = "send_back"
    REOPEN = "reopen"
    SUPERVISE = "supervise"
    GRADE = "grade"
    PAUSE = "pause"
    RESUME = "resume"
    ADD = "add"
    WITHDRAW = "withdraw"


class Role(StrEnum):
    """In which capacity somebody acts; of several the first one that may is noted."""

    ASSIGNEE = "assignee"
    """The unit or the chief that it is assigned to."""
    STREET = "street"
    """The forest chief office of its street."""
    DISTRICT = "district"
    """The forest chief office of its district."""
    FINDER = "finder"
    """The chief who reported it."""


class Need(StrEnum):
    """What a step cannot be taken without."""

    UNIT = "unit"
    """A unit or a chief; with the unit's order number where it keeps one."""
    SEVERITY = "severity"
    REASON = "reason"
    PHOTO = "photo"
    RUNNING = "running"
    """The clock runs."""
    WAITING = "waiting"
    """The clock is paused."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where an action leads, and what it needs."""

    after: State
    needs: frozenset[Need] = frozenset()


_OFFICES = (Role.STREET, Role.DISTRICT)
_ALL = (Role.ASSIGNEE, *_OFFICES)
_S, _A, _N = State, Action, Need
_ROWS: tuple[tuple[State, Action, tuple[Role, ...], State, tuple[Need, ...]], ...] = (
    (_S.REPORTED, _A.ACCEPT, _OFFICES, _S.ACCEPTED, ()),
    (_S.REPORTED, _A.SEND_BACK, _OFFICES, _S.RETURNED, (_N.REASON,)),
    (_S.REPORTED, _A.GRADE, _OFFICES, _S.REPORTED, (_N.SEVERITY,)),
    (_S.REPORTED, _A.SUPERVISE, (Role.DISTRICT,), _S.REPORTED, (_N.REASON,)),
    (_S.REPORTED, _A.ADD, (Role.FINDER,), _S.REPORTED, ()),
    (_S.REPORTED, _A.WITHDRAW, (Role.FINDER,), _S.WITHDRAWN, ()),
    (_S.RETURNED, _A.REOPEN, (*_OFFICES, Role.FINDER), _S.REPORTED, (_N.REASON,)),
    (_S.RETURNED, _A.ADD, (Role.FINDER,), _S.RETURNED, ()),
    (_S.RETURNED, _A.WITHDRAW, (Role.FINDER,), _S.WITHDRAWN, ()),
    (_S.ACCEPTED, _A.ASSIGN, _OFFICES, _S.ASSIGNED, (_N.UNIT,)),
    (_S.ACCEPTED, _A.GRADE, _OFFICES, _S.ACCEPTED, (_N.SEVERITY,)),
    (_S.ACCEPTED, _A.PAUSE, _OFFICES, _S.ACCEPTED, (_N.RUNNING, _N.REASON)),
    (_S.ACCEPTED, _A.RESUME, _OFFICES, _S.ACCEPTED, (_N.WAITING,)),
    (_S.ACCEPTED, _A.SUPERVISE, (Role.DISTRICT,), _S.ACCEPTED, (_N.REASON,)),
    (_S.ACCEPTED, _A.ADD, (Role.FINDER,), _S.ACCEPTED, ()),
    (_S.ASSIGNED, _A.RECTIFY, _ALL, _S.RECTIFIED, (_N.PHOTO,)),
    (_S.ASSIGNED, _A.SEND_BACK, _ALL, _S.ACCEPTED, (_N.REASON,)),
    (_S.ASSIGNED, _A.TRANSFER, _OFFICES, _S.ASSIGNED, (_N.UNIT, _N.REASON)),
    (_S.ASSIGNED, _A.GRADE, _OFFICES, _S.ASSIGNED, (_N.SEVERITY,)),
    (_S.ASSIGNED, _A.PAUSE, _ALL, _S.ASSIGNED, (_N.RUNNING, _N.REASON)),
    (_S.ASSIGNED, _A.RESUME, _ALL, _S.ASSIGNED, (_N.WAITING,)),
    (_S.ASSIGNED, _A.SUPERVISE, (Role.DISTRICT,), _S.ASSIGNED, (_N.REASON,)),
    (_S.ASSIGNED, _A.ADD, (Role.FINDER,), _S.ASSIGNED, ()),
    (_S.RECTIFIED, _A.VERIFY, _OFFICES, _S.VERIFIED, ()),
    (_S.RECTIFIED, _A.SEND_BACK, _OFFICES, _S.ASSIGNED, (_N.REASON,)),
    (_S.RECTIFIED, _A.SUPERVISE, (Role.DISTRICT,), _S.RECTIFIED, (_N.REASON,)),
    (_S.RECTIFIED, _A.ADD, (Role.FINDER,), _S.RECTIFIED, ()),
    (_S.VERIFIED, _A.CLOSE, _OFFICES, _S.CLOSED, ()),
    (_S.VERIFIED, _A.SEND_BACK, _OFFICES, _S.ASSIGNED, (_N.REASON,)),
    (_S.VERIFIED, _A.SUPERVISE, (Role.DISTRICT,), _S.VERIFIED, (_N.REASON,)),
    (_S.VERIFIED, _A.ADD, (Role.FINDER,), _S.VERIFIED, ()),
    (_S.CLOSED, _A.REOPEN, (*_OFFICES, Role.FINDER), _S.ACCEPTED, (_N.REASON,)),
)
FLOW: dict[tuple[State, Action, Role], Move] = {
    (state, action, role): Move(after, frozenset(needs))
    for state, action, roles, after, needs in _ROWS
    for role in roles
}
"""The table; what does not stand in it is not done."""

OPEN = frozenset({State.REPORTED, State.ACCEPTED, State.ASSIGNED, State.RECTIFIED, State.VERIFIED})
"""Somebody other than the finder must act: the clock runs."""
ENDED = frozenset({State.CLOSED, State.WITHDRAWN})


def may(state: State, roles: Iterable[Role], waiting: bool) -> list[Action]:
    """What somebody in these roles may do, in the order of the table; `waiting` says that the clock is paused."""
    held = set(roles)
    barred = Need.RUNNING if waiting else Need.WAITING
    found = {
        action: None
        for (at, action, role), move in FLOW.items()
        if at == state and role in held and barred not in move.needs
    }
    return list(found)


def role_for(state: State, action: Action, roles: Iterable[Role]) -> Role | None:
    """The first of these roles in which the action may be taken."""
    held = set(roles)
    return next((role for role in Role if role in held and (state, action, role) in FLOW), None)


def replayed(steps: Iterable[tuple[Action, Role, State | None, State]]) -> State:
    """The state that a history leads to; raises `ValueError` for a step that the table does not allow."""
    state: State | None = None
    for action, role, before, after in steps:
        if state is None:
            allowed = action == Action.REPORT and before is None and after == State.REPORTED
        else:
            move = FLOW.get((state, action, role))
            allowed = before == state and move is not None and move.after == after
        if not allowed:
            raise ValueError(f"{action} by {role} leads from {state} to {after}")
        state = after
    if state is None:
        raise ValueError("no report")
    return state
