"""The clock of a problem (办理时限): hours run on, days end at their hour, workdays skip the holidays."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rules.problem_clock import Deadline, due_at, is_night, said_at
from rules.workday import workday

ZONE = ZoneInfo("Asia/Shanghai")
DANGER, ORDINARY = Deadline(2, "hours", 1800, True), Deadline(7, "days", 86400, False)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def works(day: date) -> bool:
    return workday(day)[0]


@pytest.mark.parametrize(
    ("deadline", "since", "due"),
    [
        (DANGER, "2026-11-24 23:30", "2026-11-25 01:30"),
        (Deadline(24, "hours", 0, True), "2026-11-24 10:00", "2026-11-25 10:00"),
        (ORDINARY, "2026-11-24 10:00", "2026-12-01 10:00"),
        (Deadline(15, "days", 0, False), "2026-12-20 10:00", "2027-01-04 10:00"),
        (Deadline(1, "workdays", 0, False), "2026-11-27 10:00", "2026-11-30 10:00"),  # Friday to Monday
        (Deadline(7, "workdays", 0, False), "2026-11-24 10:00", "2026-12-03 10:00"),
        # 国庆节 2025: 1 to 8 October are free, and Saturday 11 October is worked.
        (Deadline(1, "workdays", 0, False), "2025-09-30 16:00", "2025-10-09 16:00"),
        (Deadline(3, "workdays", 0, False), "2025-09-30 16:00", "2025-10-11 16:00"),
    ],
)
def test_when_it_is_due(deadline: Deadline, since: str, due: str) -> None:
    assert due_at(deadline, at(since), ZONE, works) == at(due)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24 19:59", "2026-11-24 19:59"),
        ("2026-11-24 20:00", "2026-11-25 07:30"),
        ("2026-11-25 03:00", "2026-11-25 07:30"),
        ("2026-11-25 07:30", "2026-11-25 07:30"),
    ],
)
def test_what_can_wait_is_not_said_at_night_and_danger_is(moment: str, said: str) -> None:
    assert said_at(ORDINARY, at(moment), ZONE) == at(said)
    assert said_at(DANGER, at(moment), ZONE) == at(moment)
    assert is_night(at(moment), ZONE) == (moment != said)


def test_a_deadline_that_cannot_be_is_none() -> None:
    for wrong in ((0, "days", 0), (1, "weeks", 0), (1, "days", -1)):
        with pytest.raises(ValueError, match=r".+"):
            Deadline(*wrong, True)
