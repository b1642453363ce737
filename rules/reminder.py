"""Reminders (提醒): on which day and at which second one is due, and why one is not said after all.

`services/plan.py` computes the same days for a million posts in the database; the tests hold the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAY, MINUTE = 3, 8 * 60 + 50
"""Wednesday 08:50, unless somebody set another time."""
SPREAD_S = 600
"""Reminders of one minute are spread over so long, so that nothing bursts."""
QUIET_FROM, QUIET_TO = 20 * 60, 7 * 60 + 30
"""Minutes of the local day from which and until which nobody is reminded."""
NIGHT_FROM, NIGHT_TO = 22 * 60, 6 * 60
"""Quiet for everyone, whatever is set."""
USEFUL_S = 4 * 3600
"""How long after its time a reminder is still useful; afterwards it is recorded as missed."""
LATER = timedelta(hours=2)

REMINDER, FOLLOWUP = "reminder", "followup"
PLANNED, SAID, SETTLED, MISSED, SKIPPED = "planned", "said", "settled", "missed", "skipped"

NextWork = Callable[[date], date]


@dataclass(frozen=True, slots=True)
class Times:
    """When somebody wants to be reminded; minutes of the local day."""

    weekday: int = WEEKDAY
    minute: int = MINUTE
    quiet_from: int = QUIET_FROM
    quiet_to: int = QUIET_TO
    days_off: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7:
            raise ValueError("weekday")
        if not self.quiet_to >= NIGHT_TO or not self.quiet_from <= NIGHT_FROM or self.quiet_to + 60 > self.quiet_from:
            raise ValueError("quiet")
        if not self.quiet_to <= self.minute < self.quiet_from:
            raise ValueError("minute")


def reminder_day(
    period: str, opens: date, closes: date, times: Times, next_work: NextWork, last_work: NextWork
) -> date | None:
    """The day of the reminder: in a week its weekday, else that weekday in the last third; never a day off unless set.

    `next_work` and `last_work` give the first workday from a date on, and the last one until it.
    """
    anchor = opens if period == "week" else opens + timedelta(days=2 * ((closes - opens).days + 1) // 3)
    day = anchor + timedelta(days=(times.weekday - anchor.isoweekday()) % 7)
    day = day if day <= closes else anchor
    if times.days_off:
        return day
    after, before = next_work(day), last_work(day)
    return after if after <= closes else before if before >= opens else None


def followup_day(day: date, closes: date, times: Times, next_work: NextWork, last_work: NextWork) -> date | None:
    """The day of the follow-up: half of what is left after the reminder, before the end."""
    wanted = day + timedelta(days=max(1, (closes - day).days // 2))
    if wanted > closes:
        return None
    if times.days_off:
        return wanted
    after, before = next_work(wanted), last_work(wanted)
    return after if after <= closes else before if before > day else None


def due_second(times: Times, post_id: int, duty_id: int) -> int:
    """The second of the local day at which a post is reminded: spread by its id, outside the quiet hours."""
    latest = times.quiet_from * 60 - SPREAD_S
    return min(max(times.minute * 60, times.quiet_to * 60), latest) + (post_id * 131 + duty_id) % SPREAD_S


def expiry_second(times: Times, due_s: int) -> int:
    """The second of the local day from which a reminder would only disturb."""
    return min(due_s + USEFUL_S, times.quiet_from * 60)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a reminder at the minute at which it is due."""

    done: int
    owed: int
    post_holds: bool
    duty_holds: bool
    paused: bool
    reachable: bool
    expired: bool


def why_not(facts: Facts) -> tuple[str, str] | None:
    """State and reason of a reminder that is not to be said, or None of one that is."""
    if facts.owed == 0:
        return SKIPPED, "not_owed"
    if facts.done >= facts.owed:
        return SETTLED, "done"
    if not facts.post_holds:
        return SKIPPED, "post_ended"
    if not facts.duty_holds:
        return SKIPPED, "duty_ended"
    if facts.paused:
        return SKIPPED, "paused"
    if not facts.reachable:
        return SKIPPED, "no_account"
    return (MISSED, "expired") if facts.expired else None
