"""Short conversations (简短对话): help, language, own data, own counts."""

from collections.abc import Sequence

from handlers import meeting, menu, problem_act
from handlers.talk import Talk
from locales import LANGUAGES
from models.message import Attachment, Button, Reply
from rules.duty import bounds
from rules.localtime import local_date
from services import consent, duty, old_tree, privacy

Replies = Sequence[Reply]


def help_(talk: Talk, _arg: str = "") -> Replies:
    """帮助: what can be done here, by role."""
    key = "office" if talk.person.offices else "chief" if talk.person.chief else "guest"
    lines = [
        talk.say(f"help.{key}"),
        *([talk.say("help.meeting")] if meeting.may(talk) else []),
        *([talk.say("help.order")] if talk.person.offices else []),
        *([talk.say("help.old_tree")] if old_tree.archive(talk.session).trees else []),
        talk.say("help.anyone"),
    ]
    return [menu.with_menu(talk, "\n".join(lines), menu.role_of(talk), is_new=False)]


def language(talk: Talk, code: str = "") -> Replies:
    """语言: which; the page names it at once."""
    if code in LANGUAGES:
        return language_set(talk, code)
    buttons = tuple(Button(talk.say(f"language.{code}"), "language.set", code) for code in LANGUAGES)
    return [Reply(talk.say("language.ask"), (buttons,))]


def language_set(talk: Talk, code: str) -> Replies:
    """The language that was chosen."""
    if code in LANGUAGES:
        talk.account.language = code
    return [menu.with_menu(talk, talk.say("language.done"), menu.role_of(talk))]


def stop(talk: Talk, asked: str) -> Replies:
    """取消 while we wait for an answer: nothing is awaited any more."""
    return [Reply(talk.say(f"stop.{asked}"))]


def own_data(talk: Talk, _arg: str = "") -> Replies:
    """我的数据: everything that is kept of a person, as a file; a chief can change the answer about the position."""
    talk.audit("data.exported", f"account:{talk.account.id}")
    data = Attachment("own_data", privacy.own_data(talk.session, talk.account), talk.language)
    if talk.person.chief is None:
        return [Reply(talk.say("privacy.here"), attachment=data)]
    answer = consent.answer_of(talk.session, talk.account.id)
    stands = talk.say(f"privacy.consent_{'open' if answer is None else 'yes' if answer else 'no'}")
    yes, no = talk.button("consent.yes"), talk.button("consent.no")
    buttons = tuple(button for button, is_so in ((yes, answer is True), (no, answer is False)) if not is_so)
    return [Reply(f"{talk.say('privacy.here')}\n{stands}", (buttons,), attachment=data)]


def mine(talk: Talk, _arg: str = "") -> Replies:
    """我的: own counts and what is owed in this period."""
    today = local_date(talk.now, talk.zone)
    year = duty.counted_between(talk.session, talk.chief.id, *bounds("year", today))
    month = duty.counted_between(talk.session, talk.chief.id, *bounds("month", today))
    lines = [talk.say("mine.counts", year=year, month=month)]
    for item in duty.progress(talk.session, talk.chief.id, today):
        period = talk.say(f"duty.this_{item.period}")
        lines.append(talk.say("patrol.progress", period=period, done=item.done, owed=item.owed))
    own = ((talk.button("patrol.begin", style="primary"), talk.button("patrol.undo")),)
    told, buttons = problem_act.of_finder(talk)
    return [Reply("\n".join([*lines, *told]), (*own, *buttons))]
