"""提醒 (a reminder): what it says, and what its buttons do."""

from collections.abc import Sequence
from datetime import date

from handlers import patrol
from handlers.talk import Talk
from locales import say
from locales.problems import type_word
from models.message import Button, Reply
from models.reminder import Reminder
from rules.localtime import local_date
from rules.reminder import REMINDER
from services import outbox, reminder
from services.refused import Refused
from services.reminder import Due
from services.scene import Scene

Replies = Sequence[Reply]
_MOST_NAMES = 3
_MOST_PROBLEMS = 3


def word(due: Due, scene: Scene, today: date, language: str) -> Reply:
    """The reminder of a duty: where, what is owed, days left, what was found there, and the buttons."""
    period = say(language, f"duty.this_{due.period}")
    days = (due.closes_on - today).days + 1
    asks = say(
        language, f"remind.{due.kind}", place=_place(scene, language), period=period, owed=due.owed, done=due.done,
        days=days,
    )  # fmt: skip
    lines = [asks]
    if scene.problems:
        worst = scene.problems.most_common(_MOST_PROBLEMS)
        listed = [say(language, "remind.problem", kind=kind, n=n) for kind, n in worst]
        lines.append(say(language, "remind.problems", list=say(language, "remind.comma").join(listed)))
    if scene.open_problems:
        named = [(type_word(language, label), n) for label, n in scene.open_problems.most_common(_MOST_PROBLEMS)]
        listed = [say(language, "remind.problem", kind=kind, n=n) for kind, n in named]
        lines.append(say(language, "remind.open_problems", list=say(language, "remind.comma").join(listed)))
    if scene.unseen:
        grid, month = scene.unseen
        key = "remind.unseen_since" if month else "remind.never_seen"
        lines.append(say(language, key, grid=grid, month=month or ""))
    return Reply("\n".join(lines), _buttons(due, language), reminder_id=due.id, not_after=due.expires_at)


def now(talk: Talk, arg: str) -> Replies:
    """📍 现在巡林: opens a patrol."""
    _own(talk, arg)
    return patrol.begin(talk)


def later(talk: Talk, arg: str) -> Replies:
    """稍后: the follow-up comes in two hours, and there is no other."""
    row = _own(talk, arg)
    due_at = reminder.postpone(talk.session, row, talk.now, talk.zone)
    return [Reply(talk.say("remind.later", when=due_at.astimezone(talk.zone).strftime("%m-%d %H:%M")))]


def leave(talk: Talk, arg: str) -> Replies:
    """本期请假: nothing more about this duty until the next period; a patrol still counts."""
    row = _own(talk, arg)
    reminder.leave(talk.session, row, talk.now)
    if talk.message.press:
        outbox.spend(talk.session, talk.message.press.outbox_id, talk.now)
    return [Reply(talk.say("remind.leave"))]


def _own(talk: Talk, arg: str) -> Reminder:
    row = reminder.own(talk.session, int(arg), talk.chief.id)
    if row is None:
        raise Refused("chat.button_unknown")
    if row.closes_on < local_date(talk.now, talk.zone):
        raise Refused("remind.period_over")
    return row


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
