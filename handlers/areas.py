"""Areas in a conversation (区域): the office's own where none is named, else one of those below it."""

from datetime import date

from handlers.talk import Talk
from locales import all_words
from models.area import Area
from rules.localtime import local_date
from rules.naming import match_area
from services import scope
from services.refused import Refused


def own_office(talk: Talk, key: str) -> Area:
    """The area of the office that speaks; raises `Refused` with `key` for anybody else."""
    if not talk.person.offices:
        raise Refused(key)
    return scope.default_area(talk.session, talk.person, today(talk))


def named(talk: Talk, text: str) -> Area | None:
    """The one area that a text names and this person may see, or None."""
    if not text:
        return None
    areas = scope.all_areas(talk.session)
    names = {area.code: [name for name in (area.name, area.alias) if name] for area in areas}
    found = match_area(text, names, all_words("roster.area_suffixes"))
    if len(found) != 1:
        return None
    return scope.may_see(talk.session, talk.person, talk.session.get_one(Area, found[0]), today(talk))


def today(talk: Talk) -> date:
    """The local date of the conversation."""
    return local_date(talk.now, talk.zone)
