"""Short conversations (简短对话): help, start, language, feedback, own data, own counts."""

from collections.abc import Sequence

from handlers.talk import Talk
from locales import LANGUAGES
from models.account import Feedback
from models.message import Attachment, Button, Reply
from rules.duty import bounds
from rules.localtime import local_date
from services import duty, invite, privacy
from services.refused import Refused

Replies = Sequence[Reply]
_MENUS = {"chief": ("mine", "help"), "office": ("count", "summary", "help"), "guest": ("help",)}


def start(talk: Talk, code: str = "") -> Replies:
    """开始: greets; with a code, enrols."""
    if code:
        return _enrol(talk, code)
    if talk.person.chief:
        return [Reply(talk.say("start.chief", name=talk.person.chief.name), menu=menu(talk, "chief"))]
    if talk.person.offices:
        return [Reply(talk.say("start.office"), menu=menu(talk, "office"))]
    return [Reply(talk.say("start.guest"), menu=menu(talk, "guest"))]


def _enrol(talk: Talk, code: str) -> Replies:
    try:
        chief = invite.use(talk.session, talk.account, code, talk.now)
    except Refused as refusal:
        if refusal.key != "start.wrong_code":
            raise
        # Said here and not raised: a refusal would take back that the wrong code was counted.
        invite.note_wrong(talk.account, talk.now)
        return [Reply(talk.say(refusal.key))]
    return [Reply(talk.say("start.enrolled", name=chief.name), menu=menu(talk, "chief"))]


def help_(talk: Talk, _arg: str = "") -> Replies:
    """帮助: what can be done here, by role."""
    key = "office" if talk.person.offices else "chief" if talk.person.chief else "guest"
    return [Reply(talk.say(f"help.{key}"), menu=menu(talk, _role(talk)))]


def menu(talk: Talk, role: str) -> tuple[tuple[str, str, str], ...]:
    """The quick buttons of a role."""
    texts = tuple((talk.say(f"menu.{word}"), "text", talk.say(f"menu.{word}")) for word in _MENUS[role])
    if role != "chief":
        return texts
    return ((talk.say("menu.location"), "location", ""), (talk.say("menu.photo"), "photo", ""), *texts)


def _role(talk: Talk) -> str:
    return "chief" if talk.person.chief else "office" if talk.person.offices else "guest"


def language(talk: Talk, _arg: str = "") -> Replies:
    """语言: which."""
    buttons = tuple(Button(talk.say(f"language.{code}"), "language.set", code) for code in LANGUAGES)
    return [Reply(talk.say("language.ask"), (buttons,))]


def language_set(talk: Talk, code: str) -> Replies:
    """The language that was chosen."""
    if code in LANGUAGES:
        talk.account.language = code
    return [Reply(talk.say("language.done"), menu=menu(talk, _role(talk)))]


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
    year = duty.counted_between(talk.session, talk.chief.id, *bounds("year", today))
    month = duty.counted_between(talk.session, talk.chief.id, *bounds("month", today))
    lines = [talk.say("mine.counts", year=year, month=month)]
    for item in duty.progress(talk.session, talk.chief.id, today):
        period = talk.say(f"duty.this_{item.period}")
        lines.append(talk.say("patrol.progress", period=period, done=item.done, owed=item.owed))
    return [Reply("\n".join(lines), ((talk.button("patrol.begin", style="primary"), talk.button("patrol.undo")),))]
