"""The intake at one go (一次送完): deliveries of a file in, records and receipts out, as the loops would do it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from bot.replay.receive import in_batches, read_deliveries
from bot.sender import send_once
from bot.settings import Settings
from bot.worker import Worker
from models.engine import reading, transaction
from services import inbox, mark

_IN_ONE_COMMIT = 256
_ANOTHER_WORKS_S = 0.05
"""How long to wait for another process that has a delivery of ours in hand (PostgreSQL only)."""


def replay(
    engine: Engine, settings: Settings, path: Path, progress: Callable[[int], None], skip_mark: str | None = None
) -> int:
    """Send the deliveries of a file through the intake until all are done or parked; gives how many there were.

    With `skip_mark` the place that was reached is kept in that mark, so that an interrupted replay goes on from there.
    """
    worker, now = Worker(engine, settings), datetime.now(UTC)
    with transaction(engine) as session:
        done = int(mark.read(session, skip_mark) or 0) if skip_mark else 0
    progress(done)
    for batch in in_batches(islice(read_deliveries(path), done, None), _IN_ONE_COMMIT):
        done += len(batch)
        with transaction(engine) as session:
            inbox.receive(session, batch)
            if skip_mark:
                mark.write(session, skip_mark, str(done))
        now = drain(engine, settings, worker, now)
        progress(len(batch))
    drain(engine, settings, worker, now)
    return done


def drain(engine: Engine, settings: Settings, worker: Worker, now: datetime) -> datetime:
    """Work and send until no delivery of a replay waits; gives the instant that was reached.

    What failed is tried again at once, as if its wait had passed, until it is done or parked.
    """
    while True:
        while worker.work_once(now):
            pass
        with reading(engine) as session:
            later, waits = inbox.next_try(session, "replay", now), inbox.waits(session, "replay")
        if not waits:
            break
        if later:
            now = later
        else:
            time.sleep(_ANOTHER_WORKS_S)
    while send_once(engine, "replay", now, settings.data_dir):
        pass
    return now
