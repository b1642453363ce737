"""Many write and several chain at once (审计并发): every row has its place once, and the chain is right."""

import threading
from collections.abc import Iterator

import pytest
from audit_house import chain, fill, verified
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DatabaseError

from models.audit import Audit
from models.engine import open_engine, reading, transaction
from services import audit

WRITERS, ROWS = 4, 45


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


def test_writers_wait_for_no_chainer_and_chainers_give_each_place_once(engine: Engine) -> None:
    failures: list[BaseException] = []
    written = threading.Event()

    def tried(work: "object", *arguments: object) -> None:
        try:
            work(*arguments)  # type: ignore[operator]
        except BaseException as failure:
            failures.append(failure)

    def chain_until_written() -> None:
        while not written.is_set():
            with transaction(engine) as session:
                audit.chain(session, 5)

    writers = [threading.Thread(target=tried, args=(fill, engine, ROWS, 1 + n * ROWS)) for n in range(WRITERS)]
    chainers = [threading.Thread(target=tried, args=(chain_until_written,)) for _ in range(2)]
    for thread in (*writers, *chainers):
        thread.start()
    for thread in writers:
        thread.join()
    written.set()
    for thread in chainers:
        thread.join()
    assert failures == []
    chain(engine)
    found = verified(engine)
    assert (found.broken, found.head.seq, found.unchained) == (None, WRITERS * ROWS, 0)
    with reading(engine) as session:
        assert session.scalar(select(func.count(Audit.object.distinct()))) == WRITERS * ROWS


def test_control_whoever_chains_from_a_head_that_was_not_held_would_give_a_place_twice(engine: Engine) -> None:
    with reading(engine) as session:
        stale = audit.head(session)
    fill(engine, 1)
    chain(engine)
    fill(engine, 1, 2)
    again = text("UPDATE audit SET seq = :seq, hash = 'x' WHERE seq IS NULL")
    with pytest.raises(DatabaseError), engine.begin() as connection:
        connection.execute(again, {"seq": stale.seq + 1})
    assert chain(engine) == 1
