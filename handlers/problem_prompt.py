"""Prompts of a report (上报提示): what kind, what it holds so far, and the one button that hands it in."""

from collections.abc import Sequence

from handlers import patrol_words, problem_words
from handlers.talk import Talk
from locales.problems import type_word
from models.draft import Draft
from models.message import Button, Reply
from rules.localtime import local_date
from rules.problem_clock import SEVERITIES
from services import draft, problem_draft, problem_rule

_IN_A_ROW = 2


def ask_type(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """发现了什么问题? With a way on for whoever would rather send words or a photo."""
    buttons = types(talk, opened, "problem.type")
    enough = problem_draft.has_something(talk.session, opened)
    send = (talk.button("problem.submit", opened.id),) if enough else ()
    last = (*send, talk.button("patrol.cancel", opened.id, "danger"))
    text = "\n".join([*patrol_words.held(talk, opened), talk.say("problem.which")])
    return [Reply(text, (*buttons, last), draft_id=opened.id)]


def types(talk: Talk, opened: Draft, do: str) -> tuple[tuple[Button, ...], ...]:
    """The kinds of problems of the catalogue, as buttons."""
    today = local_date(talk.now, talk.zone)
    found = problem_rule.types_on(talk.session, today)
    return rows([
        Button(type_word(talk.language, one.name or one.code), do, f"{opened.id}:{one.code}")
        for one in found
    ])  # fmt: skip


def prompt(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """What the report holds, and what may still be sent; it can be handed in as soon as it says anything."""
    if not problem_draft.has_something(talk.session, opened):
        return ask_type(talk, opened)
    lines = [*_kind(talk, opened), *patrol_words.held(talk, opened), _ask(talk, opened)]
    send = talk.button("problem.submit", opened.id, "primary")
    kind = "problem.types" if opened.problem_code is None else "problem.severities"
    rest = (talk.button(kind, opened.id), talk.button("patrol.cancel", opened.id, "danger"))
    grid = ((talk.button("patrol.choose_grid", opened.id),),) if patrol_words.without_position(talk, opened) else ()
    return [Reply("\n".join(lines), ((send,), rest, *grid), draft_id=opened.id)]


def ask_severity(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """改紧急程度: which."""
    buttons = [
        Button(problem_words.within(talk, one), "problem.severity", f"{opened.id}:{one}")
        for one in SEVERITIES
    ]  # fmt: skip
    return [Reply(talk.say("problem.which_severity"), rows(buttons), draft_id=opened.id)]


def severity_of(talk: Talk, opened: Draft) -> str:
    """The urgency that was chosen, else that of the type."""
    today = local_date(talk.now, talk.zone)
    kind = problem_rule.type_on(talk.session, opened.problem_code or problem_rule.OTHER, today)
    return opened.problem_severity or kind.severity


def rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    """Buttons, two in a row."""
    return tuple(tuple(buttons[n : n + _IN_A_ROW]) for n in range(0, len(buttons), _IN_A_ROW))


def _kind(talk: Talk, opened: Draft) -> list[str]:
    if opened.problem_code is None:
        return []
    label = problem_rule.labels(talk.session).get(opened.problem_code, opened.problem_code)
    severity = problem_words.within(talk, severity_of(talk, opened))
    return [talk.say("problem.noted", type=type_word(talk.language, label), severity=severity)]


def _ask(talk: Talk, opened: Draft) -> str:
    located = draft.location_of(talk.session, opened) is not None or opened.grid_version_id is not None
    located = located or opened.found_on_patrol_id is not None
    if located and draft.photos_in(talk.session, opened):
        return talk.say("problem.ask_nothing")
    return talk.say("problem.ask_photo" if located else "problem.ask_both")
