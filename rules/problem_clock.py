"""The clock of a problem (办理时限): when it is due, when somebody is warned, and what waits for the morning.

Beijing's 接诉即办 lends the spans: 2 hours for danger, 24 hours, 7 days, 15 days (DOMAIN: problems).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.localtime import local_date
from rules.reminder import QUIET_FROM, QUIET_TO

HOURS, DAYS, WORKDAYS = "hours", "days", "workdays"
SEVERITIES = ("danger", "urgent", "ordinary", "hard")

Works = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Deadline:
    """How soon, counted in hours, days or workdays; how long before it somebody is warned."""

    amount: int
    counts: str
    warn_s: int
    at_night: bool

    def __post_init__(self) -> None:
        if self.counts not in {HOURS, DAYS, WORKDAYS}:
            raise ValueError("counts")
        if self.amount < 1 or self.warn_s < 0:
            raise ValueError("amount")


def due_at(deadline: Deadline, since: datetime, zone: ZoneInfo, works: Works) -> datetime:
    """The instant by which it is to be done; days end at the local time of day at which they began."""
    if deadline.counts == HOURS:
        return since + timedelta(hours=deadline.amount)
    local = since.astimezone(zone)
    day = local.date()
    if deadline.counts == DAYS:
        day += timedelta(days=deadline.amount)
    else:
        for _ in range(deadline.amount):
            day = _next_workday(day, works)
    return datetime.combine(day, local.time(), zone).astimezone(since.tzinfo)


def said_at(deadline: Deadline, moment: datetime, zone: ZoneInfo) -> datetime:
    """When something of that moment is said: at once, or after the night where it can wait."""
    if deadline.at_night or not is_night(moment, zone):
        return moment
    day = local_date(moment, zone)
    if _minute(moment, zone) >= QUIET_FROM:
        day += timedelta(days=1)
    return datetime.combine(day, time(QUIET_TO // 60, QUIET_TO % 60), zone).astimezone(moment.tzinfo)


def is_night(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether it is the time in which nobody is disturbed without need."""
    return not QUIET_TO <= _minute(moment, zone) < QUIET_FROM


def _minute(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _next_workday(day: date, works: Works) -> date:
    day += timedelta(days=1)
    while not works(day):
        day += timedelta(days=1)
    return day
