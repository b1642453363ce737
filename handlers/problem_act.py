"""办理 (acting on a problem): one question at a time for what the step needs, then the step and who must hear of it."""

import json
import re
from collections.abc import Sequence
from typing import Any

from handlers import problem as reports
from handlers import problem_notice, problem_prompt, problem_words
from handlers.talk import Talk
from locales import catalogue
from models.message import Attachment, Button, Reply
from models.problem import Problem, ProblemStep
from models.recording import Recording
from rules.localtime import local_date
from rules.problem_clock import SEVERITIES
from rules.problem_flow import FLOW, Action, Need, Role, State, may, role_for
from services import draft, problem, problem_clock, problem_draft, problem_people, problem_step, referral, unit
from services.post import community_chiefs
from services.problem_step import Act, Overtaken
from services.refused import Refused

Replies = Sequence[Reply]
Wanted = dict[str, Any]
_A_PAGE, _OF_MINE = 8, 4
_REASONS = {
    (Action.SEND_BACK, State.REPORTED): "send_back_returned", (Action.SEND_BACK, State.ASSIGNED): "send_back_accepted",
    (Action.SEND_BACK, State.RECTIFIED): "send_back_assigned", (Action.SEND_BACK, State.VERIFIED): "send_back_assigned",
    (Action.REOPEN, State.RETURNED): "reopen_returned",
}  # fmt: skip
_NUMBER = re.compile(r"WT-\d{4}-\d{6,}", re.IGNORECASE)


def listed(talk: Talk, argument: str = "") -> Replies:
    """问题 [number]: what is not at its end, those first that are due first; or one problem."""
    if argument and talk.person.chief and not _NUMBER.fullmatch(argument):
        # 问题 with words behind it is what somebody found.
        return reports.begin(talk, argument)
    if argument:
        return [_viewed(talk, problem.by_number(talk.session, talk.person, argument))]
    if not (talk.person.offices or talk.person.chief or problem.acts_for_unit(talk.session, talk.person)):
        raise Refused("chat.not_enrolled")
    return _page(talk, 0)


def of_finder(talk: Talk) -> tuple[list[str], tuple[tuple[Button, ...], ...]]:
    """The open problems that the speaker reported, for 我的: a line and a button each, the most pressing first."""
    mine = problem.unfinished(talk.session, talk.person, talk.chief.id)
    if not mine:
        return [], ()
    few = mine[:_OF_MINE]
    lines = [talk.say("problem.mine", n=len(mine))]
    lines += [problem_words.line(talk.session, talk.language, one, talk.now) for one in few]
    lines += [talk.say("problem.mine_more", n=len(mine) - len(few))] if len(mine) > len(few) else []
    return lines, problem_prompt.rows(_openers(few))


def page(talk: Talk, arg: str) -> Replies:
    """Another page of the list."""
    return _page(talk, int(arg))


def show(talk: Talk, arg: str) -> Replies:
    """One problem with what may be done."""
    return [_viewed(talk, problem.seen_by(talk.session, talk.person, int(arg)))]


def shown(talk: Talk, found: Problem) -> Reply:
    """The card of a problem for the speaker."""
    roles = problem_people.roles_of(talk.session, talk.person, found)
    text = problem_words.card(talk.session, talk.language, found, talk.zone, talk.now)
    shas = problem_notice.shas_of(talk, found)
    look = ((talk.button("problem.pictures", found.id),),) if shas[0] or shas[1] else ()
    if problem_draft.recordings_of(talk.session, found):
        look = (*look, (talk.button("problem.recordings", found.id),))
    if any(referral.is_district(code) for code in talk.person.offices):
        look = (*look, (talk.button("referral.ask", found.id),))
    return Reply(text, (*problem_words.buttons(talk.language, found, roles), *look), problem_id=found.id)


def recordings(talk: Talk, arg: str) -> Replies:
    """听录音: the voice messages and videos as they were sent."""
    found = problem.seen_by(talk.session, talk.person, int(arg))
    talk.audit("problem.recordings_heard", f"problem:{found.number}", found.street_code)
    heard = problem_draft.recordings_of(talk.session, found)
    sent = [Reply(attachment=_recording(talk, found, n, one)) for n, one in enumerate(heard, 1) if one.sha256]
    return sent or [Reply(talk.say("problem.recordings_missing"))]


def _recording(talk: Talk, found: Problem, n: int, one: Recording) -> Attachment:
    name = f"{found.number}-{n}"
    return Attachment("kept_file", {"sha256": one.sha256, "name": name, "size": one.size}, talk.language)


def pictures(talk: Talk, arg: str) -> Replies:
    """看照片: before and after, side by side."""
    found = problem.seen_by(talk.session, talk.person, int(arg))
    talk.audit("problem.photos_viewed", f"problem:{found.number}", found.street_code)
    attached = problem_notice.pictures(talk.language, found, problem_notice.shas_of(talk, found))
    return [Reply(problem_words.head(talk.session, talk.language, found), attachment=attached)]


def history(talk: Talk, arg: str) -> Replies:
    """经过: every step with who, when and why."""
    found = problem.seen_by(talk.session, talk.person, int(arg))
    talk.audit("problem.history_viewed", f"problem:{found.number}", found.street_code)
    steps = problem_step.history(talk.session, found.id)
    lines = [problem_words.head(talk.session, talk.language, found), *(_step(talk, step) for step in steps)]
    return [Reply("\n".join(lines))]


def press(talk: Talk, arg: str) -> Replies:
    """A button of a card: a step, as the speaker saw the problem."""
    problem_id, version, action = arg.split(":")
    return _go_on(talk, {"id": int(problem_id), "version": int(version), "action": action})


def answered(talk: Talk, arg: str) -> Replies:
    """The answer to one of our questions, by its button; it carries all that was answered before."""
    return _go_on(talk, json.loads(arg))


def told(talk: Talk, text: str) -> Replies:
    """The answer in own words: a reason, or an order number."""
    asked = talk.account.awaiting_data or {}
    if asked.get("need") == "photo":
        raise Refused("problem.photo_missing")
    replies = _go_on(talk, {**asked["wanted"], asked["need"]: " ".join(text.split())})
    if talk.account.awaiting_data is asked:
        talk.account.awaiting = talk.account.awaiting_data = None
    return replies


def photographed(talk: Talk) -> Replies:
    """The photo that a step waited for."""
    asked = talk.account.awaiting_data or {}
    talk.account.awaiting = talk.account.awaiting_data = None
    photos = problem_draft.new_photos(talk.session, talk.message)
    return _go_on(talk, asked["wanted"], photos)


def await_photos(talk: Talk, step: ProblemStep) -> None:
    """More photos of the same step may follow one by one."""
    until = (talk.now + draft.QUIET_FOR).isoformat()
    talk.account.awaiting, talk.account.awaiting_data = "problem_more", {"step": step.id, "until": until}


def _viewed(talk: Talk, found: Problem) -> Reply:
    talk.audit("problem.viewed", f"problem:{found.number}", found.street_code)
    return shown(talk, found)


def _go_on(talk: Talk, wanted: Wanted, photos: Sequence[tuple[int, str | None]] = ()) -> Replies:
    found = problem.seen_by(talk.session, talk.person, wanted["id"])
    roles = problem_people.roles_of(talk.session, talk.person, found)
    act = _act(talk, wanted, roles, photos)
    try:
        if found.version != wanted["version"]:
            raise Overtaken(found.number, problem_step.latest(talk.session, found.id))
        role = role_for(State(found.state), act.action, roles)
        if role is None:
            raise Refused("problem.not_now", number=found.number)
        asked = _question(talk, found, wanted, FLOW[State(found.state), act.action, role].needs, act)
        if asked:
            return asked
        taken = problem_step.act(talk.session, act, talk.zone, talk.now)
    except Overtaken as quicker:
        return _overtaken(talk, quicker)
    return _done(talk, taken)


def _act(talk: Talk, wanted: Wanted, roles: Sequence[Any], photos: Sequence[tuple[int, str | None]]) -> Act:
    return Act(
        wanted["id"], wanted["version"], Action(wanted["action"]), roles, talk.account.id, talk.message.inbox_id,
        wanted.get("reason"), wanted.get("unit"), wanted.get("chief"), wanted.get("order"), wanted.get("severity"),
        photos,
    )  # fmt: skip


def _question(talk: Talk, found: Problem, wanted: Wanted, needs: frozenset[Need], act: Act) -> Replies:
    """What is still to be asked for the step, one thing at a time."""
    if Need.UNIT in needs and act.unit_id is None and act.chief_id is None:
        return [Reply(talk.say("problem.which_unit", number=found.number), _units(talk, found, wanted))]
    if Need.UNIT in needs and "order" not in wanted and _needs_order(talk, act):
        return _ask(talk, wanted, "order", talk.say("problem.which_order"))
    if Need.SEVERITY in needs and act.severity is None:
        return [Reply(talk.say("problem.which_severity"), _severities(talk, wanted))]
    if Need.REASON in needs and act.why is None:
        return _ask(talk, wanted, "reason", _why(talk, found, act), _reasons(talk, found, wanted, act))
    if Need.PHOTO in needs and not act.photos:
        return _ask(talk, wanted, "photo", talk.say("problem.send_photo", number=found.number))
    return []


def _needs_order(talk: Talk, act: Act) -> bool:
    return act.unit_id is not None and problem.unit_of(talk.session, act.unit_id).needs_order


def _ask(
    talk: Talk, wanted: Wanted, need: str, text: str, buttons: tuple[tuple[Button, ...], ...] = ()
) -> Replies:  # fmt: skip
    talk.account.awaiting, talk.account.awaiting_data = "problem", {"need": need, "wanted": wanted}
    return [Reply(text, buttons)]


def _why(talk: Talk, found: Problem, act: Act) -> str:
    if act.action == Action.REOPEN and found.state == State.CLOSED:
        return talk.say("problem.why_not_solved", number=found.number)
    return talk.say("problem.why", what=talk.say(f"problem.did.{act.action.value}"), number=found.number)


def _reasons(talk: Talk, found: Problem, wanted: Wanted, act: Act) -> tuple[tuple[Button, ...], ...]:
    # What is sent back or opened again has other reasons in each state.
    key = _REASONS.get((act.action, State(found.state)), act.action.value)
    reasons: list[str] = catalogue(talk.language)[f"problem.reasons.{key}"]
    return tuple((_with(wanted, reason, reason=reason),) for reason in reasons)


def _units(talk: Talk, found: Problem, wanted: Wanted) -> tuple[tuple[Button, ...], ...]:
    units = unit.offered(talk.session, found.street_code or found.area_code)
    buttons = [_with(wanted, problem_words.unit_name(talk.language, one), unit=one.id) for one in units]
    chiefs = community_chiefs(talk.session, found.grid_version_id, local_date(talk.now, talk.zone))
    people = [
        _with(wanted, talk.say("problem.to_chief", name=name), chief=chief_id)
        for chief_id, name in chiefs
    ]  # fmt: skip
    return problem_prompt.rows([*buttons, *people])


def _severities(talk: Talk, wanted: Wanted) -> tuple[tuple[Button, ...], ...]:
    return problem_prompt.rows([_with(wanted, problem_words.within(talk, one), severity=one) for one in SEVERITIES])


def _with(wanted: Wanted, label: str, **more: object) -> Button:
    return Button(label, "problem.answer", json.dumps({**wanted, **more}, ensure_ascii=False))


def _done(talk: Talk, taken: problem_step.Taken) -> Replies:
    found, action = taken.problem, Action(taken.step.action)
    if action == Action.RECTIFY:
        await_photos(talk, taken.step)
    asked_again = action == Action.REOPEN and taken.step.role == Role.FINDER
    key = "problem.asked_again" if asked_again else f"problem.done.{action.value}"
    said = talk.say(key, number=found.number)
    own = shown(talk, found)
    roles = problem_people.roles_of(talk.session, talk.person, found)
    # The card again where there is something left to do for the same person.
    goes_on = bool(may(State(found.state), [role for role in roles if role != Role.FINDER], False))
    done = Reply(f"{said}\n{own.text}", own.buttons, problem_id=found.id) if goes_on else Reply(said)
    return [done, *problem_notice.after(talk, taken)]


def _overtaken(talk: Talk, quicker: Overtaken) -> Replies:
    step = quicker.step
    found = problem.seen_by(talk.session, talk.person, step.problem_id)
    who = problem_words.name_of(talk.language, problem_people.called(talk.session, step.account_id))
    own = step.account_id == talk.account.id
    said = talk.say(
        "problem.overtaken_by_self" if own else "problem.overtaken", number=found.number, who=who,
        when=problem_words.moment(step.taken_at, talk.zone), what=talk.say(f"problem.did.{step.action}"),
    )  # fmt: skip
    card = shown(talk, found)
    return [Reply(f"{said}\n{card.text}", card.buttons, problem_id=found.id)]


def _step(talk: Talk, step: ProblemStep) -> str:
    who = problem_words.name_of(talk.language, problem_people.called(talk.session, step.account_id))
    details = [
        *([problem_words.step_assignee(talk, step)] if step.unit_id or step.assigned_chief_id else []),
        *([talk.say("problem.order_alone", number=step.order_number)] if step.order_number else []),
        *([talk.say(f"problem.severity.{step.severity}")] if step.severity else []),
        *([step.why] if step.why else []),
    ]
    line = talk.say(
        "problem.step", when=problem_words.moment(step.taken_at, talk.zone), who=who,
        what=talk.say(f"problem.did.{step.action}"), details=" ".join(details),
    )  # fmt: skip
    return line.rstrip()


def _page(talk: Talk, first: int) -> Replies:
    found = problem.unfinished(talk.session, talk.person)
    if not found:
        return [Reply(talk.say("problem.none"))]
    page_ = found[first : first + _A_PAGE]
    late = sum(problem_clock.is_overdue(one, talk.now) for one in found)
    lines = [talk.say("problem.list", total=len(found), late=late, first=first + 1, last=first + len(page_))]
    lines += [problem_words.line(talk.session, talk.language, one, talk.now) for one in page_]
    return [Reply("\n".join(lines), (*problem_prompt.rows(_openers(page_)), *_steps(talk, first, len(found))))]


def _openers(page_: Sequence[Problem]) -> list[Button]:
    return [Button(one.number, "problem.show", str(one.id)) for one in page_]


def _steps(talk: Talk, first: int, total: int) -> tuple[tuple[Button, ...], ...]:
    steps = tuple(
        Button(talk.say(label), "problem.page", str(at))
        for label, at in (("count.newer", first - _A_PAGE), ("count.older", first + _A_PAGE))
        if 0 <= at < total
    )
    return (steps,) if steps else ()
