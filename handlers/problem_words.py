"""How a problem is worded (问题用语): its card, whose turn it is, how long there is left, and the buttons."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from handlers.talk import Talk
from locales import say
from locales.problems import span, type_word
from models.area import Area
from models.chief import Chief
from models.message import Button
from models.problem import Problem, ProblemStep
from models.unit import Unit
from rules.localtime import local_date
from rules.problem_flow import Action, Role, State, may
from services import grid, problem_draft, problem_people, problem_rule, problem_step
from services.problem_people import Called

_IN_A_ROW = 2
_SHOWN_OF_A_NOTE = 80
_FIRST = (Action.ACCEPT, Action.ASSIGN, Action.RECTIFY, Action.VERIFY, Action.CLOSE)
"""What leads on; it stands first."""
_BY_NO_BUTTON = {Action.REPORT, Action.ADD}


def kind(session: Session, language: str, problem: Problem) -> str:
    """The word for the kind of one problem."""
    return type_word(language, problem_rule.labels(session).get(problem.type_code, problem.type_code))


def name_of(language: str, who: Called | None) -> str:
    """What somebody is called: a chief by name, an office by its area, a unit by its name or kind."""
    if who is None:
        return say(language, "problem.somebody")
    if who.what == "office":
        return say(language, "problem.office_of", area=who.name)
    if who.what == "unit":
        return who.name or say(language, f"unit.kind.{who.kind}")
    return who.name


def unit_name(language: str, unit: Unit) -> str:
    """What a unit is called."""
    return name_of(language, problem_people.called_unit(unit))


def place(session: Session, language: str, problem: Problem) -> str:
    """Where a problem lies, as narrow as it is known."""
    if problem.grid_version_id:
        street, name = grid.names(session, problem.grid_version_id)
        return say(language, "problem.place", street=street, grid=name)
    area = session.get(Area, problem.area_code or problem.street_code or "")
    return say(language, "problem.place_unsure", area=area.name) if area else say(language, "problem.place_unknown")


def head(session: Session, language: str, problem: Problem) -> str:
    """Number, kind and urgency in one line."""
    urgency = say(language, f"problem.severity.{problem.severity}")
    return say(language, "problem.head", number=problem.number, type=kind(session, language, problem), severity=urgency)


def time_left(language: str, problem: Problem, now: datetime) -> str:
    """How long there is left, or by how much it is overdue."""
    if problem.paused_at is not None:
        return say(language, "problem.paused")
    if problem.due_at is None:
        return say(language, "problem.no_deadline")
    seconds = (problem.due_at - now).total_seconds()
    key = "problem.left" if seconds > 0 else "problem.late"
    return say(language, key, span=span(language, abs(seconds)))


def within(talk: Talk, severity: str) -> str:
    """An urgency with how soon it is to be dealt with, by the rule of today."""
    word = talk.say(f"problem.severity.{severity}")
    row = problem_rule.deadline_on(talk.session, severity, local_date(talk.now, talk.zone))
    if row is None:
        return word
    return talk.say("problem.within", severity=word, span=talk.say(f"problem.{row.counts}", n=row.amount))


def line(session: Session, language: str, problem: Problem, now: datetime) -> str:
    """A problem in a list."""
    state = say(language, f"problem.state.{problem.state}")
    running = problem.state not in {State.RETURNED, State.CLOSED, State.WITHDRAWN}
    return say(
        language, "problem.line", head=head(session, language, problem), state=state,
        left=time_left(language, problem, now) if running else "–",
    )  # fmt: skip


def card(session: Session, language: str, problem: Problem, zone: ZoneInfo, now: datetime) -> str:
    """All that somebody who must act wants to know."""
    finder = problem_people.called(session, problem.account_id)
    before, after = (len(problem_step.photos_of(session, problem.id, is_after=one)) for one in (False, True))
    heard = len(problem_draft.recordings_of(session, problem))
    lines = [
        head(session, language, problem),
        say(
            language, "problem.found", place=place(session, language, problem), who=name_of(language, finder),
            when=moment(problem.found_at, zone),
        ),
        *([say(language, "problem.note", note=_short(problem.note))] if problem.note else []),
        *([say(language, "problem.photos", before=before, after=after)] if before or after else []),
        *([say(language, "problem.recordings", n=heard)] if heard else []),
        _stands(session, language, problem, now),
    ]  # fmt: skip
    return "\n".join(lines)


def buttons(talk_language: str, problem: Problem, roles: Sequence[Role]) -> tuple[tuple[Button, ...], ...]:
    """What somebody may do now: what leads on stands first and alone; the table says all of it."""
    allowed = may(State(problem.state), roles, problem.paused_at is not None)
    actions = [one for one in allowed if one not in _BY_NO_BUTTON]
    first = [one for one in actions if one in _FIRST]
    rest = [_button(talk_language, problem, one) for one in actions if one not in _FIRST]
    look = Button(say(talk_language, "problem.do.history"), "problem.history", str(problem.id))
    rows = [tuple(_button(talk_language, problem, one, "primary") for one in first)] if first else []
    more = [*rest, look]
    return (*rows, *(tuple(more[n : n + _IN_A_ROW]) for n in range(0, len(more), _IN_A_ROW)))


def step_assignee(talk: Talk, step: ProblemStep) -> str:
    """To whom a step gave a problem."""
    if step.unit_id:
        return talk.say("problem.to", who=unit_name(talk.language, talk.session.get_one(Unit, step.unit_id)))
    chief = talk.session.get_one(Chief, step.assigned_chief_id)
    return talk.say("problem.to", who=chief.name)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """An instant without its year, as people say it."""
    return at.astimezone(zone).strftime("%m-%d %H:%M")


def at_office(talk: Talk, problem: Problem) -> str:
    """The office that a problem is handled by."""
    area = talk.session.get(Area, problem.street_code or (problem.area_code or "")[:6])
    return talk.say("problem.office_of", area=area.name if area else "")


def _button(language: str, problem: Problem, action: Action, style: str = "plain") -> Button:
    # 退回 of somebody who was assigned means: not ours.
    label = say(language, f"problem.do.{action.value}")
    return Button(label, "problem.press", f"{problem.id}:{problem.version}:{action.value}", style)


def _stands(session: Session, language: str, problem: Problem, now: datetime) -> str:
    state = say(language, f"problem.state.{problem.state}")
    who = problem_people.assigned_to(session, problem)
    if problem.state in {State.CLOSED, State.WITHDRAWN, State.RETURNED}:
        return say(language, "problem.stands", state=state)
    left = time_left(language, problem, now)
    if who is None:
        return say(language, "problem.stands_left", state=state, left=left)
    order = say(language, "problem.order", number=problem.order_number) if problem.order_number else ""
    return say(language, "problem.stands_with", state=state, who=name_of(language, who), order=order, left=left)


def _short(note: str | None) -> str:
    text = " ".join((note or "").split())
    return text if len(text) <= _SHOWN_OF_A_NOTE else f"{text[:_SHOWN_OF_A_NOTE]}…"
