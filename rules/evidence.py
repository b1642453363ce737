"""Does a patrol count, and why not (计入、不计入): the verdict under the counting policy of its date."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.geometry import distance_between_m


class Reason(StrEnum):
    """Why a patrol or a delivery is not counted; a patrol shows the first that applies, in this order."""

    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    FORWARDED = "forwarded"
    NO_LOCATION = "no_location"
    NO_PHOTO = "no_photo"
    FAR_OUTSIDE = "far_outside"
    WITHIN_5_MIN = "within_5_min"
    AWAITING_REVIEW = "awaiting_review"
    MEETING_DUPLICATE = "meeting_duplicate"


COUNTED = "counted"
NOT_COUNTED = "not_counted"
AWAITING_REVIEW = "awaiting_review"


@dataclass(frozen=True, slots=True)
class CountingPolicy:
    """What a patrol needs in order to count."""

    requires_location: bool
    requires_photo: bool
    max_outside_m: float
    repeat_window_s: int
    repeat_distance_m: float

    @property
    def repeat_window(self) -> timedelta:
        """The time within which a second patrol at the same place is the first one again."""
        return timedelta(seconds=self.repeat_window_s)


@dataclass(frozen=True, slots=True)
class Point:
    """When and where (WGS-84 degrees) a chief was; no position where none is known."""

    at: datetime
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the verdict looks at; `outside_m` is the distance to the own area, 0 inside, None without a position."""

    point: Point
    photos: int
    forwarded: bool = False
    outside_m: float | None = None
    area_known: bool = True
    """False where no post or no grid can be determined."""
    withdrawn: bool = False
    voided: bool = False
    accepted: bool = False
    """The office overturned the rules."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`counted`, `awaiting_review`, or `not_counted` with its reason."""

    verdict: str
    reason: Reason | None = None

    @property
    def bucket(self) -> str:
        """Where the counts keep it: the reason where there is one."""
        return self.reason.value if self.reason else self.verdict


def judge(evidence: Evidence, policy: CountingPolicy, last_counted: Point | None) -> Verdict:
    """The verdict on a patrol, given the same chief's last counted patrol before it."""
    reason = _withdrawn_or_voided(evidence)
    if reason is None and evidence.accepted:
        return Verdict(COUNTED)
    reason = reason or _missing(evidence, policy)
    if reason is None and not evidence.area_known:
        return Verdict(AWAITING_REVIEW)
    reason = reason or _misplaced(evidence, policy, last_counted)
    return Verdict(NOT_COUNTED, reason) if reason else Verdict(COUNTED)


def _withdrawn_or_voided(evidence: Evidence) -> Reason | None:
    if evidence.voided:
        return Reason.VOIDED
    return Reason.WITHDRAWN if evidence.withdrawn else None


def _missing(evidence: Evidence, policy: CountingPolicy) -> Reason | None:
    if policy.requires_location and evidence.forwarded:
        return Reason.FORWARDED
    if policy.requires_location and evidence.point.lon is None:
        return Reason.NO_LOCATION
    return Reason.NO_PHOTO if policy.requires_photo and not evidence.photos else None


def _misplaced(evidence: Evidence, policy: CountingPolicy, last: Point | None) -> Reason | None:
    # A forwarded position is nobody's position: it neither places a patrol outside nor beside another.
    if not evidence.forwarded and (evidence.outside_m or 0) > policy.max_outside_m:
        return Reason.FAR_OUTSIDE
    here = Point(evidence.point.at, None, None) if evidence.forwarded else evidence.point
    return Reason.WITHIN_5_MIN if last and _repeats(here, last, policy) else None


def _repeats(here: Point, last: Point, policy: CountingPolicy) -> bool:
    if not timedelta() <= here.at - last.at < policy.repeat_window:
        return False
    if here.lon is None or here.lat is None or last.lon is None or last.lat is None:
        return True
    return distance_between_m(last.lon, last.lat, here.lon, here.lat) <= policy.repeat_distance_m
