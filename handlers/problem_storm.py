"""Problems in an emergency (应急险情): one tap is a report; the duty officer sees the counts grow."""

from collections.abc import Sequence
from datetime import timedelta

from handlers import problem, problem_notice, problem_prompt, problem_words
from handlers.talk import Talk
from locales import say
from locales.problems import type_word
from models.emergency import Emergency
from models.message import Button, Reply
from models.problem import Problem
from rules.localtime import local_date
from services import emergency, problem_people, problem_rule
from services import problem as problems
from services.problem import Report
from services.refused import Refused

Replies = Sequence[Reply]
_SAME_TAP = timedelta(seconds=60)


def buttons(talk: Talk, found: Emergency) -> tuple[tuple[Button, ...], ...]:
    """The kinds of danger that are reported by one tap."""
    kinds = problem_rule.types_on(talk.session, local_date(talk.now, talk.zone), storm=True)
    return problem_prompt.rows([
        Button(type_word(talk.language, one.name or one.code), "problem.storm", f"{found.id}:{one.code}")
        for one in kinds
    ])  # fmt: skip


def report(talk: Talk, arg: str) -> Replies:
    """倒伏, 折枝, 砸车, 压线, 压房, 堵路: one tap is a report; place and photo may follow."""
    emergency_id, _, code = arg.partition(":")
    found = talk.session.get(Emergency, int(emergency_id))
    if found is None or not emergency.is_running(found, talk.now):
        raise Refused("emergency.over")
    before = problems.just_before(talk.session, found, talk.chief.id, code, talk.now - _SAME_TAP)
    made = before or _made(talk, found, code)
    problem.await_more(talk, made)
    kind = problem_words.kind(talk.session, talk.language, made)
    said = talk.say("problem.storm_reported", number=made.number, type=kind)
    reply = Reply(said, (problem.receipt_buttons(talk, made),), problem_id=made.id)
    return [reply] if before else [reply, *problem_notice.reported(talk, made), *_counted(talk, found, made)]


def counts(talk: Talk, found: Emergency, language: str | None = None) -> str:
    """What was reported so far, by kind; empty where nothing was."""
    n = problems.of_emergency(talk.session, found.id)
    labels = problem_rule.labels(talk.session)
    chosen = language or talk.language
    parts = [
        say(chosen, "problem.count_of", type=type_word(chosen, labels.get(code, code)), n=times)
        for code, times in n.most_common()
    ]
    return say(chosen, "problem.counts", list=say(chosen, "remind.comma").join(parts)) if parts else ""


def _made(talk: Talk, found: Emergency, code: str) -> Problem:
    given = Report(
        talk.chief.id, talk.message.inbox_id, talk.now, code, account_id=talk.account.id, emergency_id=found.id
    )
    return problems.report(talk.session, given, talk.zone, talk.now)


def _counted(talk: Talk, found: Emergency, made: Problem) -> Replies:
    """The counts for the duty officer, where another office handles the problem and was told of it."""
    officer = emergency.opened_by(talk.session, found)
    if officer.blocked_at or officer.id in {one.id for one in problem_people.offices(talk.session, made)}:
        return []
    language = officer.language or talk.default_language
    head = problem_words.head(talk.session, language, made)
    place = problem_words.place(talk.session, language, made)
    text = say(language, "problem.storm_told", head=head, place=place, who=talk.chief.name)
    look = Button(say(language, "button.emergency_tally"), "emergency.tally", str(found.id))
    return [Reply(f"{text}\n{counts(talk, found, language)}", ((look,),), to=(officer.channel, officer.chat_id))]
