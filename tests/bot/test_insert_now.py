"""Inserting at once (立即写入): an object that was inserted so is as one that the session flushed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chat_driver import House, small_house
from sqlalchemy import inspect

from models.engine import transaction
from models.insert import insert_now
from models.photo import Photo

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng."""
    with small_house(request.param, tmp_path) as small:
        yield small


def photo(ref: str) -> Photo:
    return Photo(channel="local", chat_id="hu", ref=ref, state="to_fetch", received_at=NOW)


def test_it_has_its_id_and_its_defaults_and_writes_nothing_else(house: House) -> None:
    with transaction(house.engine) as session:
        waits, kept = photo("waits"), photo("kept")
        session.add(waits)
        insert_now(session, kept)
        assert inspect(kept).persistent
        assert not inspect(kept).expired_attributes
        assert (kept.tries, kept.original, kept.error, kept.received_at) == (0, False, None, NOW)
        assert inspect(waits).pending


def test_what_is_changed_on_it_afterwards_is_written(house: House) -> None:
    with transaction(house.engine) as session:
        kept = photo("kept")
        insert_now(session, kept)
        kept.state, kept.tries = "gone", 3
    with transaction(house.engine) as session:
        found = session.get_one(Photo, kept.id)
        assert (found.ref, found.state, found.tries) == ("kept", "gone", 3)
