"""一张图 (the live map): a link that opens it once, for the office."""

from collections.abc import Sequence

from handlers.talk import Talk
from models.message import Reply
from services import map_link
from services.refused import Refused

_MINUTES = int(map_link.LINK_LASTS.total_seconds() // 60)


def link(talk: Talk, _arg: str = "") -> Sequence[Reply]:
    """一张图: a one-use link; raises `Refused` for others than the office, and where no address is known."""
    if not talk.person.offices:
        raise Refused("map.not_yours")
    if not talk.address:
        raise Refused("map.no_address")
    code = map_link.issue(talk.session, talk.account.id, talk.now)
    # Behind the #: that part is sent to no server and stands in no log.
    return [Reply(talk.say("map.link", link=f"{talk.address}/map#{code}", minutes=_MINUTES))]
