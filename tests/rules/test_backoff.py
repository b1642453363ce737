"""Waiting before the next try (退避)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.backoff import MAX_TRIES, wait_after, wait_to_fetch, wait_to_say


def test_the_waits_before_parking_are_a_second_and_four_times_as_long_each() -> None:
    waits = [wait_after(tries).total_seconds() for tries in range(1, MAX_TRIES)]
    assert waits == [1, 4, 16, 64]


@given(st.integers(-10, 10_000))
def test_a_wait_is_never_shorter_than_the_one_before_nor_longer_than_an_hour(tries: int) -> None:
    for wait in (wait_after, wait_to_fetch):
        assert timedelta(seconds=1) <= wait(tries) <= wait(tries + 1) <= timedelta(hours=1)


def test_a_file_is_asked_for_soon_at_first_and_each_hour_in_the_end() -> None:
    assert [wait_to_fetch(tries).total_seconds() for tries in (1, 2, 3, 12, 13, 40)] == [1, 2, 4, 2048, 3600, 3600]


def test_an_answer_that_failed_six_times_has_waited_for_a_minute_in_all() -> None:
    waits = [wait_to_say(tries).total_seconds() for tries in range(1, 9)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


@given(st.integers(-10, 10_000))
def test_an_answer_is_tried_again_within_a_minute_of_the_network_coming_back(tries: int) -> None:
    assert timedelta(seconds=1) <= wait_to_say(tries) <= wait_to_say(tries + 1) <= timedelta(minutes=1)
