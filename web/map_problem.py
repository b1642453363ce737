"""One problem on the live map (一张图的问题): what it is, where it stands, its steps."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request

from locales import say
from locales.problems import type_word
from models.area import Area
from models.problem import Problem, ProblemStep
from services import audit, grid, map_problem, problem_clock, problem_people, problem_rule, problem_step
from web.map_session import MapPage, Visit, seen, visit


def map_problem_routes(page: MapPage) -> APIRouter:
    """A problem is found by the visitor's areas alone: 404 for any other."""
    router = APIRouter(prefix="/map/data")

    @router.get("/problems/{number}")
    def problem(request: Request, number: str) -> dict[str, Any]:
        with visit(page, request) as visitor:
            found = map_problem.find(visitor.session, visitor.person, visitor.today, number)
            # What was asked for is not noted where it is nobody's: it can be any text.
            if found is None:
                raise HTTPException(404)
            object_, street, shown = f"problem:{found.number}", found.street_code, _record(page, visitor, found)
        seen(page, visitor, "problem.viewed", object_, street, audit.DONE)
        return shown

    return router


def _record(page: MapPage, visitor: Visit, found: Problem) -> dict[str, Any]:
    session, language = visitor.session, visitor.language
    label = problem_rule.labels(session).get(found.type_code, found.type_code)
    return {
        "number": found.number, "type": type_word(language, label), "place": _place(visitor, found),
        "severity": say(language, f"problem.severity.{found.severity}"),
        "state": say(language, f"problem.state.{found.state}"), "found_on": found.found_on.isoformat(),
        "due": _moment(page, found.due_at) if found.due_at else None,
        "overdue": problem_clock.is_overdue(found, page.clock()), "lon": found.lon, "lat": found.lat,
        "steps": [_step(page, visitor, one) for one in problem_step.history(session, found.id)],
    }  # fmt: skip


def _place(visitor: Visit, found: Problem) -> str | None:
    if found.grid_version_id:
        return " · ".join(one for one in grid.names(visitor.session, found.grid_version_id) if one)
    area = visitor.session.get(Area, found.area_code or found.street_code or "")
    return area.name if area else None


def _step(page: MapPage, visitor: Visit, one: ProblemStep) -> dict[str, Any]:
    what = say(visitor.language, f"problem.did.{one.action}")
    return {"at": _moment(page, one.taken_at), "what": what, "by": _by(visitor, one.account_id), "why": one.why}


def _by(visitor: Visit, account_id: int | None) -> str | None:
    who = problem_people.called(visitor.session, account_id)
    if who is None:
        return None
    if who.what == "office":
        return say(visitor.language, "problem.office_of", area=who.name)
    return who.name or say(visitor.language, f"unit.kind.{who.kind}")


def _moment(page: MapPage, at: datetime) -> str:
    return at.astimezone(page.zone).strftime("%Y-%m-%d %H:%M")
