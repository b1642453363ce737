"""意见 (feedback): to the offices of the area, which can read the latest of it."""

from collections.abc import Sequence

from handlers.talk import Talk
from locales import say
from models.message import Reply
from services import feedback

_LISTED = 10
_SHOWN = 200


def asked(talk: Talk, text: str = "") -> Sequence[Reply]:
    """意见: the words at once, or the next message; an office reads what was said to it."""
    if text:
        return told(talk, text)
    if talk.person.offices:
        return [Reply(_latest(talk))]
    talk.account.awaiting = "feedback"
    return [Reply(talk.say("feedback.ask"))]


def told(talk: Talk, text: str) -> Sequence[Reply]:
    """What somebody has to say: kept, and sent to the offices of the area."""
    talk.account.awaiting = None
    feedback.keep(talk.session, talk.account.id, text, talk.now)
    who = talk.person.chief.name if talk.person.chief else None
    offices = [
        Reply(
            say(language := one.language or talk.default_language, "feedback.to_office", text=text, who=who or
                say(language, "feedback.somebody")),
            to=(one.channel, one.chat_id),
        )
        for one in feedback.readers(talk.session, talk.account)
    ]  # fmt: skip
    return [Reply(talk.say("feedback.thanks" if offices else "feedback.kept")), *offices]


def _latest(talk: Talk) -> str:
    said = feedback.latest(talk.session, talk.person.offices, _LISTED)
    if not said:
        return talk.say("feedback.none")
    lines = [
        talk.say("feedback.line", when=talk.moment(one.said_at), who=one.who or talk.say("feedback.somebody"),
                 text=one.text if len(one.text) <= _SHOWN else f"{one.text[:_SHOWN]}…")
        for one in said
    ]  # fmt: skip
    return "\n".join([talk.say("feedback.latest", n=len(said)), *lines])
