"""What the bot costs people (减负): minutes asked of a chief, measured where it can be, else estimated."""

from datetime import datetime, timedelta
from math import ceil

ESTIMATED_ON = "2026-11-24"
READ_S = 5
"""Ours, of `ESTIMATED_ON`: to read a message of ours, some 30 characters at 400 a minute."""
TAP_S = 5
"""Ours, of `ESTIMATED_ON`: to write a word or press a button outside a record."""
MOST = timedelta(minutes=10)
"""A record that takes longer was interrupted: after ten quiet minutes the clock submits it by itself."""


def recording_s(first_at: datetime, last_at: datetime, submitted_at: datetime, by_clock: bool) -> float:
    """The seconds from the first part of a record to its submission, or to its last part where the clock submitted."""
    spent = (last_at if by_clock else submitted_at) - first_at
    return min(max(spent, timedelta()), MOST).total_seconds()


def minutes(seconds: float) -> int:
    """Whole minutes; a begun one counts, so that the book is never too small."""
    return ceil(seconds / 60)
