"""Fetches voice messages and videos (录音、录像) while their platform keeps them."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from bot import store
from bot.channel_error import ChannelError
from bot.network import Fetch
from models.engine import reading, transaction
from services import recording

_AT_ONCE = 8


async def fetch_recordings(engine: Engine, data_dir: Path, fetches: Mapping[str, Fetch], now: datetime) -> int:
    """Fetch the next recordings; gives how many there were."""
    waiting = await asyncio.to_thread(_waiting, engine, tuple(fetches), now)
    for recording_id, channel, ref in waiting:
        try:
            data = await fetches[channel](ref)
            await asyncio.to_thread(_keep, engine, data_dir, recording_id, data)
        except ChannelError as error:
            await asyncio.to_thread(_put_off, engine, recording_id, now, error.retryable)
    return len(waiting)


def _waiting(engine: Engine, channels: tuple[str, ...], now: datetime) -> list[tuple[int, str, str]]:
    with reading(engine) as session:
        return recording.to_fetch(session, channels, now, _AT_ONCE)


def _keep(engine: Engine, data_dir: Path, recording_id: int, data: bytes) -> None:
    kept = store.put(data_dir, data)
    with transaction(engine) as session:
        recording.fetched(session, recording_id, kept.sha256, kept.size)


def _put_off(engine: Engine, recording_id: int, now: datetime, retryable: bool) -> None:
    with transaction(engine) as session:
        recording.fetch_failed(session, recording_id, now, retryable)
