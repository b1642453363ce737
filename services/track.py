"""Tracks (轨迹): where a live location went, thinned; nothing depends on it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.draft import Part, TrackPoint
from models.message import Location
from rules.geometry import distance_between_m

EVERY = timedelta(seconds=30)
STEP_M = 20.0
"""A point is kept where it is so much later, or so far from the one before."""


def add(session: Session, part: Part, location: Location, at: datetime) -> bool:
    """Keep a tick of a live location, where it says more than the one before; False where it does not."""
    if part.lon is None or part.lat is None:
        # The start was refused and erased: what follows it is refused too.
        return False
    last = session.scalars(
        select(TrackPoint).where(TrackPoint.part_id == part.id).order_by(TrackPoint.at.desc()).limit(1)
    ).first()
    before = (last.lon, last.lat, last.at) if last else (part.lon, part.lat, part.sent_at)
    if at <= before[2]:
        return False
    near = distance_between_m(before[0], before[1], location.lon, location.lat) < STEP_M
    if near and at - before[2] < EVERY:
        return False
    point = TrackPoint(part_id=part.id, at=at, lon=location.lon, lat=location.lat, accuracy_m=location.accuracy_m)
    session.add(point)
    return True
