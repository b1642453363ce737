"""The sender and its pace (发送节奏): whoever is held up by the pace looks again as soon as something may go."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.bell import Bell
from bot.network_sender import Limits, NetworkSender
from models.engine import open_engine, transaction
from models.message import Reply
from services import outbox, pace
from services.outbox import Leased, Said

NOW = datetime(2026, 12, 2, 0, 50, tzinfo=UTC)
PATIENCE_S = 60


class HeardBell(Bell):
    """A bell that remembers whether it was rung."""

    def __init__(self) -> None:
        super().__init__()
        self.rung = asyncio.Event()

    def ring(self) -> None:
        self.rung.set()
        super().ring()


async def say(_message: Leased) -> str:
    return "1"


def test_a_sender_that_the_pace_held_up_rings_for_itself(database_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    with transaction(engine) as session:
        outbox.put(session, [Said("telegram", str(n), Reply("提醒"), NOW) for n in range(12)])

    async def scene() -> int:
        bell = HeardBell()
        limits = Limits(25, lambda _chat: timedelta(0))
        sender = NetworkSender(engine, "telegram", say, limits, tmp_path, bell)
        first = await sender.send_once(NOW)
        await asyncio.gather(*sender._under_way)
        # What came back rang; from here on nothing is under way, and at this instant nothing more may go.
        bell.rung.clear()
        await sender.send_once(NOW)
        async with asyncio.timeout(PATIENCE_S):
            await bell.rung.wait()
        return first

    try:
        assert asyncio.run(scene()) == int(pace.BURST.total_seconds() * 25) == 3
    finally:
        engine.dispose()
