"""一张图 (the one map): a picture in the chat, and a link that opens the page once, for the office."""

from collections.abc import Sequence

from handlers import grid_picture
from handlers.talk import Talk
from models.message import Reply
from services import map_link

_MINUTES = int(map_link.LINK_LASTS.total_seconds() // 60)


def asked(talk: Talk, argument: str = "") -> Sequence[Reply]:
    """一张图: the grids as a picture, and a one-use link to the page; raises `Refused` for others than the office."""
    return [*grid_picture.asked(talk, argument), *_way_in(talk)]


def _way_in(talk: Talk) -> Sequence[Reply]:
    if not talk.address:
        return [Reply(talk.say("map.no_address"))]
    code = map_link.issue(talk.session, talk.account.id, talk.now)
    # Behind the #: that part is sent to no server and stands in no log.
    link = talk.say("map.link", link=f"{talk.address}/map#{code}", minutes=_MINUTES)
    return [Reply(f"{talk.say('map.door', door=talk.map_door)}\n{link}" if talk.map_door else link)]
