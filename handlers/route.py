"""Who answers what (分派): a message goes to the conversation that it belongs to."""

from collections.abc import Callable, Sequence
from functools import cache

from handlers import (
    consent,
    count,
    digest,
    duty,
    emergency,
    meeting,
    overdue,
    patrol,
    reminder,
    schedule,
    simple,
    summary,
)
from handlers.talk import Talk
from locales import all_words
from models.message import Kind, Reply
from services import outbox
from services.refused import Refused

Replies = Sequence[Reply]

_ACTIONS: dict[str, Callable[[Talk, str], Replies]] = {
    "patrol.begin": patrol.begin,
    "patrol.submit": patrol.submit,
    "patrol.skip": patrol.submit,
    "patrol.cancel": patrol.cancel,
    "patrol.problem": patrol.problem,
    "patrol.problem_chosen": patrol.problem_chosen,
    "patrol.grid": patrol.grid_chosen,
    "patrol.of_text": patrol.of_text,
    "patrol.undo": patrol.undo,
    "patrol.withdraw": patrol.withdraw,
    "patrol.keep": patrol.keep,
    "patrol.late_photo": patrol.late_photo,
    "consent.yes": consent.agree,
    "consent.no": consent.refuse,
    "language.set": simple.language_set,
    "help": simple.help_,
    "mine": simple.mine,
    "count.records": count.records,
    "count.again": count.again,
    "summary": summary.of_year,
    "remind.now": reminder.now,
    "remind.later": reminder.later,
    "remind.leave": reminder.leave,
    "remind.resume": schedule.resume,
    "duties.end": duty.end,
    "overdue.letter": overdue.letter,
    "emergency.confirm": emergency.confirm,
    "emergency.answer": emergency.answer,
    "emergency.tally": emergency.tally,
    "emergency.end": emergency.end,
}
"""What the buttons do."""

_COMMANDS: dict[str, Callable[[Talk, str], Replies]] = {
    "start": simple.start,
    "patrol": patrol.begin,
    "done": patrol.submit,
    "cancel": patrol.cancel,
    "undo": patrol.undo,
    "mine": simple.mine,
    "count": count.asked,
    "summary": summary.of_year,
    "meeting": meeting.begin,
    "privacy": simple.own_data,
    "feedback": simple.feedback,
    "help": simple.help_,
    "language": simple.language,
    "remind": schedule.asked,
    "duties": duty.asked,
    "overdue": overdue.asked,
    "digest": digest.asked,
    "emergency": emergency.asked,
}
"""What the words do; the words themselves stand in the catalogue under `command`."""

_TAKES_ARGUMENT = {
    "start", "count", "summary", "meeting", "feedback", "remind", "duties", "overdue", "digest", "emergency",
}  # fmt: skip


def answer(talk: Talk) -> Replies:
    """What we say to a message; raises `Refused` where it is not to be done."""
    return _BY_KIND[talk.message.kind](talk)


def refuse(talk: Talk, refusal: Refused) -> Replies:
    """A refusal in words."""
    return [Reply(talk.say(refusal.key, **refusal.fields))]


def _press(talk: Talk) -> Replies:
    press = talk.message.press
    if press is None:
        raise Refused("chat.button_unknown")
    button = outbox.pressed(talk.session, press.outbox_id, press.button, talk.message.channel, talk.message.chat_id)
    return _ACTIONS[button.do](talk, button.arg)


def _text(talk: Talk) -> Replies:
    name, argument = command_of(talk.message.text)
    if name:
        talk.account.awaiting = None
        return _COMMANDS[name](talk, argument)
    if talk.account.awaiting == "feedback":
        return simple.feedback(talk, talk.message.text)
    if talk.account.awaiting == "meeting":
        return meeting.told(talk, talk.message.text)
    return patrol.words(talk) if talk.person.chief else simple.help_(talk)


def command_of(text: str) -> tuple[str | None, str]:
    """The command that a text names, with what follows it; a word that takes no argument must stand alone."""
    # Chinese keyboards type a wide space.
    head, argument = (*text.split(maxsplit=1), "", "")[:2]
    head = head.casefold().lstrip("/").partition("@")[0]
    name = _words().get(head)
    if name and argument and name not in _TAKES_ARGUMENT:
        return None, ""
    return name, argument.strip()


@cache
def _words() -> dict[str, str]:
    typed = {word.casefold(): name for name in _COMMANDS for word in all_words(f"command.{name}")}
    return {**typed, **{name: name for name in _COMMANDS}}


def _file(talk: Talk) -> Replies:
    raise Refused("chat.file_unexpected")


def _unknown(talk: Talk) -> Replies:
    raise Refused("chat.not_understood")


_BY_KIND: dict[Kind, Callable[[Talk], Replies]] = {
    Kind.SUBMISSION: patrol.submitted,
    Kind.MEETING: meeting.delivered,
    Kind.LOCATION: patrol.part,
    Kind.PHOTO: patrol.part,
    Kind.TEXT: _text,
    Kind.PRESS: _press,
    Kind.DRAFT_DUE: patrol.due,
    Kind.DIGEST_DUE: digest.due,
    Kind.EMERGENCY_OVER: emergency.over,
    Kind.FILE: _file,
    Kind.UNKNOWN: _unknown,
}
