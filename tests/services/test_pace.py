"""Pace (发送节奏): whenever the rounds come, no second holds more than the channel may send."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from models.engine import reading
from services import pace

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
RATE, MOST = 25, 28
"""A second, and at most in any second: the steady rate and the burst of a rested channel."""
rounds = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), min_size=1, max_size=40)
"""After how many milliseconds each round comes, and how many messages it would like to send."""


def most_in_a_second(engine: Engine, asked: list[tuple[int, int]]) -> int:
    """The most that was allowed in any second; nothing is kept."""
    at, allowed = NOW, []
    with reading(engine) as session:
        for ms, wanted in asked:
            at += timedelta(milliseconds=ms)
            allowed.append((at, pace.reserve(session, "telegram", RATE, wanted, at)))
    second = timedelta(seconds=1)
    return max(sum(n for at, n in allowed if first <= at < first + second) for first, _ in allowed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=rounds)
def test_no_second_holds_more_than_the_rate_and_the_burst(database: Engine, asked: list[tuple[int, int]]) -> None:
    assert most_in_a_second(database, asked) <= MOST


def test_control_a_longer_burst_would_be_too_much(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    steady = [(40, 60)] * 60
    assert most_in_a_second(database, [(0, 60), *steady]) <= MOST
    monkeypatch.setattr(pace, "BURST", timedelta(seconds=0.4))
    assert most_in_a_second(database, [(0, 60), *steady]) > MOST


@pytest.mark.parametrize("rate", [0.5, 1, 4, 5, 8])
def test_a_slow_channel_sends_all_the_same(database: Engine, rate: float) -> None:
    with reading(database) as session:
        ticks = [NOW + timedelta(milliseconds=100 * n) for n in range(201)]
        sent = sum(pace.reserve(session, "telegram", rate, 60, at) for at in ticks)
    assert 20 * rate - 1 <= sent <= 20 * rate + 1


def test_what_waits_goes_out_at_the_rate(database: Engine) -> None:
    with reading(database) as session:
        ticks = [NOW + timedelta(milliseconds=80 * n) for n in range(126)]
        sent = sum(pace.reserve(session, "telegram", RATE, 60, at) for at in ticks)
    assert sent >= RATE * 10
