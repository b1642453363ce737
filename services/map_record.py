"""One record on the live map (一张图的记录): with photos, verdict and history, for whoever may see its area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.account import Account, Office
from models.area import Area
from models.chief import Chief
from models.draft import Part
from models.grid import GridVersion
from models.patrol import Patrol, PatrolEvent
from models.photo import Photo
from services import scope, tally
from services.person import Person


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed about a record: when, what, by whom ("" where it followed from another change)."""

    at: datetime
    what: str
    by: str
    before: str
    after: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Full:
    """A record with all that belongs to it."""

    patrol: Patrol
    chief: str
    grid: str | None
    street: str | None
    photos: Sequence[Photo]
    changes: Sequence[Change]


def find(session: Session, person: Person, day: date, patrol_id: int) -> Full | None:
    """A record, where the person may see its area on a local date; None also for one that does not exist."""
    row = session.execute(
        select(Patrol, Chief.name, GridVersion.name, Area.name)
        .join(Chief, Chief.id == Patrol.chief_id)
        .outerjoin(GridVersion, GridVersion.id == Patrol.grid_version_id)
        .outerjoin(Area, Area.code == Patrol.street_code)
        .where(Patrol.id == patrol_id, _visible(session, person, day))
    ).one_or_none()
    if row is None:
        return None
    patrol, chief, grid_name, street = row
    photos = select(Photo).join(Part, Part.photo_id == Photo.id).where(Part.patrol_id == patrol_id)
    return Full(
        patrol, chief, grid_name, street, session.scalars(photos.order_by(Photo.id)).all(), _changes(session, patrol_id)
    )


def photo_of(session: Session, person: Person, day: date, photo_id: int) -> Photo | None:
    """A photo of a record that the person may see."""
    shown = select(Photo).join(Part, Part.photo_id == Photo.id).join(Patrol, Patrol.id == Part.patrol_id)
    return session.scalars(shown.where(Photo.id == photo_id, _visible(session, person, day)).limit(1)).first()


def _visible(session: Session, person: Person, day: date) -> ColumnElement[bool]:
    return or_(*(tally.booked_to(session, area) for area in scope.top_areas(session, person, day)))


def _changes(session: Session, patrol_id: int) -> list[Change]:
    rows = session.execute(
        select(PatrolEvent, Account, Chief.name)
        .outerjoin(Account, Account.id == PatrolEvent.account_id)
        .outerjoin(Chief, Chief.id == Account.chief_id)
        .where(PatrolEvent.patrol_id == patrol_id)
        .order_by(PatrolEvent.id)
    )
    return [
        Change(
            one.happened_at, one.what, chief or (_office(session, account) if account else ""), one.before, one.after,
            one.why,
        )
        for one, account, chief in rows
    ]  # fmt: skip


def _office(session: Session, account: Account) -> str:
    held = select(Area.name).join(Office, Office.area_code == Area.code)
    same = (Office.channel == account.channel, Office.user_id == account.user_id)
    return session.scalar(held.where(*same).order_by(Area.code).limit(1)) or ""
