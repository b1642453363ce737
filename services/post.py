"""Posts (责任岗位): what a chief is responsible for on a date."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.chief import Chief, Post, PostStreet
from models.grid import GridCommunity
from rules.level import Level
from services import mark

_REMEMBERED = 20_000
_cache: OrderedDict[tuple[str, int], Sequence["PostFacts"]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post with its streets."""

    id: int
    chief_id: int
    level: str
    title: str
    area_code: str
    streets: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the post is held on a local date."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def posts_on(session: Session, chief_id: int, day: date) -> list[PostFacts]:
    """A chief's posts on a local date."""
    return [post for post in posts_of(session, chief_id) if post.holds_on(day)]


def posts_of(session: Session, chief_id: int) -> Sequence[PostFacts]:
    """All posts of a chief, remembered for as long as the roster keeps its edition."""
    key = (mark.edition(session, "roster"), chief_id)
    if key not in _cache:
        _cache[key] = _read(session, chief_id)
        if len(_cache) > _REMEMBERED:
            _cache.popitem(last=False)
    return _cache[key]


def community_chiefs(session: Session, grid_version_id: int | None, day: date) -> list[tuple[int, str]]:
    """Ids and names of the chiefs of the communities that a grid serves, on a local date."""
    served = select(GridCommunity.community_code).where(GridCommunity.grid_version_id == grid_version_id)
    rows = select(Chief.id, Chief.name).join(Post, Post.chief_id == Chief.id)
    holds = (Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day))
    here = rows.where(Post.area_code.in_(served), Post.level == Level.COMMUNITY.value, *holds)
    found = session.execute(here.distinct().order_by(Chief.id)).all() if grid_version_id else []
    return [(row.id, row.name) for row in found]


def _read(session: Session, chief_id: int) -> Sequence[PostFacts]:
    posts = session.scalars(select(Post).where(Post.chief_id == chief_id).order_by(Post.id)).all()
    streets = session.execute(
        select(PostStreet.post_id, PostStreet.street_code)
        .where(PostStreet.post_id.in_([post.id for post in posts]))
        .order_by(PostStreet.street_code)
    ).all()
    return tuple(_facts(post, tuple(code for owner, code in streets if owner == post.id)) for post in posts)


def _facts(post: Post, streets: tuple[str, ...]) -> PostFacts:
    return PostFacts(
        post.id, post.chief_id, post.level, post.title, post.area_code, streets, post.valid_from, post.valid_to
    )
