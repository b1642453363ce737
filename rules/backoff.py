"""How long to wait before the next try (退避)."""

from datetime import timedelta

MAX_TRIES = 5
"""After so many failures a message is parked with its raw text, so that it stops nobody."""


def wait_after(tries: int) -> timedelta:
    """The wait after the given number of failures: 1 s, 4 s, 16 s, 64 s, … up to an hour."""
    return timedelta(seconds=min(4 ** max(tries - 1, 0), 3600))


def wait_to_say(tries: int) -> timedelta:
    """The wait of an answer after the given number of failures: 1 s, 2 s, 4 s, … up to a minute.

    Somebody waits for it: a few faults in a row must not cost minutes, and when a network is back the answer is told
    within the minute.
    """
    return _doubled(tries, timedelta(minutes=1))


def wait_to_fetch(tries: int) -> timedelta:
    """The wait of a file that a platform keeps for us after the given number of failures: 1 s, 2 s, … up to an hour."""
    return _doubled(tries, timedelta(hours=1))


def _doubled(tries: int, longest: timedelta) -> timedelta:
    return min(timedelta(seconds=2 ** min(max(tries - 1, 0), 12)), longest)
