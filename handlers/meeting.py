"""Dispatch meetings (调度会): named, shown with their date, confirmed once, and taken back within 24 hours."""

from collections.abc import Sequence
from datetime import date

from handlers import periods
from handlers.talk import Talk
from locales import all_words
from locales.dates import full_date
from models.message import Reply
from rules.localtime import local_date
from services import meeting
from services.post import posts_on
from services.refused import Refused

Replies = Sequence[Reply]


def delivered(talk: Talk) -> Replies:
    """A meeting that arrives complete in one message."""
    said = talk.message
    meeting.register(
        talk.session, area_code=_area(talk), held_at=said.sent_at, title=said.data["title"],
        place=said.data.get("place"), attendees=said.data.get("attendees"), note=said.text or None,
        chief_id=talk.chief.id, inbox_id=said.inbox_id, zone=talk.zone, now=talk.now,
    )  # fmt: skip
    return [Reply(talk.say("meeting.registered", title=said.data["title"], date=_date(talk, _today(talk))))]


def area_of(talk: Talk) -> str:
    """The district whose meetings a person may register; raises `Refused` for anybody else."""
    return _area(talk)


def may(talk: Talk) -> bool:
    """Whether a person may register meetings."""
    return _own_district(talk) is not None


def begin(talk: Talk, text: str = "") -> Replies:
    """调度会: its title at once, or in the next message; a day before it is the day on which it was held."""
    area = _area(talk)
    day, title = _day_and_title(talk, text)
    held_on = day or _today(talk)
    if not title:
        talk.account.awaiting, talk.account.awaiting_data = "meeting", {"held_on": held_on.isoformat()}
        return [Reply(talk.say("meeting.ask"), ((talk.button("meeting.list"), talk.button("meeting.tasks")),))]
    return _confirm(talk, area, held_on, title)


def told(talk: Talk, text: str) -> Replies:
    """The title that we asked for, with its day where one is said."""
    asked = talk.account.awaiting_data or {}
    day, title = _day_and_title(talk, text)
    held_on = day or date.fromisoformat(asked.get("held_on") or _today(talk).isoformat())
    if not title:
        talk.account.awaiting_data = {"held_on": held_on.isoformat()}
        return [Reply(talk.say("meeting.ask"))]
    replies = _confirm(talk, _area(talk), held_on, title)
    talk.account.awaiting = talk.account.awaiting_data = None
    return replies


def register(talk: Talk, arg: str) -> Replies:
    """登记: once, and not where the same meeting was registered meanwhile."""
    held_on, title = _carried(arg)
    if meeting.same(talk.session, _area(talk), held_on, title):
        return _confirm(talk, _area(talk), held_on, title)
    return register_again(talk, arg)


def register_again(talk: Talk, arg: str) -> Replies:
    """另一次，登记: another meeting of the same title and day."""
    held_on, title = _carried(arg)
    _spend(talk)
    new = meeting.register(
        talk.session, area_code=_area(talk), held_at=meeting.begun_at(held_on, talk.now, talk.zone), title=title,
        chief_id=talk.person.chief.id if talk.person.chief else None, account_id=talk.account.id,
        inbox_id=talk.message.inbox_id, zone=talk.zone, now=talk.now,
    )  # fmt: skip
    text = talk.say("meeting.registered", title=title, date=_date(talk, held_on))
    return [Reply(text, ((talk.button("meeting.take_back", new, "danger"), talk.button("meeting.open", new)),))]


def drop(talk: Talk, _arg: str = "") -> Replies:
    """取消: nothing is registered."""
    _spend(talk)
    return [Reply(talk.say("stop.meeting"))]


def take_back(talk: Talk, arg: str) -> Replies:
    """撤回: within 24 hours; the row stays, and counts no more."""
    found = meeting.take_back(talk.session, int(arg), talk.account.id, talk.now)
    return [Reply(talk.say("meeting.taken_back", title=found.title))]


def _confirm(talk: Talk, area: str, held_on: date, title: str) -> Replies:
    meeting.check(title, held_on, _today(talk))
    fields = {"title": title, "date": _date(talk, held_on)}
    arg, cancel = f"{held_on}|{title}", talk.button("meeting.drop", style="danger")
    if meeting.same(talk.session, area, held_on, title):
        again = talk.button("meeting.register_again", arg)
        return [Reply(talk.say("meeting.is_there", **fields), ((again, cancel),))]
    return [Reply(talk.say("meeting.confirm", **fields), ((talk.button("meeting.register", arg, "primary"), cancel),))]


def _day_and_title(talk: Talk, text: str) -> tuple[date | None, str]:
    """The day that a text begins with, and the title behind it: 2026年11月20日召开的三季度调度会."""
    if text.strip().startswith(all_words("meeting.not_yet_words")):
        raise Refused("meeting.in_future")
    day, title = periods.leading_day(text.strip(), _today(talk))
    if day:
        marks = all_words("meeting.held_words")
        title = title.strip(" ，,：:")
        title = next((title[len(mark) :] for mark in sorted(marks, key=len)[::-1] if title.startswith(mark)), title)
    return day, title.strip(" ，,：:")


def _carried(arg: str) -> tuple[date, str]:
    day, _, title = arg.partition("|")
    return date.fromisoformat(day), title


def _spend(talk: Talk) -> None:
    if not talk.spend_buttons():
        raise Refused("chat.button_used")


def _today(talk: Talk) -> date:
    return local_date(talk.message.sent_at, talk.zone)


def _date(talk: Talk, day: date) -> str:
    return full_date(day, talk.language)


def _area(talk: Talk) -> str:
    area = _own_district(talk)
    if area is None:
        raise Refused("meeting.not_yours")
    return area


def _own_district(talk: Talk) -> str | None:
    # A meeting is the district's: its office registers it, or one of its chiefs.
    offices = [code for code in talk.person.offices if meeting.is_district(talk.session, code)]
    posts = posts_on(talk.session, talk.person.chief.id, _today(talk)) if talk.person.chief else []
    return next(iter([*offices, *(post.area_code for post in posts if post.level == "district")]), None)
