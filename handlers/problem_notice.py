"""Notices about problems (问题通知): whoever must act hears of it in the same commit, with the buttons to act."""

from collections.abc import Sequence

from handlers import problem_words
from handlers.talk import Talk
from locales import say
from models.account import Account
from models.message import Attachment, Button, Reply
from models.problem import Problem
from rules.problem_flow import Action, Role, State
from services import person, problem_draft, problem_people, problem_step
from services.problem_step import Taken

_TOLD = {
    Action.REPORT, Action.SEND_BACK, Action.ASSIGN, Action.TRANSFER, Action.RECTIFY, Action.REOPEN, Action.SUPERVISE,
    Action.PAUSE, Action.WITHDRAW,
}  # fmt: skip
"""What somebody else must hear of; the rest is seen on the card."""
_SENT_BACK = {
    State.RETURNED: "send_back_returned", State.ACCEPTED: "send_back_accepted", State.ASSIGNED: "send_back_assigned",
}  # fmt: skip


def after(talk: Talk, taken: Taken) -> Sequence[Reply]:
    """What others hear of a step; never the one who took it."""
    problem, action = taken.problem, Action(taken.step.action)
    if action == Action.CLOSE:
        finder = _others(talk, problem_people.finder(talk.session, problem))
        return [_closed(talk, problem, account) for account in finder]
    if action not in _TOLD:
        return []
    return [_told(talk, taken, account) for account in _others(talk, _whom(talk, problem, action))]


def reported(talk: Talk, problem: Problem) -> Sequence[Reply]:
    """What the office hears of a new problem."""
    first = Taken(problem, problem_step.latest(talk.session, problem.id))
    return after(talk, first)


def placed(talk: Talk, taken: Taken) -> Sequence[Reply]:
    """The office hears where it is, once the finder has sent it."""
    offices = _others(talk, problem_people.offices(talk.session, taken.problem))
    return [_told(talk, taken, account) for account in offices]


def pictures(talk_language: str, session_problem: Problem, shas: tuple[Sequence[str], Sequence[str]]) -> Attachment:
    """The photos before and after, side by side, made when the message is sent."""
    before, after_ = shas
    figures = {"number": session_problem.number, "before": list(before), "after": list(after_)}
    return Attachment("problem_pair", figures, talk_language)


def shas_of(talk: Talk, problem: Problem) -> tuple[list[str], list[str]]:
    """The stored photos before and after, by their hashes."""
    before, after_ = (
        [one.sha256 for one in problem_step.photos_of(talk.session, problem.id, is_after=is_after) if one.sha256]
        for is_after in (False, True)
    )
    return before, after_


def _whom(talk: Talk, problem: Problem, action: Action) -> Sequence[Account]:
    if action in {Action.PAUSE, Action.WITHDRAW}:
        return problem_people.offices(talk.session, problem)
    turn = problem_people.whose_turn(talk.session, problem)
    if action != Action.SUPERVISE:
        return turn
    known = {account.id for account in turn}
    offices = problem_people.offices(talk.session, problem)
    return [*turn, *(account for account in offices if account.id not in known)]


def _others(talk: Talk, accounts: Sequence[Account]) -> list[Account]:
    own = talk.person.account.id if talk.person.account else None
    return [account for account in accounts if account.id != own]


def _told(talk: Talk, taken: Taken, account: Account) -> Reply:
    problem, language = taken.problem, account.language or talk.default_language
    first = say(language, f"problem.notice.{_key(taken)}", who=_who(talk, language))
    why = [say(language, "problem.because", why=taken.step.why)] if taken.step.why else []
    text = [first, *why, problem_words.card(talk.session, language, problem, talk.zone, talk.now)]
    shas = shas_of(talk, problem)
    look = Button(say(language, "button.problem_pictures"), "problem.pictures", str(problem.id))
    listen = Button(say(language, "button.problem_recordings"), "problem.recordings", str(problem.id))
    heard = problem_draft.recordings_of(talk.session, problem)
    evidence = [one for one, there in ((look, shas[0] or shas[1]), (listen, heard)) if there]
    own = problem_words.buttons(language, problem, roles_of(talk, problem, account))
    return Reply(
        "\n".join(text), (*own, *((one,) for one in evidence)),
        to=(account.channel, account.chat_id), problem_id=problem.id,
    )  # fmt: skip


def roles_of(talk: Talk, problem: Problem, account: Account) -> Sequence[Role]:
    """The roles of somebody else."""
    who = person.known(talk.session, account.channel, account.user_id)
    return problem_people.roles_of(talk.session, who, problem) if who else []


def _key(taken: Taken) -> str:
    # 退回 says different things to the finder, to the office and to those who are to do it again.
    return _SENT_BACK[State(taken.step.after)] if taken.step.action == Action.SEND_BACK else taken.step.action


def _who(talk: Talk, language: str) -> str:
    own = talk.person.account.id if talk.person.account else None
    return problem_words.name_of(language, problem_people.called(talk.session, own))


def _closed(talk: Talk, problem: Problem, account: Account) -> Reply:
    language = account.language or talk.default_language
    who = problem_words.name_of(language, problem_people.assigned_to(talk.session, problem))
    head = problem_words.head(talk.session, language, problem)
    shas = shas_of(talk, problem)
    reopen = Button(
        say(language, "problem.do.not_solved"), "problem.press", f"{problem.id}:{problem.version}:{Action.REOPEN.value}"
    )
    return Reply(
        say(language, "problem.notice.close", head=head, who=who), ((reopen,),),
        attachment=pictures(language, problem, shas) if shas[0] or shas[1] else None,
        to=(account.channel, account.chat_id), problem_id=problem.id,
    )  # fmt: skip
