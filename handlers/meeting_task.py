"""会议任务 (tasks of meetings): set in one line, told to their owners, listed to the office, done by one tap."""

from collections.abc import Sequence
from datetime import date

from handlers import meeting, periods
from handlers.areas import today
from handlers.talk import Talk
from locales import say
from models.account import Account
from models.meeting import Meeting
from models.message import Button, Reply
from services import meeting_record, meeting_task, reach
from services.meeting_record import Member
from services.meeting_task import Task
from services.refused import Refused

Replies = Sequence[Reply]
_MARKS = " ,:;@\uff0c\uff1a\uff1b\u3001\u3000"
_MOST = 20


def told(talk: Talk, found: Meeting, text: str) -> Replies:
    """A task in one line: owner and last day before its words, in either order; both may be missing."""
    members, due_on, words = _read(talk, found, text)
    owner_id = members[0].chief_id if len(members) == 1 else None
    row = meeting_task.add(talk.session, found, words, owner_id, due_on, talk.account.id, talk.now)
    task = meeting_task.find(talk.session, row.id)
    if len(members) > 1:
        chips = tuple((Button(f"{m.name} {m.area}", "meeting.owner", f"{row.id}:{m.chief_id}"),) for m in members)
        return [Reply(talk.say("meeting_task.which_owner", task=line(talk, task)), chips)]
    return _set(talk, task)


def owner(talk: Talk, arg: str) -> Replies:
    """Which of several of one name it is."""
    id_, _, chief_id = arg.partition(":")
    task = _office_task(talk, id_)
    meeting_task.own(talk.session, task, int(chief_id))
    return _set(talk, meeting_task.find(talk.session, task.row.id))


def list_(talk: Talk, _arg: str = "") -> Replies:
    """调度会 任务: what is open, the most urgent first, what is overdue said so."""
    found = meeting_task.open_in(talk.session, meeting.area_of(talk))
    if not found:
        return [Reply(talk.say("meeting_task.none"))]
    late = sum(task.overdue(today(talk)) for task in found)
    lines = [talk.say("meeting_task.list", n=len(found), late=late)]
    lines += [f"{n}. {line(talk, task)}" for n, task in enumerate(found[:_MOST], 1)]
    buttons = [
        talk.button("meeting.done", task.row.id, label=talk.say("meeting_task.done_n", n=n))
        for n, task in enumerate(found[:_MOST], 1)
    ]
    rows = tuple(tuple(buttons[n : n + 4]) for n in range(0, len(buttons), 4))
    return [Reply("\n".join(lines), rows)]


def done(talk: Talk, arg: str) -> Replies:
    """已完成: by the owner, or by whoever may register meetings there."""
    task = _own_task(talk, arg)
    meeting_task.done(talk.session, task, talk.account.id, talk.now)
    back = talk.button("meeting.undone", task.row.id)
    return [Reply(talk.say("meeting_task.done", text=task.row.text), ((back,),))]


def undone(talk: Talk, arg: str) -> Replies:
    """还没完成: taken back."""
    task = _own_task(talk, arg)
    meeting_task.reopen(talk.session, task, talk.account.id, talk.now)
    return [
        Reply(talk.say("meeting_task.reopened", text=task.row.text), ((talk.button("meeting.done", task.row.id),),))
    ]


def drop(talk: Talk, arg: str) -> Replies:
    """删去: set by mistake; the row stays."""
    task = _office_task(talk, arg)
    meeting_task.void(talk.session, task, talk.account.id, talk.now)
    return [Reply(talk.say("meeting_task.voided", text=task.row.text))]


def due(talk: Talk) -> Replies:
    """The clock's word: the one reminder of a task that is still open."""
    try:
        task = meeting_task.find(talk.session, int(talk.message.data["task_id"]))
    except Refused:
        return []
    if task.row.done_at is not None:
        return []
    text = talk.say("meeting_task.reminder", title=task.meeting.title, task=line(talk, task))
    return [Reply(text, ((talk.button("meeting.done", task.row.id, "primary"),),))]


def line(talk: Talk, task: Task, language: str | None = None) -> str:
    """A task in one line: what, who, until when, and how it stands."""
    said = language or talk.language
    row = task.row
    parts = [
        row.text, *([task.owner] if task.owner else []),
        *([say(said, "meeting_task.until", day=row.due_on)] if row.due_on else []),
    ]  # fmt: skip
    stands = "done" if row.done_at else "overdue" if task.overdue(today(talk)) else "open"
    return say(said, f"meeting_task.line_{stands}", task=say(said, "meeting_task.comma").join(parts))


def _set(talk: Talk, task: Task) -> Replies:
    again = talk.button("meeting.task", f"{task.meeting.id}:task", label=talk.say("meeting_task.another"))
    buttons = ((again, talk.button("meeting.open", task.meeting.id, label=talk.say("meeting_record.back"))),
               (talk.button("meeting.task_drop", task.row.id, "danger"),))  # fmt: skip
    owner_ = reach.account_of(talk.session, task.row.owner_id) if task.row.owner_id else None
    key = "meeting_task.set_told" if owner_ else "meeting_task.set"
    replies = [Reply(talk.say(key, task=line(talk, task)), buttons)]
    return [*replies, _to_owner(talk, task, owner_)] if owner_ else replies


def _to_owner(talk: Talk, task: Task, account: Account) -> Reply:
    language = account.language or talk.default_language
    text = say(language, "meeting_task.yours", title=task.meeting.title, task=line(talk, task, language))
    button = Button(say(language, "button.meeting_done"), "meeting.done", str(task.row.id), "primary")
    return Reply(text, ((button,),), to=(account.channel, account.chat_id))


def _read(talk: Talk, found: Meeting, text: str) -> tuple[list[Member], date | None, str]:
    members, rest = list[Member](), text.strip(_MARKS)
    due_on: date | None = None
    for _ in range(2):
        if not members:
            members, rest = meeting_record.leading(talk.session, found, rest)
            rest = rest.strip(_MARKS)
        if due_on is None:
            due_on, rest = periods.leading_due_day(rest, today(talk))
            rest = rest.strip(_MARKS)
    return members, due_on, rest


def _office_task(talk: Talk, arg: str) -> Task:
    task = meeting_task.find(talk.session, int(arg))
    if task.meeting.area_code != meeting.area_of(talk):
        raise Refused("meeting_task.unknown")
    return task


def _own_task(talk: Talk, arg: str) -> Task:
    task = meeting_task.find(talk.session, int(arg))
    chief = talk.person.chief
    return task if chief and task.row.owner_id == chief.id else _office_task(talk, arg)
