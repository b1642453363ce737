"""Snapshots (公布): a summary is frozen when it is published, and today's figures are explained against it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models.area import Area
from models.meeting import Meeting
from models.patrol import Patrol, PatrolEvent
from models.snapshot import Snapshot
from rules.evidence import COUNTED
from services import annual, audit, rebook, summary
from services.count import UNASSIGNED
from services.summary import LEVELS, Figures, Span

LATE, NEW, AREA_MOVED, OTHER = "late", "new", "area_moved", "other"
_DECIDES = ("voided", "accepted", "withdrawn", "photo_added", *rebook.CAUSES)
"""Of several changes to a patrol, what somebody did names the cause, and not what followed from it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much one cause changed the figure of a level (or `meetings`), and the patrols behind it."""

    cause: str
    """`late`, `new`, `withdrawn`, `voided`, `accepted`, `photo_added`, `judged_again`, `roster_changed`,
    `grids_changed`, `policy_changed`, `area_moved` (a street that joined or left), or `other`: what no patrol explains,
    which is kept counts that are wrong."""
    level: str
    n: int
    numbers: tuple[str, ...] = ()
    patrols: tuple[int, ...] = ()
    """Their ids."""


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
    found: defaultdict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for cause, level, n, id_, number in _changes(session, snapshot, now_figures):
        found[cause, level].append((n, id_, number))
    rows = [
        Difference(cause, level, sum(n for n, _, _ in each), *_behind(each)) for (cause, level), each in found.items()
    ]
    return sorted([*rows, *_unexplained(snapshot, now_figures, rows)], key=_order)


def patrols_behind(rows: Sequence[Difference], cause: str) -> list[int]:
    """The ids of the patrols of a cause, newest first, whatever their levels."""
    return sorted({id_ for row in rows if row.cause == cause for id_ in row.patrols}, reverse=True)


Change = tuple[str, str, int, int, str]
"""Cause, level, by how much, and the patrol's id and receipt number (0 and "" for a meeting)."""


def _behind(each: Sequence[tuple[int, int, str]]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    own = sorted({(id_, number) for _, id_, number in each if number})
    return tuple(number for _, number in own), tuple(id_ for id_, _ in own)


def _changes(session: Session, snapshot: Snapshot, now_figures: Figures) -> Iterator[Change]:
    ground = _Ground.of(session, snapshot, now_figures)
    yield from _recorded_since(session, snapshot, ground)
    seen: set[int] = set()
    for patrol, events in _changed_since(session, snapshot, ground):
        seen.add(patrol.id)
        yield from _of_patrol(patrol, events, ground)
    yield from _moved_areas(session, snapshot, ground, seen)
    if snapshot.figures["meetings"] is not None:
        yield from _meetings_since(session, snapshot)


@dataclass(frozen=True, slots=True)
class _Ground:
    """The days of a snapshot, and the streets that its area held when it was published and holds now."""

    during: ColumnElement[bool]
    then: frozenset[str | None]
    now: frozenset[str | None]

    @classmethod
    def of(cls, session: Session, snapshot: Snapshot, now_figures: Figures) -> "_Ground":
        area = session.get_one(Area, snapshot.area_code)
        # What belongs to no street is the district's, then and now, though a table without any does not list it.
        nowhere: set[str | None] = {None} if area.level == "district" else set()
        then, now = (set(one["by_street"]) - {UNASSIGNED} for one in (snapshot.figures, now_figures))
        during = Patrol.patrolled_on.between(snapshot.start_on, snapshot.end_on)
        return cls(during, frozenset(then | nowhere), frozenset(now | nowhere))

    def within(self, streets: Set[str | None]) -> ColumnElement[bool]:
        """The condition of the patrols of some streets."""
        return func.coalesce(Patrol.street_code, UNASSIGNED).in_([street or UNASSIGNED for street in streets])


@dataclass(frozen=True, slots=True)
class _State:
    """How a patrol stood at some moment."""

    verdict: str
    level: str | None
    street: str | None

    def under(self, streets: Set[str | None]) -> str | None:
        """The level under which it counted in some streets, or None where it did not count in them."""
        counts = self.verdict == COUNTED and self.level in LEVELS and self.street in streets
        return self.level if counts else None


def _recorded_since(session: Session, snapshot: Snapshot, ground: _Ground) -> Iterator[Change]:
    rows = select(Patrol).where(ground.during, ground.within(ground.now), Patrol.id > snapshot.last_patrol_id)
    for patrol in session.scalars(rows.where(Patrol.verdict == COUNTED).order_by(Patrol.id)):
        late = patrol.patrolled_at <= snapshot.published_at
        yield from _step(patrol, LATE if late else NEW, None, _now(patrol).under(ground.now))


def _changed_since(session: Session, snapshot: Snapshot, ground: _Ground) -> Iterator[tuple[Patrol, list[PatrolEvent]]]:
    # A patrol that left the area is asked for with all its events: what came before it left counts too.
    since = PatrolEvent.id > snapshot.last_event_id
    moved = select(PatrolEvent.patrol_id).where(since, PatrolEvent.moved.is_not(None))
    here = or_(ground.within(ground.then | ground.now), Patrol.id.in_(moved))
    rows = (
        select(Patrol, PatrolEvent)
        .join(PatrolEvent, PatrolEvent.patrol_id == Patrol.id)
        .where(ground.during, here, Patrol.id <= snapshot.last_patrol_id, since)
        .order_by(Patrol.id, PatrolEvent.id)
    )
    for _, each in groupby(session.execute(rows), key=lambda row: row[0].id):
        pairs = list(each)
        yield pairs[0][0], [event for _, event in pairs]


def _of_patrol(patrol: Patrol, events: Sequence[PatrolEvent], ground: _Ground) -> Iterator[Change]:
    """What changed for one patrol: by its events over the streets of then, and by the streets that moved."""
    states = _states(patrol, events)
    levels = [state.under(ground.then) for state in states]
    if levels[0] != levels[-1]:
        moving = [event.what for event, (a, b) in zip(events, pairwise(levels), strict=True) if a != b]
        cause = next((what for what in reversed(moving) if what in _DECIDES), moving[-1])
        yield from _step(patrol, cause, levels[0], levels[-1])
    yield from _step(patrol, AREA_MOVED, levels[-1], states[-1].under(ground.now))


def _states(patrol: Patrol, events: Sequence[PatrolEvent]) -> list[_State]:
    """How a patrol stood before its first event and after each of them."""
    states = [_now(patrol)]
    for event in reversed(events):
        moved, after = event.moved or {}, states[0]
        level, street = (moved.get(name, [now])[0] for name, now in (("level", after.level), ("street", after.street)))
        states.insert(0, _State(event.before, level, street))
    return states


def _now(patrol: Patrol) -> _State:
    return _State(patrol.verdict, patrol.level, patrol.street_code)


def _step(patrol: Patrol, cause: str, before: str | None, after: str | None) -> Iterator[Change]:
    if before == after:
        return
    for level, n in ((before, -1), (after, 1)):
        if level:
            yield cause, level, n, patrol.id, patrol.number


def _moved_areas(session: Session, snapshot: Snapshot, ground: _Ground, seen: Set[int]) -> Iterator[Change]:
    """The patrols, otherwise unchanged, of streets that belong to the area no more, or only now."""
    moved = ground.then ^ ground.now
    if not moved:
        return
    rows = select(Patrol).where(ground.during, ground.within(moved), Patrol.id <= snapshot.last_patrol_id)
    for patrol in session.scalars(rows.where(Patrol.verdict == COUNTED).order_by(Patrol.id)):
        if patrol.id not in seen:
            state = _now(patrol)
            yield from _step(patrol, AREA_MOVED, state.under(ground.then), state.under(ground.now))


def _meetings_since(session: Session, snapshot: Snapshot) -> Iterator[Change]:
    held = select(Meeting).where(
        Meeting.area_code == snapshot.area_code, Meeting.held_on.between(snapshot.start_on, snapshot.end_on)
    )
    for meeting in session.scalars(held):
        is_new = meeting.id > snapshot.last_meeting_id
        if is_new and meeting.voided_at is None:
            yield LATE if meeting.held_at <= snapshot.published_at else NEW, "meetings", 1, 0, ""
        elif not is_new and meeting.voided_at is not None and meeting.voided_at >= snapshot.published_at:
            yield "withdrawn", "meetings", -1, 0, ""


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
