"""Receipt numbers (受理编号): no two are the same, however many ask at once."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import Engine
from xicheng import xicheng_url

from models.engine import open_engine, savepoint, transaction
from services.receipt import next_patrol_number


def numbers(engine: Engine, year: int, times: int, together: Barrier | None = None) -> list[str]:
    """So many numbers, each of a transaction of its own."""
    given = []
    for _ in range(times):
        if together:
            together.wait()
        with transaction(engine) as session:
            given.append(next_patrol_number(session, year))
    return given


def test_each_local_year_has_its_own_sequence(database: Engine) -> None:
    assert numbers(database, 2031, 2) + numbers(database, 2032, 1) + numbers(database, 2031, 1) == [
        "XL-2031-000001", "XL-2031-000002", "XL-2032-000001", "XL-2031-000003",
    ]  # fmt: skip


def test_workers_that_race_for_the_first_of_a_year_get_different_numbers(database: Engine) -> None:
    for year in range(2031, 2036):
        together = Barrier(4)
        with ThreadPoolExecutor(4) as pool:
            racing = [pool.submit(numbers, database, year, 5, together) for _ in range(4)]
            given = [number for one in racing for number in one.result()]
        assert sorted(given) == [f"XL-{year}-{n:06d}" for n in range(1, 21)]


def test_the_first_of_a_year_waits_for_nobody_who_took_a_number_and_is_still_at_work(tmp_path: Path) -> None:
    with xicheng_url("postgresql", tmp_path) as url:
        engine = open_engine(url)
        numbers(engine, 2031, 1)
        with transaction(engine) as slow:
            first = next_patrol_number(slow, 2031)
            assert numbers(engine, 2031, 2) == ["XL-2031-000003", "XL-2031-000004"]
        assert first == "XL-2031-000002"
        engine.dispose()


def test_a_number_taken_by_what_was_rolled_back_is_never_given_twice(database: Engine) -> None:
    numbers(database, 2031, 1)
    with transaction(database) as session:
        next_patrol_number(session, 2031)
        session.rollback()
    assert numbers(database, 2031, 2)[1] not in {"XL-2031-000001"}
    assert len(set(numbers(database, 2031, 3))) == 3


def test_the_first_of_a_year_may_fail_and_the_next_in_its_transaction_gets_a_number(database: Engine) -> None:
    with transaction(database) as session:
        with contextlib.suppress(ZeroDivisionError), savepoint(session):
            next_patrol_number(session, 2031)
            raise ZeroDivisionError
        assert next_patrol_number(session, 2031) == "XL-2031-000001"
