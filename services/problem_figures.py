"""Figures of problems (问题统计): reported, closed, how quickly, overdue; by type, area, month; with their records."""

from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Chief
from models.grid import GridCommunity, GridVersion
from models.problem import Problem
from rules.problem_flow import OPEN, State
from services import problem_rule
from services.count import UNASSIGNED
from services.summary import Figures, Span, streets_of

GROUPS = ("type", "street", "month")


def figures(session: Session, span: Span, area: Area, now: datetime) -> Figures:
    """The problems found in a period and what became of them until now; withdrawn ones are left out.

    `closed` of `reported` is the rate. `median_close_s` is the median from report to closing, waiting included.
    `overdue` are those closed after their deadline, and those open past it whose clock runs.
    """
    found = listed(session, span, area)
    names, streets = problem_rule.labels(session), streets_of(session, area)
    by_type = _grouped(found, lambda one: one.type_code, now)
    by_street = _grouped(found, lambda one: one.street_code or UNASSIGNED, now)
    by_month = _grouped(found, lambda one: one.found_on.strftime("%Y-%m"), now)
    return {
        "from": span.start.isoformat(), "to": span.end.isoformat(), **_row(found, now),
        "by_type": {code: {"name": names.get(code, code), **by_type[code]} for code in _largest(by_type)},
        "by_street": {
            code: {"name": streets.get(code), **by_street.get(code, _row([], now))}
            for code in [*streets, *([UNASSIGNED] if UNASSIGNED in by_street else [])]
        },
        "by_month": {month: by_month.get(month, _row([], now)) for month in span.months()},
    }  # fmt: skip


def listed(session: Session, span: Span, area: Area) -> Sequence[Problem]:
    """The problems behind the figures, in the order in which they were found."""
    rows = select(Problem).where(Problem.found_on.between(span.start, span.end), within(area))
    stands = rows.where(Problem.withdrawn_at.is_(None))
    return session.scalars(stands.order_by(Problem.found_on, Problem.id)).all()


def records(session: Session, span: Span, area: Area, zone: ZoneInfo, now: datetime) -> list[dict[str, Any]]:
    """The same as rows of a table, with the names that they carry."""
    names, streets = problem_rule.labels(session), streets_of(session, area)
    found = listed(session, span, area)
    chiefs = dict(session.execute(select(Chief.id, Chief.name)).all()) if found else {}
    grids = dict(session.execute(select(GridVersion.id, GridVersion.name)).all()) if found else {}
    return [
        {
            "number": one.number, "at": one.found_at.astimezone(zone), "type": names.get(one.type_code, one.type_code),
            "severity": one.severity, "state": one.state, "street": streets.get(one.street_code or ""),
            "grid": grids.get(one.grid_version_id or 0), "chief": chiefs.get(one.chief_id),
            "due": one.due_at.astimezone(zone) if one.due_at else None,
            "closed": one.closed_at.astimezone(zone) if one.closed_at else None,
            "late": is_late(one, now), "note": one.note,
        }
        for one in found
    ]  # fmt: skip


def within(area: Area) -> ColumnElement[bool]:
    """The condition of the problems of an area; of a community those in the grids that serve it."""
    if area.level == "community":
        served = select(GridCommunity.grid_version_id).where(GridCommunity.community_code == area.code)
        return Problem.grid_version_id.in_(served)
    here = Problem.street_code.startswith(area.code)
    if area.level == "street":
        return here
    return or_(here, Problem.street_code.is_(None) & func.coalesce(Problem.area_code, area.code).startswith(area.code))


def is_late(one: Problem, now: datetime) -> bool:
    """Whether a problem was closed after its deadline, or is open past it and waits for nobody."""
    if one.due_at is None:
        return False
    if one.closed_at is not None:
        return one.closed_at > one.due_at
    return one.state in OPEN and one.paused_at is None and one.due_at <= now


def _grouped(found: Sequence[Problem], key: Callable[[Problem], str], now: datetime) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Problem]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return {name: _row(some, now) for name, some in groups.items()}


def _row(found: Sequence[Problem], now: datetime) -> dict[str, Any]:
    took = [int((one.closed_at - one.reported_at).total_seconds()) for one in found if one.closed_at]
    closed = sum(one.state == State.CLOSED for one in found)
    return {
        "reported": len(found), "closed": closed, "open": sum(one.state in OPEN for one in found),
        "rate": round(closed / len(found), 4) if found else None,
        "median_close_s": int(median(took)) if took else None,
        "overdue": sum(is_late(one, now) for one in found),
    }  # fmt: skip


def _largest(rows: dict[str, dict[str, Any]]) -> list[str]:
    return sorted(rows, key=lambda code: (-rows[code]["reported"], code))
