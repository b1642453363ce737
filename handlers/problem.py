"""上报 (a problem): from the first word to its number; what is sent later joins it; it can be taken back."""

from collections.abc import Sequence
from datetime import date

from handlers import consent, problem_notice, problem_prompt, problem_words
from handlers.talk import Talk
from models.draft import Draft
from models.message import Button, Reply
from models.patrol import Patrol
from models.problem import Problem
from rules.localtime import local_date
from rules.problem_flow import State
from services import draft, outbox, patrol, problem, problem_draft, problem_rule
from services.refused import Refused

Replies = Sequence[Reply]


def begin(talk: Talk, text: str = "") -> Replies:
    """上报 [words]: which kind; in an open patrol it belongs to that patrol."""
    chief = talk.chief
    opened = draft.of_account(talk.session, talk.account.id) or problem_draft.open_new(
        talk.session, talk.account, chief.id, talk.now
    )
    if text:
        draft.add(talk.session, opened, talk.with_message(text=text).message)
    else:
        draft.open_by_word(talk.session, opened, talk.message)
    outbox.drop_prompts(talk.session, opened.id)
    if opened.kind == problem_draft.KIND:
        return problem_prompt.ask_type(talk, opened)
    buttons = problem_prompt.types(talk, opened, "patrol.problem_chosen")
    return [Reply(talk.say("patrol.which_problem"), buttons, draft_id=opened.id)]


def after(talk: Talk, arg: str) -> Replies:
    """上报问题 under a receipt: found on that patrol, at its place."""
    found = talk.session.get(Patrol, int(arg))
    if found is None or found.chief_id != talk.chief.id:
        raise Refused("patrol.unknown")
    if draft.of_account(talk.session, talk.account.id):
        return begin(talk)
    if found.submitted_at <= talk.now - patrol.UNDO_FOR:
        raise Refused("patrol.too_late", number=found.number)
    opened = problem_draft.open_new(talk.session, talk.account, talk.chief.id, talk.now, found.id)
    draft.open_by_word(talk.session, opened, talk.message)
    return problem_prompt.ask_type(talk, opened)


def type_chosen(talk: Talk, arg: str) -> Replies:
    """The kind of problem."""
    draft_id, _, code = arg.partition(":")
    opened = _own(talk, draft_id)
    opened.problem_code = problem_rule.type_on(talk.session, code, _today(talk)).code
    return problem_prompt.prompt(talk, opened)


def types(talk: Talk, arg: str) -> Replies:
    """选类型, after all."""
    return problem_prompt.ask_type(talk, _own(talk, arg))


def severities(talk: Talk, arg: str) -> Replies:
    """改紧急程度."""
    return problem_prompt.ask_severity(talk, _own(talk, arg))


def severity_chosen(talk: Talk, arg: str) -> Replies:
    """The urgency that was chosen."""
    draft_id, _, severity = arg.partition(":")
    opened = _own(talk, draft_id)
    opened.problem_severity = severity
    return problem_prompt.prompt(talk, opened)


def submit(talk: Talk, arg: str) -> Replies:
    """上报: by its button."""
    return hand_in(talk, _own(talk, arg))


def hand_in(talk: Talk, opened: Draft) -> Replies:
    """Make a problem of the draft, tell its number, and let the office know."""
    if consent.pending(talk, opened):
        return consent.ask_first(talk, opened)
    return told(talk, problem_draft.submit(talk.session, opened, talk.message.inbox_id, talk.zone, talk.now))


def due(talk: Talk, opened: Draft) -> Replies:
    """The clock's word: a report that says something is handed in, a mere beginning is put aside."""
    if problem_draft.hands_itself_in(talk.session, opened) and not consent.pending(talk, opened):
        return hand_in(talk, opened)
    draft.close(talk.session, opened, "expired")
    if not problem_draft.has_something(talk.session, opened):
        return []
    button = talk.button("problem.submit", opened.id, "primary")
    return [Reply(talk.say("problem.put_aside"), ((button,),), draft_id=opened.id)]


def with_patrol(talk: Talk, opened: Draft, patrol_id: int) -> Replies:
    """What was found on a patrol that was just submitted: a number of its own."""
    made = problem_draft.with_patrol(talk.session, opened, patrol_id, talk.zone, talk.now)
    return told(talk, made) if made else []


def told(talk: Talk, made: Problem) -> Replies:
    """The number for the finder, and the news for the office."""
    news = problem_notice.reported(talk, made)
    said = talk.say(
        "problem.receipt" if news else "problem.receipt_kept", number=made.number,
        type=problem_words.kind(talk.session, talk.language, made),
        office=problem_words.at_office(talk, made), left=problem_words.time_left(talk.language, made, talk.now),
    )  # fmt: skip
    receipt = Reply(said, (receipt_buttons(talk, made),), problem_id=made.id)
    return [receipt, *news]


def receipt_buttons(talk: Talk, made: Problem) -> tuple[Button, ...]:
    """What the finder may still do."""
    return talk.button("problem.add", made.id), talk.button("problem.undo", made.id)


def await_more(talk: Talk, found: Problem) -> None:
    """What comes next within ten minutes belongs to this problem."""
    until = (talk.now + draft.QUIET_FOR).isoformat()
    talk.account.awaiting, talk.account.awaiting_data = "problem_add", {"problem": found.id, "until": until}


def undo(talk: Talk, arg: str) -> Replies:
    """撤回 under the receipt: asks once."""
    found = own(talk, arg)
    if found.state not in {State.REPORTED, State.RETURNED}:
        raise Refused("problem.too_late", number=found.number)
    yes = Button(talk.say("button.patrol_withdraw"), "problem.press", f"{found.id}:{found.version}:withdraw", "danger")
    head = problem_words.head(talk.session, talk.language, found)
    return [Reply(talk.say("problem.undo_which", head=head), ((yes,),))]


def own(talk: Talk, arg: str) -> Problem:
    """A problem that the speaker reported; raises `Refused` for anybody else's."""
    found = problem.seen_by(talk.session, talk.person, int(arg))
    if found.chief_id != talk.chief.id:
        raise Refused("problem.unknown")
    return found


def _own(talk: Talk, arg: str) -> Draft:
    found = talk.session.get(Draft, int(arg))
    if found is None or found.account_id != talk.account.id:
        raise Refused("draft.none")
    if found.state not in {"open", "expired"}:
        raise Refused("problem.handed_in")
    return found


def _today(talk: Talk) -> date:
    return local_date(talk.now, talk.zone)
