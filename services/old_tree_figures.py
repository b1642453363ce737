"""Figures of old trees (古树统计): how many trees were seen (株), how often (株次), of how many on the list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.orm import Session

from models.area import Area
from models.old_tree import OldTree, OldTreeVisit
from models.patrol import Patrol
from services import old_tree
from services.old_tree import GRADES
from services.old_tree_visit import holds, last_seen
from services.summary import Span, streets_of

Figures = dict[str, Any]


def figures(session: Session, span: Span, area: Area, today: date) -> Figures:
    """`listed`, `seen`, `times` of an area in a period, whole, `by_grade`, `by_street` and `by_month`.

    `seen` counts each tree once however often it was seen (巡查株数), `times` each tree on each patrol (株次). A visit
    belongs to the street in which the tree stands. `listed` are the trees on the list now, whatever the period.
    """
    listed = old_tree.in_area(session, area, today)
    if not listed and not session.scalar(select(OldTreeVisit.id).limit(1)):
        return _nothing(session, span, area)
    here = _here(session, span, area, today)
    streets, grades = _by(session, OldTree.street_code, here), _by(session, OldTree.grade, here)
    month = func.substr(cast(Patrol.patrolled_on, Text), 1, 7)
    months = _by(session, month, here)
    whole = _by(session, None, here)[""]
    return {
        "listed": len(listed), "seen": whole[0], "times": whole[1],
        "by_grade": {one: _row(sum(t.grade == one for t in listed), grades.get(one)) for one in GRADES},
        "by_street": {
            code: {"name": name, **_row(sum(t.street_code == code for t in listed), streets.get(code))}
            for code, name in streets_of(session, _street_or_wider(session, area)).items()
        },
        "by_month": {one: _row(None, months.get(one)) for one in span.months()},
    }  # fmt: skip


def listing(session: Session, span: Span, area: Area, today: date) -> list[Figures]:
    """Every tree on the list of an area, with how often it was seen in the period and when last: the ledger's rows."""
    trees = old_tree.in_area(session, area, today)
    times = dict(_times(session, _here(session, span, area, today))) if trees else {}
    seen, names = last_seen(session) if trees else {}, streets_of(session, _street_or_wider(session, area))
    return [
        {
            "code": tree.code, "species": tree.species, "grade": tree.grade, "name": tree.name, "site": tree.site,
            "street": names.get(tree.street_code, tree.street_code), "times": times.get(tree.id, 0),
            "last_seen": seen.get(tree.id),
        }
        for tree in trees
    ]  # fmt: skip


def whole_list(session: Session) -> list[Figures]:
    """Every tree of the archive with its last visit, those that left the list too: what an export holds."""
    seen = last_seen(session)
    return [
        {
            "code": tree.code, "species": tree.species, "grade": tree.grade, "lon": tree.lon, "lat": tree.lat,
            "name": tree.name, "site": tree.site, "street_code": tree.street_code,
            "closed_on": tree.closed_on.isoformat() if tree.closed_on else None,
            "last_seen": seen[tree.id].isoformat() if tree.id in seen else None,
        }
        for tree in session.scalars(select(OldTree).order_by(OldTree.code))
    ]  # fmt: skip


def _nothing(session: Session, span: Span, area: Area) -> Figures:
    streets = streets_of(session, _street_or_wider(session, area))
    return {
        **_row(0, None), "by_grade": {one: _row(0, None) for one in GRADES},
        "by_street": {code: {"name": name, **_row(0, None)} for code, name in streets.items()},
        "by_month": {one: _row(None, None) for one in span.months()},
    }  # fmt: skip


def _row(listed: int | None, found: tuple[int, int] | None) -> Figures:
    seen, times = found or (0, 0)
    return {**({} if listed is None else {"listed": listed}), "seen": seen, "times": times}


def _street_or_wider(session: Session, area: Area) -> Area:
    # A community lies in one street.
    return session.get_one(Area, area.parent_code) if area.level == "community" else area


def _here(session: Session, span: Span, area: Area, today: date) -> Sequence[ColumnElement[bool]]:
    during = (holds(), Patrol.patrolled_on.between(span.start, span.end))
    if area.level == "community":
        return *during, OldTree.id.in_([tree.id for tree in old_tree.in_area(session, area, today)])
    return *during, OldTree.street_code.in_(list(streets_of(session, area)))


def _by(session: Session, key: Any, here: Sequence[ColumnElement[bool]]) -> dict[str, tuple[int, int]]:
    """Trees and visits by a column, or in all under the empty name."""
    named = (literal("", Text) if key is None else key).label("named")
    rows = select(named, func.count(OldTree.id.distinct()), func.count(OldTreeVisit.id)).where(*here)
    rows = _joined(rows)
    found = session.execute(rows if key is None else rows.group_by(named))
    return {str(name): (int(seen), int(times)) for name, seen, times in found}


def _times(session: Session, here: Sequence[ColumnElement[bool]]) -> list[tuple[int, int]]:
    rows = _joined(select(OldTree.id, func.count(OldTreeVisit.id)).where(*here)).group_by(OldTree.id)
    return [(id_, int(times)) for id_, times in session.execute(rows)]


def _joined(rows: Any) -> Any:
    visits = rows.select_from(OldTreeVisit).join(OldTree, OldTree.id == OldTreeVisit.tree_id)
    return visits.join(Patrol, Patrol.id == OldTreeVisit.patrol_id)
