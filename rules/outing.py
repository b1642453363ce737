"""Outings (次) and person-times (人次): which patrols of several chiefs were one joint patrol (联合巡林)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.geometry import distance_between_m

TOGETHER = timedelta(minutes=30)
TOGETHER_M = 100.0
"""Ours: chiefs who were at one place within half an hour went together; nothing in a record links companions."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A patrol where and when it was; WGS-84 degrees, None without a position of its own."""

    id: int
    chief_id: int
    at: datetime
    lon: float | None
    lat: float | None


def outings(visits: Iterable[Visit]) -> dict[int, int]:
    """For each visit the id of the outing that it belongs to: the first visit of it.

    A visit joins an outing of other chiefs that began at most `TOGETHER` before, at most `TOGETHER_M` away. The same
    chief never joins twice, and a visit without a position is an outing of its own.
    """
    found: dict[int, int] = {}
    running: list[tuple[Visit, set[int]]] = []
    for visit in sorted(visits, key=lambda one: (one.at, one.id)):
        running = [one for one in running if visit.at - one[0].at <= TOGETHER]
        joined = next((one for one in running if _together(visit, *one)), None)
        if joined is None:
            running.append((visit, {visit.chief_id}))
        else:
            joined[1].add(visit.chief_id)
        found[visit.id] = joined[0].id if joined else visit.id
    return found


def _together(visit: Visit, first: Visit, chiefs: set[int]) -> bool:
    if visit.chief_id in chiefs or visit.lon is None or visit.lat is None or first.lon is None or first.lat is None:
        return False
    if abs(visit.lat - first.lat) > 0.01:  # more than a kilometre: the exact distance costs much more
        return False
    return distance_between_m(first.lon, first.lat, visit.lon, visit.lat) <= TOGETHER_M
