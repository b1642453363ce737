"""Dispatch meetings (调度会): registered by the office or a district chief."""

from collections.abc import Sequence

from handlers.talk import Talk
from models.message import Reply
from rules.localtime import local_date
from services import meeting
from services.post import posts_on
from services.refused import Refused


def delivered(talk: Talk) -> Sequence[Reply]:
    """A meeting that arrives complete in one message."""
    said = talk.message
    meeting.register(
        talk.session, area_code=_area(talk), held_at=said.sent_at, title=said.data["title"],
        place=said.data.get("place"), attendees=said.data.get("attendees"), note=said.text or None,
        chief_id=talk.chief.id, inbox_id=said.inbox_id, zone=talk.zone, now=talk.now,
    )  # fmt: skip
    return [Reply(talk.say("meeting.registered", title=said.data["title"]))]


def begin(talk: Talk, title: str = "") -> Sequence[Reply]:
    """调度会: its title at once, or in the next message."""
    _area(talk)
    if title:
        return told(talk, title)
    talk.account.awaiting = "meeting"
    return [Reply(talk.say("meeting.ask"))]


def told(talk: Talk, title: str) -> Sequence[Reply]:
    """The title of a meeting that was held today."""
    talk.account.awaiting = None
    meeting.register(
        talk.session, area_code=_area(talk), held_at=talk.message.sent_at, title=title[:200],
        chief_id=talk.person.chief.id if talk.person.chief else None, account_id=talk.account.id,
        inbox_id=talk.message.inbox_id, zone=talk.zone, now=talk.now,
    )  # fmt: skip
    return [Reply(talk.say("meeting.registered", title=title[:200]))]


def _area(talk: Talk) -> str:
    # A meeting is the district's: its office registers it, or one of its chiefs.
    offices = [code for code in talk.person.offices if meeting.is_district(talk.session, code)]
    day = local_date(talk.message.sent_at, talk.zone)
    posts = posts_on(talk.session, talk.person.chief.id, day) if talk.person.chief else []
    area = next(iter([*offices, *(post.area_code for post in posts if post.level == "district")]), None)
    if area is None:
        raise Refused("meeting.not_yours")
    return area
