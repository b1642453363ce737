"""提醒 (a reminder): what it says, and what its buttons do."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from handlers import patrol
from handlers.talk import Talk
from locales import say
from locales.problems import type_word
from models.engine import savepoint
from models.message import Button, Reply
from models.reminder import Reminder
from rules.localtime import local_date
from rules.reminder import REMINDER
from services import outbox, reminder
from services.ground import Fact
from services.refused import Refused
from services.reminder import Due
from services.scene import Scene

Replies = Sequence[Reply]
_MOST_NAMES = 3


def word(due: Due, scene: Scene, today: date, language: str) -> Reply:
    """The reminder of a duty: where, what is owed, days left, what was found there, and the buttons."""
    period = say(language, f"duty.this_{due.period}")
    days = (due.closes_on - today).days + 1
    asks = say(
        language, f"remind.{due.kind}", place=_place(scene, language), period=period, owed=due.owed, done=due.done,
        days=days,
    )  # fmt: skip
    lines = [asks, *(_fact(fact, language) for fact in scene.facts)]
    return Reply("\n".join(lines), _buttons(due, language), reminder_id=due.id, not_after=due.expires_at)


def _fact(fact: Fact, language: str) -> str:
    fields = dict(fact.fields)
    if fact.listed:
        word = partial(type_word, language) if fact.what == "open_problems" else str
        kinds = [say(language, "remind.problem", kind=word(kind), n=n) for kind, n in fact.listed]
        fields["list"] = say(language, "remind.comma").join(kinds)
    if fact.direction:
        fields["corner"] = say(language, f"remind.corner.{fact.direction}")
    return say(language, f"remind.{fact.what}", **fields)


def now(talk: Talk, arg: str) -> Replies:
    """📍 现在巡林: opens a patrol."""
    return _tapped(talk, arg, lambda _row: patrol.begin(talk))


def later(talk: Talk, arg: str) -> Replies:
    """稍后: the follow-up comes in two hours, and there is no other."""
    return _tapped(talk, arg, partial(_postpone, talk))


def leave(talk: Talk, arg: str) -> Replies:
    """本期请假: nothing more about this duty until the next period; a patrol still counts."""
    return _tapped(talk, arg, partial(_take_leave, talk))


def _tapped(talk: Talk, arg: str, do: Callable[[Reminder], Replies]) -> Replies:
    row = reminder.own(talk.session, int(arg), talk.chief.id)
    if row is None:
        raise Refused("chat.button_unknown")
    try:
        with savepoint(talk.session):
            if row.closes_on < local_date(talk.now, talk.zone):
                raise Refused("remind.period_over")
            return do(row)
    except Refused as refusal:
        # A tap costs a moment whatever comes of it: raised further, the refusal would take its count back.
        return [Reply(talk.say(refusal.key, **refusal.fields))]


def _postpone(talk: Talk, row: Reminder) -> Replies:
    due_at = reminder.postpone(talk.session, row, talk.now, talk.zone)
    return [Reply(talk.say("remind.later", when=due_at.astimezone(talk.zone).strftime("%m-%d %H:%M")))]


def _take_leave(talk: Talk, row: Reminder) -> Replies:
    reminder.leave(talk.session, row, talk.now)
    if talk.message.press:
        outbox.spend(talk.session, talk.message.press.outbox_id, talk.now)
    return [Reply(talk.say("remind.leave"))]


def _place(scene: Scene, language: str) -> str:
    names = say(language, "remind.comma").join(scene.names[:_MOST_NAMES])
    more = len(scene.names) - _MOST_NAMES
    return say(language, "remind.and_more", names=names, n=len(scene.names)) if more > 0 else names


def _buttons(due: Due, language: str) -> tuple[tuple[Button, ...], ...]:
    first = Button(say(language, "button.remind_now"), "remind.now", str(due.id), "primary")
    rest = [Button(say(language, "button.remind_leave"), "remind.leave", str(due.id))]
    if due.kind == REMINDER:
        rest.insert(0, Button(say(language, "button.remind_later"), "remind.later", str(due.id)))
    return ((first,), tuple(rest))
