"""The worker (工人): a message that fails takes nobody with it, and two workers never share a chat."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from people import HOME, HU, SHOUZI, WAN
from sqlalchemy import Engine, func, select
from xicheng import xicheng_url

from bot.settings import read_settings
from bot.worker import Worker
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox
from models.meeting import Meeting
from models.outbox import Outbox
from models.patrol import Patrol
from services import count, inbox
from services.inbox import Delivery

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
SENT = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Xicheng loaded."""
    with xicheng_url(request.param, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def line(key: str, chief: str, **more: Any) -> Delivery:
    """A patrol of New Year's Day 2026, or with `type="meeting"` a meeting."""
    said = {
        "msg_id": key, "type": "patrol", "chief_code": chief, "sent_at": SENT.isoformat(), "lon": HOME[0],
        "lat": HOME[1], "photos": 1, **more,
    }  # fmt: skip
    return Delivery("replay", key, f"replay:{chief}", json.dumps(said), SENT + timedelta(seconds=2))


def work(engine: Engine, *deliveries: Delivery, rounds: int = 1) -> None:
    with transaction(engine) as session:
        inbox.receive(session, deliveries)
    worker = Worker(engine, read_settings(language="zh_CN"))
    for n in range(rounds):
        worker.work_once(NOW + timedelta(hours=n))


def states(engine: Engine) -> dict[str, str]:
    with reading(engine) as session:
        return {row.key: row.state for row in session.execute(select(Inbox.key, Inbox.state))}


NAMELESS_MEETING = line("meeting", SHOUZI, type="meeting", title=None)
"""It is understood, and fails in the database: a meeting has a title."""
NO_PATROL = line("note", SHOUZI, note="\ud800")
"""It fails after its receipt number was taken: no database keeps half a character."""


@pytest.mark.parametrize("bad", [NAMELESS_MEETING, NO_PATROL], ids=["meeting", "patrol"])
def test_what_fails_half_way_leaves_nothing_and_its_neighbours_in_the_same_commit_stand(
    engine: Engine, bad: Delivery
) -> None:
    work(engine, line("before", HU), bad, line("after", WAN))
    assert states(engine) == {"before": "done", bad.key: "waiting", "after": "done"}
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Meeting)) == 0
        assert session.scalar(select(func.count()).select_from(Patrol)) == 2
        assert session.scalar(select(func.count()).select_from(Outbox)) == 2
        assert count.differences(session) == []


def test_the_first_of_the_year_may_fail_and_the_next_in_its_commit_gets_its_number(engine: Engine) -> None:
    work(engine, NO_PATROL, line("next", HU))
    assert states(engine) == {"note": "waiting", "next": "done"}
    with reading(engine) as session:
        assert session.scalars(select(Patrol.number)).one() == "XL-2026-000001"


def test_the_error_that_is_kept_is_one_line_without_what_the_person_wrote(engine: Engine) -> None:
    work(engine, line("meeting", SHOUZI, type="meeting", title=None, note="古树下有人"), rounds=5)
    with reading(engine) as session:
        parked = session.scalars(select(Inbox)).one()
    assert (parked.state, parked.tries) == ("parked", 5)
    assert parked.error
    assert "\n" not in parked.error
    assert "古树下有人" not in parked.error


def test_a_sender_who_is_no_chief_is_answered_and_not_tried_again(engine: Engine) -> None:
    work(engine, line("stranger", "110102-L99"))
    assert states(engine) == {"stranger": "done"}
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Patrol)) == 0
        assert session.scalar(select(func.count()).select_from(Outbox)) == 1


def test_workers_side_by_side_record_every_patrol_once_and_each_chat_in_its_order(tmp_path: Path) -> None:
    # Ten minutes apart, so that all count and the order of the numbers is the order of the work.
    chiefs = [HU, WAN, SHOUZI]
    deliveries = [
        line(f"{chief}:{n:02d}", chief, sent_at=(SENT + timedelta(minutes=10 * n)).isoformat())
        for n in range(20)
        for chief in chiefs
    ]
    with xicheng_url("postgresql", tmp_path) as url:
        engines = [open_engine(url) for _ in range(4)]
        with transaction(engines[0]) as session:
            inbox.receive(session, deliveries)
        with ThreadPoolExecutor(len(engines)) as pool:
            list(pool.map(work_until_empty, engines))
        with reading(engines[0]) as session:
            rows = session.execute(
                select(Inbox.key, Patrol.number).join(Patrol, Patrol.inbox_id == Inbox.id).order_by(Patrol.number)
            ).all()
            assert count.differences(session) == []
        for engine in engines:
            engine.dispose()
    for chief in chiefs:
        mine = [key for key, _ in rows if key.startswith(f"{chief}:")]
        assert mine == sorted(delivery.key for delivery in deliveries if delivery.chat == f"replay:{chief}")


def work_until_empty(engine: Engine) -> None:
    worker = Worker(engine, read_settings(language="zh_CN"))
    while True:
        worker.work_once(NOW)
        with reading(engine) as session:
            if not inbox.waiting_count(session):
                return
