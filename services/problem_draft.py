"""A report in the making (上报中的问题): parts as a patrol's draft collects them, until it is handed in."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.draft import Draft, Part
from models.message import Location, Message
from models.patrol import Patrol
from models.problem import Problem
from models.recording import Recording
from services import draft, problem, problem_rule
from services.problem import Report
from services.refused import Refused

KIND = "problem"


def open_new(session: Session, account: Account, chief_id: int, now: datetime, patrol_id: int | None = None) -> Draft:
    """A new draft of a report; `patrol_id` names the submitted patrol on which it was found."""
    made = Draft(
        account_id=account.id, chief_id=chief_id, kind=KIND, opened_at=now, due_at=now + draft.WORDS_WAIT_FOR,
        found_on_patrol_id=patrol_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def has_something(session: Session, opened: Draft) -> bool:
    """Whether a report says more than that there is one: a type, words, a photo, a position or a recording."""
    said = any(part.kind != "opened" for part in draft.parts_of(session, opened))
    return said or opened.problem_code is not None or _has_recording(session, opened)


def hands_itself_in(session: Session, opened: Draft) -> bool:
    """Whether it may be handed in by itself: a type alone may be a slip of the finger, all else is a report."""
    return draft.submits_itself(session, opened) or _has_recording(session, opened)


def submit(session: Session, opened: Draft, inbox_id: int, zone: ZoneInfo, now: datetime) -> Problem:
    """Make a problem of a draft; raises `Refused` where it was handed in or dropped before, or is empty."""
    if not has_something(session, opened):
        raise Refused("problem.empty")
    _claim(session, opened)
    parts = draft.parts_of(session, opened)
    found_on = session.get(Patrol, opened.found_on_patrol_id) if opened.found_on_patrol_id else None
    location = draft.location_of(session, opened)
    own = None if location is None or location.forwarded else location
    made = problem.report(
        session,
        Report(
            opened.chief_id, parts[0].inbox_id if parts else inbox_id, parts[0].sent_at if parts else now,
            opened.problem_code or problem_rule.OTHER, opened.problem_severity, opened.account_id,
            own or _place_of(found_on), opened.grid_version_id or (found_on.grid_version_id if found_on else None),
            draft.notes_in(session, opened) or None, _photos(parts), opened.found_on_patrol_id,
        ),
        zone, now,
    )  # fmt: skip
    opened.problem_id = made.id
    for part in parts:
        part.problem_id = made.id
    draft.end_prompts(session, opened)
    return made


def with_patrol(session: Session, opened: Draft, patrol_id: int, zone: ZoneInfo, now: datetime) -> Problem | None:
    """The problem that was found on a patrol just submitted; None where there was none."""
    if opened.problem_code is None:
        # Most patrols: nothing is read back, or a round's drafts would be written one by one.
        return None
    recorded = session.get_one(Patrol, patrol_id)
    parts = draft.parts_of(session, opened)
    made = problem.report(
        session,
        Report(
            opened.chief_id, recorded.inbox_id, recorded.patrolled_at, opened.problem_code, opened.problem_severity,
            opened.account_id, _place_of(recorded), recorded.grid_version_id, recorded.note, _photos(parts),
            recorded.id,
        ),
        zone, now,
    )  # fmt: skip
    opened.problem_id = made.id
    return made


def new_photos(session: Session, message: Message) -> list[tuple[int, str | None]]:
    """Keep the photos of a message; gives their ids with their album."""
    return [(photo.id, message.group_id) for photo in draft.kept_photos(session, message)]


def answered(session: Session, message: Message) -> Problem | None:
    """The problem whose receipt or notice a message answers."""
    found = draft.answered(session, message)
    return session.get(Problem, found.problem_id) if found and found.problem_id else None


def recordings_of(session: Session, found: Problem) -> Sequence[Recording]:
    """The voice messages and videos that came with a report."""
    drafts = select(Draft.id).where(Draft.problem_id == found.id)
    return session.scalars(select(Recording).where(Recording.draft_id.in_(drafts)).order_by(Recording.id)).all()


def _claim(session: Session, opened: Draft) -> None:
    session.flush()
    t = Draft.__table__.c
    claimed = (
        update(Draft.__table__)  # type: ignore[arg-type]
        .where(t.id == opened.id, t.state.in_(("open", "expired")))
        .values(state="submitted")
    )
    if session.connection().execute(claimed).rowcount != 1:
        raise Refused("draft.closed")
    session.refresh(opened)


def _has_recording(session: Session, opened: Draft) -> bool:
    return session.scalar(select(Recording.id).where(Recording.draft_id == opened.id).limit(1)) is not None


def _place_of(patrol: Patrol | None) -> Location | None:
    if patrol is None or patrol.lon is None or patrol.lat is None or patrol.forwarded:
        return None
    return Location(patrol.lon, patrol.lat, patrol.accuracy_m)


def _photos(parts: Sequence[Part]) -> tuple[tuple[int, str | None], ...]:
    return tuple((part.photo_id, part.group_id) for part in parts if part.photo_id)
