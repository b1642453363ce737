"""Short conversations (简短对话): help, language, feedback, own data, own counts."""

from collections.abc import Sequence

from handlers import menu
from handlers.talk import Talk
from locales import LANGUAGES
from models.account import Feedback
from models.message import Attachment, Button, Reply
from rules.localtime import local_date
from services import duty, privacy

Replies = Sequence[Reply]


def help_(talk: Talk, _arg: str = "") -> Replies:
    """帮助: what can be done here, by role."""
    key = "office" if talk.person.offices else "chief" if talk.person.chief else "guest"
    return [menu.with_menu(talk, talk.say(f"help.{key}"), menu.role_of(talk), is_new=False)]


def language(talk: Talk, _arg: str = "") -> Replies:
    """语言: which."""
    buttons = tuple(Button(talk.say(f"language.{code}"), "language.set", code) for code in LANGUAGES)
    return [Reply(talk.say("language.ask"), (buttons,))]


def language_set(talk: Talk, code: str) -> Replies:
    """The language that was chosen."""
    if code in LANGUAGES:
        talk.account.language = code
    return [menu.with_menu(talk, talk.say("language.done"), menu.role_of(talk))]


def feedback(talk: Talk, text: str = "") -> Replies:
    """意见: the words at once, or the next message."""
    if text:
        talk.account.awaiting = None
        talk.session.add(Feedback(account_id=talk.account.id, text=text[:4000], said_at=talk.now))
        return [Reply(talk.say("feedback.thanks"))]
    talk.account.awaiting = "feedback"
    return [Reply(talk.say("feedback.ask"))]


def own_data(talk: Talk, _arg: str = "") -> Replies:
    """我的数据: everything that is kept of a person, as a file."""
    data = privacy.own_data(talk.session, talk.account)
    return [Reply(talk.say("privacy.here"), attachment=Attachment("own_data", data, talk.language))]


def mine(talk: Talk, _arg: str = "") -> Replies:
    """我的: own counts and what is owed in this period."""
    today = local_date(talk.now, talk.zone)
    year = duty.counted_between(talk.session, talk.chief.id, *duty.bounds("year", today))
    month = duty.counted_between(talk.session, talk.chief.id, *duty.bounds("month", today))
    lines = [talk.say("mine.counts", year=year, month=month)]
    for item in duty.progress(talk.session, talk.chief.id, today):
        period = talk.say(f"duty.this_{item.period}")
        lines.append(talk.say("patrol.progress", period=period, done=item.done, owed=item.owed))
    return [Reply("\n".join(lines), ((talk.button("patrol.begin", style="primary"), talk.button("patrol.undo")),))]
