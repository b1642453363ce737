"""A case's record (案卷): a problem, its steps, its evidence by 法发〔2016〕22号 art. 14, the audit's excerpt."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.account import Account, Office
from models.area import Area
from models.audit import Audit
from models.base import Base
from models.chief import Chief, Post
from models.draft import Draft, Part
from models.grid import GridVersion
from models.patrol import Patrol, PatrolEvent
from models.photo import Photo
from models.problem import Problem, ProblemPhoto, ProblemStep
from models.recording import Recording
from models.unit import Unit
from rules.audit import START
from rules.case import FORMAT
from services import audit, problem_rule

_PROBLEM = (
    "number", "type_code", "severity", "state", "found_at", "found_on", "reported_at", "lon", "lat", "accuracy_m",
    "note", "order_number", "due_at", "rectified_at", "closed_at", "withdrawn_at",
)  # fmt: skip
_PATROL = (
    "number", "patrolled_at", "submitted_at", "lon", "lat", "accuracy_m", "outside_m", "photos", "note", "verdict",
    "reason",
)  # fmt: skip
_STEP = ("serial", "taken_at", "role", "action", "before", "after", "why", "order_number", "severity")
_PART = ("sent_at", "received_at", "lon", "lat", "accuracy_m", "source", "datum", "raw_position", "text", "forwarded")
_PHOTO = ("received_at", "state", "original", "sha256", "size", "width", "height", "taken_on", "exif_lon", "exif_lat")


def gather(session: Session, problem: Problem) -> dict[str, Any]:
    """All that is known of a problem now, in plain values; audit rows up to the head of the chain."""
    items = _items(session, problem)
    patrol = session.get(Patrol, problem.patrol_id) if problem.patrol_id else None
    return {
        "format": FORMAT,
        "problem": {
            **_plain(problem, _PROBLEM), **_place(session, problem),
            "type": problem_rule.labels(session).get(problem.type_code, problem.type_code),
            "finder": _chief(session, problem.chief_id, problem.found_on),
        },
        "steps": _steps(session, problem),
        "patrol": _patrol(session, patrol) if patrol else None,
        "items": [{"n": n, **item} for n, item in enumerate(items, 1)],
        "audit": _excerpt(session, problem, patrol, items),
    }  # fmt: skip


def _place(session: Session, problem: Problem) -> dict[str, Any]:
    grid = session.get(GridVersion, problem.grid_version_id) if problem.grid_version_id else None
    street = session.get(Area, problem.street_code) if problem.street_code else None
    area = session.get(Area, problem.area_code) if problem.area_code else None
    return {
        "grid": grid.name if grid else None, "grid_code": grid.code if grid else None,
        "street": street.name if street else None, "street_code": problem.street_code,
        "area": area.name if area else None, "area_code": problem.area_code,
    }  # fmt: skip


def _chief(session: Session, chief_id: int, day: date) -> dict[str, Any]:
    chief = session.get_one(Chief, chief_id)
    held = (Post.chief_id == chief_id, Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day))
    post = session.scalars(select(Post).where(*held).order_by(Post.id).limit(1)).first()
    return {"code": chief.code, "name": chief.name, "title": post.title if post else None}


def _steps(session: Session, problem: Problem) -> list[dict[str, Any]]:
    rows = session.scalars(select(ProblemStep).where(ProblemStep.problem_id == problem.id).order_by(ProblemStep.serial))
    return [
        {**_plain(row, _STEP), "by": name_of(session, row.account_id), "unit": _unit(session, row.unit_id)}
        for row in rows
    ]


def _unit(session: Session, unit_id: int | None) -> str | None:
    found = session.get(Unit, unit_id) if unit_id else None
    return (found.name or found.kind) if found else None


def name_of(session: Session, account_id: int | None) -> str | None:
    """Who an account is: the chief, else the area of its office, else its channel and number."""
    account = session.get(Account, account_id) if account_id else None
    if account is None:
        return None
    if account.chief_id:
        return session.get_one(Chief, account.chief_id).name
    held = select(Area.name).join(Office, Office.area_code == Area.code)
    same = (Office.channel == account.channel, Office.user_id == account.user_id)
    area = session.scalar(held.where(*same).order_by(Area.code).limit(1))
    return area or f"{account.channel}:{account.id}"


def _patrol(session: Session, patrol: Patrol) -> dict[str, Any]:
    events = session.scalars(select(PatrolEvent).where(PatrolEvent.patrol_id == patrol.id).order_by(PatrolEvent.id))
    changes = [
        {
            **_plain(one, ("happened_at", "what", "before", "after", "why")),
            "by": name_of(session, one.account_id),
        }
        for one in events
    ]  # fmt: skip
    return {**_plain(patrol, _PATROL), "changes": changes}


def _items(session: Session, problem: Problem) -> list[dict[str, Any]]:
    """Each photo, position and word: who sent it, when, where and how, in the order in which it was sent."""
    mine = [Part.problem_id == problem.id]
    if problem.patrol_id:
        mine.append(Part.patrol_id == problem.patrol_id)
    parts = session.scalars(select(Part).where(or_(*mine), Part.kind != "opened").order_by(Part.sent_at, Part.id)).all()
    found = [_item(session, problem, part) for part in parts]
    known = {part.photo_id for part in parts if part.photo_id}
    rest = (
        select(ProblemPhoto, ProblemStep, Photo)
        .join(ProblemStep, ProblemStep.id == ProblemPhoto.step_id)
        .join(Photo, Photo.id == ProblemPhoto.photo_id)
        .where(ProblemPhoto.problem_id == problem.id)
        .order_by(ProblemPhoto.id)
    )
    found += [
        {
            "kind": "photo", "who": name_of(session, step.account_id) or found_by(session, problem),
            "sent_at": _value(step.taken_at), "step": step.serial, "after": link.is_after, **_photo(photo),
        }
        for link, step, photo in session.execute(rest)
        if photo.id not in known
    ]  # fmt: skip
    return [*found, *_recordings(session, problem)]


def _recordings(session: Session, problem: Problem) -> list[dict[str, Any]]:
    """Voice messages and videos, as they were received."""
    mine = [Draft.problem_id == problem.id]
    if problem.patrol_id:
        mine.append(Draft.patrol_id == problem.patrol_id)
    rows = session.scalars(
        select(Recording).join(Draft, Draft.id == Recording.draft_id).where(or_(*mine)).order_by(Recording.id)
    )
    return [
        {
            "kind": one.kind, "who": found_by(session, problem), "sent_at": _value(one.received_at),
            "channel": one.channel, **_plain(one, ("received_at", "state", "sha256", "size")),
        }
        for one in rows
    ]  # fmt: skip


def found_by(session: Session, problem: Problem) -> str:
    """The name of the finder."""
    return session.get_one(Chief, problem.chief_id).name


def _item(session: Session, problem: Problem, part: Part) -> dict[str, Any]:
    photo = session.get(Photo, part.photo_id) if part.photo_id else None
    item = {"kind": part.kind, "who": found_by(session, problem), **_plain(part, _PART)}
    return {**item, **_photo(photo)} if photo else item


def _photo(photo: Photo) -> dict[str, Any]:
    return {"photo": photo.id, "channel": photo.channel, **_plain(photo, _PHOTO)}


def _excerpt(
    session: Session, problem: Problem, patrol: Patrol | None, items: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The chained rows about the problem, its patrol and its photos, each with the hash before it, and the head."""
    objects = [f"problem:{problem.number}", *(f"photo:{one['photo']}" for one in items if "photo" in one)]
    if patrol:
        objects.append(f"patrol:{patrol.number}")
    head = audit.head(session)
    rows = []
    for link in audit.listed(session, audit.Wanted(object=objects[0], others=tuple(objects[1:]))):
        before = session.scalar(select(Audit.hash).where(Audit.seq == link.seq - 1))
        rows.append({**audit.as_row(link), "before": before or START})
    return {"head": {"seq": head.seq, "hash": head.hash}, "rows": rows}


def _plain(row: Base, names: Sequence[str]) -> dict[str, Any]:
    return {name: _value(getattr(row, name)) for name in names}


def _value(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
