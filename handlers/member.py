"""Members of the organisation (成员): who came, who left, and whether it is you whom the directory names."""

from collections.abc import Sequence

from handlers import enrol, menu
from handlers.talk import Talk
from models.message import Kind, Reply
from services import member
from services.refused import Refused

Replies = Sequence[Reply]
_ASKED_BY = {Kind.TEXT, Kind.PHOTO, Kind.LOCATION, Kind.RECORDING, Kind.ARRIVED}


def offer(talk: Talk) -> Replies:
    """Asks a newcomer whom the directory and the roster agree on whether it is so; else nothing."""
    if talk.message.kind not in _ASKED_BY or talk.person.chief or talk.person.offices:
        return []
    chief = member.offered(talk.session, talk.message.channel, talk.message.sender_id)
    if chief is None:
        return []
    buttons = (talk.button("member.confirm", chief.code, "primary"), talk.button("member.deny", chief.code))
    title = member.title_of(talk.session, chief.id)
    return [Reply(talk.say("member.is_it_you", name=chief.name, title=title), (buttons,))]


def confirm(talk: Talk, code: str) -> Replies:
    """是我: one tap, and the account is that chief's."""
    chief = member.confirm(talk.session, talk.account, code)
    talk.audit("account.enrolled", f"chief:{chief.id}")
    return [menu.with_menu(talk, talk.say("start.enrolled", name=chief.name), "chief")]


def deny(talk: Talk, _code: str) -> Replies:
    """不是我: nothing is changed, and the office can be told."""
    return [Reply(talk.say("member.denied"))]


def arrived(talk: Talk) -> Replies:
    """The organisation let somebody see us: a greeting, and how to choose where no buttons show."""
    greeting = list(enrol.start(talk))
    return [*greeting, Reply(talk.say("member.plain_hint"))]


def left(talk: Talk) -> Replies:
    """Somebody left: access ends, records stay."""
    talk.audit("account.left", f"account:{talk.account.id}")
    member.leave(talk.session, talk.account, talk.now)
    return []


def renamed(talk: Talk) -> Replies:
    """Somebody has a new user id."""
    talk.audit("account.renamed", f"account:{talk.account.id}")
    member.rename(talk.session, talk.account, talk.message.data["new_id"])
    return []


def plain(talk: Talk, _arg: str = "") -> Replies:
    """Choices as numbers instead of buttons, and back."""
    talk.account.plain_choices = not member.as_numbers(talk.account)
    return [Reply(talk.say("member.plain_on" if talk.account.plain_choices else "member.plain_off"))]


def noted(talk: Talk) -> Replies:
    """What nobody wants an answer to."""
    if talk.message.data.get("event") is None:
        raise Refused("chat.not_understood")
    return []
