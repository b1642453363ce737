"""Voice messages and videos (录音、录像): fetched while their platform keeps them, whatever the platform."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot import store
from bot.channel_error import ChannelError
from bot.recordings import fetch_recordings
from models.account import Account
from models.engine import open_engine, reading, transaction
from models.recording import Recording

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


async def fetch(ref: str) -> bytes:
    """A platform that keeps `v1`, is away for `v2` and has lost `v3`."""
    if ref != "v1":
        raise ChannelError("away" if ref == "v2" else "gone", retryable=ref == "v2")
    return b"#!AMR a voice"


@pytest.mark.parametrize("channel", ["telegram", "wecom"])
def test_recordings_are_fetched_or_tried_again_or_given_up(engine: Engine, tmp_path: Path, channel: str) -> None:
    with transaction(engine) as session:
        account = Account(channel=channel, user_id="a", chat_id="a", created_at=NOW)
        session.add(account)
        session.flush()
        session.add_all(
            Recording(
                channel=channel, chat_id="a", account_id=account.id, inbox_id=n, kind="voice", ref=f"v{n}",
                received_at=NOW,
            )
            for n in (1, 2, 3)
        )  # fmt: skip
    fetches = {channel: fetch}
    assert asyncio.run(fetch_recordings(engine, tmp_path, fetches, NOW)) == 3
    with reading(engine) as session:
        kept, away, gone = session.scalars(select(Recording).order_by(Recording.id)).all()
    assert (kept.state, away.state, gone.state) == ("stored", "to_fetch", "gone")
    assert store.path_of(tmp_path, kept.sha256 or "").read_bytes() == b"#!AMR a voice"
    assert asyncio.run(fetch_recordings(engine, tmp_path, fetches, NOW)) == 0
    assert asyncio.run(fetch_recordings(engine, tmp_path, fetches, NOW + timedelta(days=4))) == 1
    with reading(engine) as session:
        assert session.get_one(Recording, away.id).state == "gone"
