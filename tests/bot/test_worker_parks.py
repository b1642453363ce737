"""One bad message stops nobody (坏消息): it is parked with its raw text, what failed after five tries."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from xicheng import xicheng_url

from bot.settings import read_settings
from bot.worker import Worker
from models.chief import Chief
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox
from rules.backoff import MAX_TRIES
from services import inbox, person
from services.inbox import Delivery

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
GOOD = '{"user": "%s", "at": "2026-11-24T02:00:00+00:00", "message": {"text": "帮助"}, "photos": []}'
BAD = '{"broken": true}'


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Xicheng loaded."""
    with xicheng_url(request.param, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def states(engine: Engine) -> dict[str, str]:
    with reading(engine) as session:
        return {key: state for key, state in session.execute(select(Inbox.key, Inbox.state))}  # noqa: C416


def test_a_message_that_cannot_be_understood_is_parked_and_the_others_go_on(engine: Engine) -> None:
    deliveries = [
        Delivery("local", "bad", "local:hu", BAD, NOW),
        Delivery("local", "after", "local:hu", GOOD % "hu", NOW),
        Delivery("local", "other", "local:xia", GOOD % "xia", NOW),
    ]
    with transaction(engine) as session:
        inbox.receive(session, deliveries)
    worker = Worker(engine, read_settings(language="zh_CN"))
    for _ in range(2):
        worker.work_once(NOW)
    assert states(engine) == {"bad": "parked", "after": "done", "other": "done"}
    with reading(engine) as session:
        parked = session.scalars(select(Inbox).where(Inbox.key == "bad")).one()
    assert (parked.raw, parked.tries) == (BAD, 1)
    assert parked.error


def test_two_workers_never_take_the_same_message_or_a_later_one_of_its_chat(tmp_path: Path) -> None:
    with xicheng_url("postgresql", tmp_path) as url:
        engine = open_engine(url)
        with transaction(engine) as session:
            inbox.receive(session, [Delivery("local", f"{c}{n}", c, GOOD % c, NOW) for n in range(3) for c in "ab"])
        with transaction(engine) as one, transaction(engine) as other:
            first = {w.key for w in inbox.claim(one, NOW, 1)}
            second = {w.key for w in inbox.claim(other, NOW, 10)}
        assert (first, second) == ({"a0"}, {"b0"})
        engine.dispose()


def test_a_message_that_the_database_refuses_stops_nobody_else(engine: Engine) -> None:
    refused = '{"user": "hu", "at": "2026-11-24T02:00:00+00:00", "message": {"location": {"lon": 116.38, "lat": 39.9, "accuracy_m": "far"}}, "photos": []}'  # noqa: E501
    with transaction(engine) as session:
        account = person.of_account(session, "local", "hu", "hu", NOW).account
        assert account
        account.chief_id = session.scalar(select(Chief.id).limit(1))
        deliveries = [
            Delivery("local", "refused", "local:hu", refused, NOW),
            Delivery("local", "fine", "local:xia", GOOD % "xia", NOW),
        ]
        inbox.receive(session, deliveries)
    worker = Worker(engine, read_settings(language="zh_CN"))
    worker.work_once(NOW)
    assert states(engine) == {"refused": "waiting", "fine": "done"}
    for hour in range(1, MAX_TRIES):
        worker.work_once(NOW + timedelta(hours=hour))
    assert states(engine) == {"refused": "parked", "fine": "done"}
