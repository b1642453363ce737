"""Steps of a problem (办理): taken as the table allows; of two people who press at once, one wins."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.message import Location, Message
from models.photo import Photo
from models.problem import Problem, ProblemPhoto, ProblemStep
from rules.problem_clock import SEVERITIES
from rules.problem_flow import FLOW, OPEN, Action, Need, Role, State, replayed, role_for
from services import audit, problem, problem_clock
from services.refused import Refused

MOST_REASON = 200
MOST_ORDER = 60


class Overtaken(Refused):
    """Somebody else was quicker: their step is told, with who and when."""

    def __init__(self, number: str, step: ProblemStep) -> None:
        super().__init__("problem.overtaken", number=number)
        self.step = step


@dataclass(frozen=True, slots=True)
class Act:
    """A step that somebody wants to take on a problem as they saw it (`version`)."""

    problem_id: int
    version: int
    action: Action
    roles: Sequence[Role]
    account_id: int | None = None
    inbox_id: int | None = None
    why: str | None = None
    unit_id: int | None = None
    chief_id: int | None = None
    order_number: str | None = None
    severity: str | None = None
    photos: Sequence[tuple[int, str | None]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken."""

    problem: Problem
    step: ProblemStep


def act(session: Session, wanted: Act, zone: ZoneInfo, now: datetime) -> Taken:
    """Take a step; raises `Overtaken` where somebody was quicker, `Refused` where the table does not allow it."""
    found = fresh(session, wanted.problem_id)
    if found.version != wanted.version:
        raise Overtaken(found.number, latest(session, found.id))
    before = State(found.state)
    role = role_for(before, wanted.action, wanted.roles)
    if role is None:
        raise Refused("problem.not_now", number=found.number)
    move = FLOW[before, wanted.action, role]
    _check(session, found, wanted, move.needs)
    _claim(session, found, wanted.version, move.after)
    _apply(session, found, wanted, before, zone, now)
    step = ProblemStep(
        problem_id=found.id, serial=wanted.version + 1, taken_at=now, account_id=wanted.account_id, role=role.value,
        action=wanted.action.value, before=before.value, after=move.after.value, why=wanted.why,
        unit_id=wanted.unit_id, assigned_chief_id=wanted.chief_id, order_number=wanted.order_number,
        severity=wanted.severity, inbox_id=wanted.inbox_id,
    )  # fmt: skip
    session.add(step)
    session.flush()
    problem.keep_photos(session, found.id, step.id, wanted.photos, is_after=wanted.action == Action.RECTIFY)
    who = audit.by_account(wanted.account_id) if wanted.account_id else audit.HOUSE
    audit.note(session, who, f"problem.{step.action}", f"problem:{found.number}", found.street_code, step.after, now)
    return Taken(found, step)


def fresh(session: Session, problem_id: int) -> Problem:
    """A problem as it stands now, whatever was read before; raises `Refused` where there is none."""
    rows = select(Problem).where(Problem.id == problem_id).execution_options(populate_existing=True)
    found = session.scalars(rows).first()
    if found is None:
        raise Refused("problem.unknown")
    return found


def latest(session: Session, problem_id: int) -> ProblemStep:
    """The last step of a problem."""
    rows = select(ProblemStep).where(ProblemStep.problem_id == problem_id).order_by(ProblemStep.serial.desc())
    return session.scalars(rows.limit(1)).one()


def history(session: Session, problem_id: int) -> Sequence[ProblemStep]:
    """The steps of a problem, oldest first."""
    rows = select(ProblemStep).where(ProblemStep.problem_id == problem_id)
    return session.scalars(rows.order_by(ProblemStep.serial)).all()


def state_of_history(session: Session, problem_id: int) -> State:
    """The state that the steps lead to; raises `ValueError` where the table does not allow one of them."""
    return replayed(
        (Action(step.action), Role(step.role), State(step.before) if step.before else None, State(step.after))
        for step in history(session, problem_id)
    )


def differences(session: Session) -> list[str]:
    """The numbers of the problems whose history does not lead to their state."""
    found = []
    for one in session.scalars(select(Problem).order_by(Problem.id)):
        try:
            right = state_of_history(session, one.id) == one.state and latest(session, one.id).serial == one.version
        except ValueError:
            right = False
        found += [] if right else [one.number]
    return found


def photos_of(session: Session, problem_id: int, *, is_after: bool) -> Sequence[Photo]:
    """The photos of a problem before or after it was put right, oldest first."""
    rows = select(Photo).join(ProblemPhoto, ProblemPhoto.photo_id == Photo.id)
    here = (ProblemPhoto.problem_id == problem_id, ProblemPhoto.is_after.is_(is_after))
    return session.scalars(rows.where(*here).order_by(ProblemPhoto.id)).all()


def more_photos(session: Session, step_id: int, photos: Sequence[tuple[int, str | None]]) -> ProblemStep:
    """Photos that belong to a step that was just taken."""
    step = session.get_one(ProblemStep, step_id)
    is_after = step.action == Action.RECTIFY
    problem.keep_photos(session, step.problem_id, step.id, photos, is_after=is_after)
    return step


def step_of_album(session: Session, account_id: int, group_id: str) -> int | None:
    """The step that other photos of an album came with."""
    rows = select(ProblemPhoto.step_id).join(ProblemStep, ProblemStep.id == ProblemPhoto.step_id)
    same = rows.where(ProblemPhoto.group_id == group_id, ProblemStep.account_id == account_id)
    return session.scalar(same.order_by(ProblemPhoto.id).limit(1))


def add(session: Session, found: Problem, said: Message, given: "Given", zone: ZoneInfo, now: datetime) -> Taken:
    """Add what the finder sends after the report: photos, words, a position; it leaves a step."""
    why = said.text or None
    wanted = Act(
        found.id, found.version, Action.ADD, (Role.FINDER,), given.account_id, said.inbox_id, why, photos=given.photos
    )  # fmt: skip
    taken = act(session, wanted, zone, now)
    if given.location:
        problem.place_at(session, taken.problem, given.location)
    if why:
        taken.problem.note = f"{taken.problem.note}\n{why}" if taken.problem.note else why
    return taken


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody sends for a problem that is there."""

    account_id: int
    photos: Sequence[tuple[int, str | None]] = field(default_factory=tuple)
    location: Location | None = None


def _claim(session: Session, found: Problem, version: int, after: State) -> None:
    """The conditional update: nobody else has taken a step since."""
    session.flush()
    t = Problem.__table__.c
    claimed = (
        update(Problem.__table__)  # type: ignore[arg-type]
        .where(t.id == found.id, t.version == version, t.state == found.state)
        .values(version=version + 1, state=after.value)
    )
    if session.connection().execute(claimed).rowcount != 1:
        raise Overtaken(found.number, latest(session, found.id))
    session.refresh(found)


def _check(session: Session, found: Problem, wanted: Act, needs: frozenset[Need]) -> None:
    why = " ".join((wanted.why or "").split())
    if Need.REASON in needs and not why:
        raise Refused("problem.why_missing")
    if len(why) > MOST_REASON and wanted.action != Action.ADD:
        raise Refused("problem.why_too_long", most=MOST_REASON)
    if Need.PHOTO in needs and not wanted.photos:
        raise Refused("problem.photo_missing")
    if Need.SEVERITY in needs and wanted.severity not in SEVERITIES:
        raise Refused("chat.button_unknown")
    waiting = found.paused_at is not None
    if (Need.RUNNING in needs and waiting) or (Need.WAITING in needs and not waiting):
        raise Refused("problem.not_now", number=found.number)
    if Need.UNIT in needs:
        _check_assignee(session, wanted)


def _check_assignee(session: Session, wanted: Act) -> None:
    if (wanted.unit_id is None) == (wanted.chief_id is None):
        raise Refused("problem.unit_missing")
    unit = problem.unit_of(session, wanted.unit_id) if wanted.unit_id else None
    if unit and unit.needs_order and not (wanted.order_number or "").strip():
        raise Refused("problem.order_missing")
    if len(wanted.order_number or "") > MOST_ORDER:
        raise Refused("problem.order_too_long", most=MOST_ORDER)


def _apply(session: Session, found: Problem, wanted: Act, before: State, zone: ZoneInfo, now: datetime) -> None:
    after = State(found.state)
    if wanted.action in {Action.ASSIGN, Action.TRANSFER}:
        found.unit_id, found.assigned_chief_id = wanted.unit_id, wanted.chief_id
        found.order_number = wanted.order_number
    elif wanted.action == Action.SEND_BACK and after == State.ACCEPTED:
        found.unit_id = found.assigned_chief_id = found.order_number = None
    if wanted.action == Action.PAUSE:
        problem_clock.pause(found, now)
    elif wanted.action == Action.RESUME or (after != before and after in OPEN):
        # Whoever goes on waits no more.
        problem_clock.resume(session, found, zone, now)
    if wanted.action == Action.GRADE and wanted.severity:
        problem_clock.grade(session, found, wanted.severity, zone)
    if wanted.action == Action.REOPEN:
        found.closed_at = None
        found.unit_id = found.assigned_chief_id = found.order_number = None
        problem_clock.again(session, found, zone, now)
    if wanted.action == Action.RECTIFY:
        found.rectified_at = now
    if after not in OPEN:
        problem_clock.stop(found)
    found.closed_at = now if after == State.CLOSED else found.closed_at
    found.withdrawn_at = now if after == State.WITHDRAWN else found.withdrawn_at
