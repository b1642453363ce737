"""Waiting before the next try (退避)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.backoff import MAX_TRIES, wait_after


def test_the_waits_before_parking_are_a_second_and_four_times_as_long_each() -> None:
    waits = [wait_after(tries).total_seconds() for tries in range(1, MAX_TRIES)]
    assert waits == [1, 4, 16, 64]


@given(st.integers(-10, 10_000))
def test_a_wait_is_never_shorter_than_the_one_before_nor_longer_than_an_hour(tries: int) -> None:
    assert timedelta(seconds=1) <= wait_after(tries) <= wait_after(tries + 1) <= timedelta(hours=1)
