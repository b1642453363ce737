"""What a person may see (范围): the office its area and below, a chief the totals of the own area."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.area import Area
from services.person import Person
from services.post import posts_on
from services.refused import Refused


def default_area(session: Session, person: Person, day: date) -> Area:
    """The area that a question without one is about; raises `Refused` for somebody who may see none."""
    code = next(iter(own_areas(session, person, day)), None)
    if code is None:
        raise Refused("count.not_yours")
    return session.get_one(Area, code)


def top_areas(session: Session, person: Person, day: date) -> list[Area]:
    """All that a person may see: the own areas that lie in no other of them; raises `Refused` where there is none."""
    codes = own_areas(session, person, day)
    if not codes:
        raise Refused("count.not_yours")
    # A code begins with the code of the area around it.
    top = [code for code in codes if not any(code != other and code.startswith(other) for other in codes)]
    return [session.get_one(Area, code) for code in top]


def may_see(session: Session, person: Person, area: Area, day: date) -> Area:
    """The area itself, where the person may see it; raises `Refused` otherwise."""
    own = set(own_areas(session, person, day))
    above: Area | None = area
    while above is not None:
        if above.code in own:
            return area
        above = session.get(Area, above.parent_code) if above.parent_code else None
    raise Refused("count.not_yours")


def own_areas(session: Session, person: Person, day: date) -> list[str]:
    """The areas of the offices, else of the chief's posts, widest first."""
    if person.offices:
        return list(person.offices)
    if person.chief is None:
        return []
    codes = {code for post in posts_on(session, person.chief.id, day) for code in (post.area_code, *_streets(post))}
    return sorted(codes, key=lambda code: (len(code), code))


def _streets(post: object) -> tuple[str, ...]:
    # A district chief's own area is the whole district already.
    return getattr(post, "streets", ()) if getattr(post, "level", "") == "street" else ()


def all_areas(session: Session) -> list[Area]:
    """Every area, for matching names."""
    return list(session.scalars(select(Area).order_by(Area.code)))
