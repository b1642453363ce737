"""调度会记录 (the record of a meeting): chair, attendees, topics, resolutions, minutes; each may be left out."""

import re
from collections.abc import Sequence

from handlers import meeting, meeting_task
from handlers.talk import Talk
from locales import all_words
from locales.dates import full_date
from models.document import Document
from models.meeting import Meeting
from models.message import Attachment, Button, Reply
from services import document, meeting_record
from services import meeting_task as tasks
from services.meeting import TAKE_BACK_FOR
from services.meeting_record import FIELDS, Member

Replies = Sequence[Reply]
ASKED = "meeting_record"
_PAGE, _CHIPS, _IN_A_ROW, _SHOWN = 8, 10, 2, 60
_BETWEEN = re.compile(r"[\s\u3001\uff0c,\uff1b;]+")
"""What stands between names: blanks, commas and semicolons, of either width."""


def asked(talk: Talk, argument: str = "") -> Replies:
    """调度会: a list, the open tasks, or what it always was: a title to register."""
    word = argument.strip()
    if word in all_words("meeting_record.words.list"):
        return list_(talk)
    if word in all_words("meeting_record.words.tasks"):
        return meeting_task.list_(talk)
    return meeting.begin(talk, argument)


def list_(talk: Talk, arg: str = "0") -> Replies:
    """The meetings, newest first, each with a button that opens it."""
    area, offset = meeting.area_of(talk), int(arg or 0)
    page, total = meeting_record.latest(talk.session, area, _PAGE, offset)
    if not total:
        return [Reply(talk.say("meeting_record.none"))]
    buttons = [Button(f"{one.held_on:%m-%d} {one.title}"[:_SHOWN], "meeting.open", str(one.id)) for one in page]
    steps = tuple(
        talk.button("meeting.list", at, label=talk.say(label))
        for label, at in (("count.newer", offset - _PAGE), ("count.older", offset + _PAGE))
        if 0 <= at < total
    )
    rows = (*((button,) for button in buttons), *((steps,) if steps else ()))
    text = talk.say("meeting_record.list", first=offset + 1, last=offset + len(page), total=total)
    return [Reply(text, rows)]


def open_(talk: Talk, arg: str) -> Replies:
    """One meeting with all that is recorded of it."""
    return [_card(talk, _found(talk, arg))]


def edit(talk: Talk, arg: str) -> Replies:
    """Ask for one thing: the next message is it; people can be chosen by name."""
    id_, _, field = arg.partition(":")
    found = _found(talk, id_)
    talk.account.awaiting, talk.account.awaiting_data = ASKED, {"meeting": found.id, "field": field}
    if field in {"chair", "attendees"}:
        return [_people(talk, found, field, 0)]
    return [Reply(talk.say(f"meeting_record.ask.{field}", title=found.title))]


def told(talk: Talk, text: str) -> Replies:
    """What we asked for, in words."""
    data = talk.account.awaiting_data or {}
    found, field = _found(talk, data.get("meeting", 0)), str(data.get("field"))
    if field == "attendees":
        return _names_told(talk, found, text)
    if field == "minutes":
        return [Reply(talk.say("meeting_record.ask.minutes", title=found.title))]
    talk.account.awaiting = talk.account.awaiting_data = None
    if field == "task":
        return meeting_task.told(talk, found, text)
    meeting_record.write(talk.session, found, field, text.strip(), talk.account.id, talk.now)
    return [_card(talk, found)]


def takes_papers(talk: Talk) -> bool:
    """Whether photos and files are pages of minutes now."""
    if talk.person.account is None or talk.account.awaiting != ASKED:
        return False
    return (talk.account.awaiting_data or {}).get("field") == "minutes"


def paper(talk: Talk) -> Replies:
    """A page of the minutes; more may follow."""
    found = _found(talk, (talk.account.awaiting_data or {}).get("meeting", 0))
    kept = document.keep(talk.session, talk.message, talk.account.id)
    meeting_record.add_papers(talk.session, found, kept, talk.account.id, talk.now)
    n = len(meeting_record.papers(talk.session, found.id))
    return [Reply(talk.say("meeting_record.paper_kept", title=found.title, n=n), ((_opens(talk, found),),))]


def papers(talk: Talk, arg: str) -> Replies:
    """看纪要: the pages as they were sent."""
    found = _found(talk, arg)
    return [
        Reply(one.name, attachment=_file(talk, one))
        for one in meeting_record.papers(talk.session, found.id)
        if one.sha256
    ] or [Reply(talk.say("meeting_record.no_papers"))]


def _file(talk: Talk, one: Document) -> Attachment:
    return Attachment("kept_file", {"sha256": one.sha256, "name": one.name, "size": one.size}, talk.language)


def people(talk: Talk, arg: str) -> Replies:
    """A page of names to choose from."""
    id_, field, offset = arg.split(":")
    return [_people(talk, _found(talk, id_), field, int(offset))]


def person(talk: Talk, arg: str) -> Replies:
    """A name that was chosen: the chair, or one more attendee."""
    id_, field, chief_id = arg.split(":")
    found = _found(talk, id_)
    if field == "chair":
        name = meeting_record.name_of(talk.session, int(chief_id))
        meeting_record.write(talk.session, found, "chair", name, talk.account.id, talk.now)
        return [_card(talk, found)]
    meeting_record.attend(talk.session, found, [int(chief_id)], talk.account.id, talk.now)
    talk.account.awaiting, talk.account.awaiting_data = ASKED, {"meeting": found.id, "field": field}
    return [_people(talk, found, field, 0)]


def leave_out(talk: Talk, arg: str) -> Replies:
    """One who did not attend after all; without a name, which."""
    id_, _, chief_id = arg.partition(":")
    found = _found(talk, id_)
    if chief_id:
        meeting_record.leave_out(talk.session, found, int(chief_id), talk.account.id, talk.now)
        return [_card(talk, found)]
    there = meeting_record.attendees(talk.session, found)
    rows = _rows([Button(one.name, "meeting.leave_out", f"{found.id}:{one.chief_id}") for one in there])
    return [Reply(talk.say("meeting_record.leave_out_whom"), rows)]


def _names_told(talk: Talk, found: Meeting, text: str) -> Replies:
    unknown, several, sure = [], list[Member](), list[int]()
    for name in filter(None, _BETWEEN.split(text)):
        members = meeting_record.named(talk.session, found, name)
        if len(members) == 1:
            sure.append(members[0].chief_id)
        several += members if len(members) > 1 else []
        unknown += [] if members else [name]
    meeting_record.attend(talk.session, found, sure, talk.account.id, talk.now)
    lines = [talk.say("meeting_record.unknown", names=_listed(talk, unknown)[:_SHOWN])] if unknown else []
    if not several:
        return [_people(talk, found, "attendees", 0, lines)]
    arg = f"{found.id}:attendees"
    chips = [Button(f"{one.name} {one.area}", "meeting.person", f"{arg}:{one.chief_id}") for one in several]
    return [Reply("\n".join([*lines, talk.say("meeting_record.same_name")]), _rows(chips))]


def _people(talk: Talk, found: Meeting, field: str, offset: int, lines: Sequence[str] = ()) -> Reply:
    page, total = meeting_record.likely(talk.session, found, _CHIPS, offset)
    chips = _rows([Button(one.name, "meeting.person", f"{found.id}:{field}:{one.chief_id}") for one in page])
    steps = tuple(
        talk.button("meeting.people", f"{found.id}:{field}:{at}", label=talk.say(label))
        for label, at in (("count.newer", offset - _CHIPS), ("count.older", offset + _CHIPS))
        if 0 <= at < total
    )
    there = [_attended(talk, found)] if field == "attendees" else []
    text = "\n".join([*lines, *filter(None, there), talk.say(f"meeting_record.ask.{field}", title=found.title)])
    return Reply(text, (*chips, *((steps,) if steps else ()), (_opens(talk, found),)))


def _card(talk: Talk, found: Meeting) -> Reply:
    chair = [talk.say("meeting_record.chair", name=found.chair)] if found.chair else []
    lines = [
        talk.say("meeting_record.head", title=found.title, date=full_date(found.held_on, talk.language)), *chair,
        *filter(None, [_attended(talk, found)]),
        *(talk.say(f"meeting_record.{field}", text=text) for field in FIELDS[1:] if (text := getattr(found, field))),
    ]  # fmt: skip
    pages = len(meeting_record.papers(talk.session, found.id))
    lines += [talk.say("meeting_record.papers", n=pages)] if pages else []
    lines += [meeting_task.line(talk, task) for task in tasks.of_meeting(talk.session, found.id)]
    fields = [talk.button(f"meeting.{field}", f"{found.id}:{field}") for field in _EDITED]
    more = [talk.button("meeting.papers", found.id)] if pages else []
    more += [talk.button("meeting.leave_out", found.id)] if meeting_record.attendees(talk.session, found) else []
    more += [talk.button("meeting.take_back", found.id, "danger")] if _may_take_back(talk, found) else []
    return Reply("\n".join(lines), (*_rows(fields), *((tuple(more),) if more else ())))


_EDITED = ("chair", "attendees", "topics", "resolutions", "minutes", "task")


def _may_take_back(talk: Talk, found: Meeting) -> bool:
    return found.account_id == talk.account.id and found.registered_at > talk.now - TAKE_BACK_FOR


def _attended(talk: Talk, found: Meeting) -> str:
    there = meeting_record.attendees(talk.session, found)
    if there:
        return talk.say("meeting_record.attendees", n=len(there), names=_listed(talk, [one.name for one in there]))
    return talk.say("meeting_record.attendees_number", n=found.attendees) if found.attendees else ""


def _listed(talk: Talk, names: Sequence[str]) -> str:
    return talk.say("meeting_record.comma").join(names)


def _opens(talk: Talk, found: Meeting) -> Button:
    return talk.button("meeting.open", found.id, label=talk.say("meeting_record.back"))


def _found(talk: Talk, id_: object) -> Meeting:
    return meeting_record.find(talk.session, int(str(id_)), meeting.area_of(talk))


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[n : n + _IN_A_ROW]) for n in range(0, len(buttons), _IN_A_ROW))
