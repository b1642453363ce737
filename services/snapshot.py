"""Snapshots (公布): a summary is frozen when it is published, and today's figures are explained against it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.area import Area
from models.meeting import Meeting
from models.patrol import Patrol, PatrolEvent
from models.snapshot import Snapshot
from rules.evidence import COUNTED
from services import annual, audit, summary, tally
from services.count import UNASSIGNED
from services.summary import LEVELS, Figures, Span

LATE, NEW, OTHER = "late", "new", "other"
_DECIDES = ("voided", "accepted", "withdrawn", "photo_added")
"""Of several changes to a patrol, what somebody did names the cause, and not what followed from it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much one cause changed the figure of a level (or `meetings`), and the patrols behind it."""

    cause: str
    """`late`, `new`, `withdrawn`, `voided`, `accepted`, `photo_added`, `judged_again`, or `other`: what no patrol
    explains, such as a changed roster or division."""
    level: str
    n: int
    numbers: tuple[str, ...] = ()


def publish(
    session: Session, span: Span, area: Area, zone: ZoneInfo, now: datetime, account_id: int | None
) -> Snapshot:
    """Freeze the summary of a period and an area as it is now."""
    figures = {
        **summary.figures(session, span, area, zone, now), "policies": annual.policies(session, span),
    }  # fmt: skip
    snapshot = Snapshot(
        area_code=area.code, start_on=span.start, end_on=span.end, figures=figures, digest=digest_of(figures),
        published_at=now, account_id=account_id, last_patrol_id=_last(session, Patrol),
        last_event_id=_last(session, PatrolEvent), last_meeting_id=_last(session, Meeting),
    )  # fmt: skip
    session.add(snapshot)
    session.flush()
    who = audit.by_account(account_id)
    audit.note(session, who, "summary.published", f"snapshot:{snapshot.id}", area.code, audit.DONE, now)
    return snapshot


def latest(session: Session, span: Span, area: Area) -> Snapshot | None:
    """What was published last for the same period and area."""
    same = (Snapshot.area_code == area.code, Snapshot.start_on == span.start, Snapshot.end_on == span.end)
    return session.scalars(select(Snapshot).where(*same).order_by(Snapshot.id.desc()).limit(1)).first()


def is_intact(snapshot: Snapshot) -> bool:
    """Whether the figures are those that were published."""
    return digest_of(snapshot.figures) == snapshot.digest


def digest_of(figures: Figures) -> str:
    """SHA-256 of the figures, whatever the order of their keys."""
    text = json.dumps(figures, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(session: Session, snapshot: Snapshot, now_figures: Figures) -> list[Difference]:
    """What changed the figures since they were published; the sum over a level is the whole difference."""
    found: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for cause, level, n, number in _changes(session, snapshot):
        found[cause, level].append((n, number))
    rows = [
        Difference(cause, level, sum(n for n, _ in each), tuple(number for _, number in each if number))
        for (cause, level), each in found.items()
    ]
    return sorted([*rows, *_unexplained(snapshot, now_figures, rows)], key=_order)


def _changes(session: Session, snapshot: Snapshot) -> Iterator[tuple[str, str, int, str]]:
    area = session.get_one(Area, snapshot.area_code)
    here = tally.patrols_in(session, Span(snapshot.start_on, snapshot.end_on), area)
    yield from _recorded_since(session, snapshot, here)
    yield from _changed_since(session, snapshot, here)
    if snapshot.figures["meetings"] is not None:
        yield from _meetings_since(session, snapshot)


def _recorded_since(session: Session, snapshot: Snapshot, here: Any) -> Iterator[tuple[str, str, int, str]]:
    rows = select(Patrol).where(*here, Patrol.id > snapshot.last_patrol_id, Patrol.verdict == COUNTED)
    for patrol in session.scalars(rows.order_by(Patrol.id)):
        late = patrol.patrolled_at <= snapshot.published_at
        yield LATE if late else NEW, patrol.level or UNASSIGNED, 1, patrol.number


def _changed_since(session: Session, snapshot: Snapshot, here: Any) -> Iterator[tuple[str, str, int, str]]:
    rows = (
        select(Patrol, PatrolEvent)
        .join(PatrolEvent, PatrolEvent.patrol_id == Patrol.id)
        .where(*here, Patrol.id <= snapshot.last_patrol_id, PatrolEvent.id > snapshot.last_event_id)
        .order_by(Patrol.id, PatrolEvent.id)
    )
    events: defaultdict[int, list[PatrolEvent]] = defaultdict(list)
    patrols: dict[int, Patrol] = {}
    for patrol, event in session.execute(rows):
        patrols[patrol.id] = patrol
        events[patrol.id].append(event)
    for patrol_id, each in events.items():
        n = (patrols[patrol_id].verdict == COUNTED) - (each[0].before == COUNTED)
        if n:
            yield _cause(each), patrols[patrol_id].level or UNASSIGNED, n, patrols[patrol_id].number


def _cause(events: list[PatrolEvent]) -> str:
    moved = [event.what for event in events if event.before != event.after]
    return next((what for what in reversed(moved) if what in _DECIDES), moved[-1])


def _meetings_since(session: Session, snapshot: Snapshot) -> Iterator[tuple[str, str, int, str]]:
    held = select(Meeting).where(
        Meeting.area_code == snapshot.area_code, Meeting.held_on.between(snapshot.start_on, snapshot.end_on)
    )
    for meeting in session.scalars(held):
        is_new = meeting.id > snapshot.last_meeting_id
        if is_new and meeting.voided_at is None:
            yield LATE if meeting.held_at <= snapshot.published_at else NEW, "meetings", 1, ""
        elif not is_new and meeting.voided_at is not None and meeting.voided_at >= snapshot.published_at:
            yield "withdrawn", "meetings", -1, ""


def _unexplained(snapshot: Snapshot, now: Figures, rows: list[Difference]) -> Iterator[Difference]:
    then = snapshot.figures
    for level in LEVELS:
        rest = now["counted"][level] - then["counted"][level] - sum(row.n for row in rows if row.level == level)
        if rest:
            yield Difference(OTHER, level, rest)
    if then["meetings"] is not None:
        rest = now["meetings"] - then["meetings"] - sum(row.n for row in rows if row.level == "meetings")
        if rest:
            yield Difference(OTHER, "meetings", rest)


def _order(row: Difference) -> tuple[int, str]:
    levels = [*LEVELS, "meetings", UNASSIGNED]
    return levels.index(row.level), row.cause


def _last(session: Session, table: type[Patrol] | type[PatrolEvent] | type[Meeting]) -> int:
    return session.scalar(select(func.max(table.id))) or 0
