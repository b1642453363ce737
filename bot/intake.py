"""The intake at one go (一次送完): deliveries of a file in, records and receipts out, as the loops would do it."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from bot.replay.receive import in_batches, read_deliveries
from bot.sender import send_once
from bot.settings import Settings
from bot.worker import Worker
from models.engine import transaction
from services import inbox, mark

_IN_ONE_COMMIT = 256


def replay(
    engine: Engine, settings: Settings, path: Path, progress: Callable[[int], None], skip_mark: str | None = None
) -> int:
    """Send the deliveries of a file through the intake until the inbox is empty; gives how many there were.

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
        drain(engine, settings, worker, now)
        progress(len(batch))
    drain(engine, settings, worker, now)
    return done


def drain(engine: Engine, settings: Settings, worker: Worker, now: datetime) -> None:
    """Work and send until nothing waits."""
    while worker.work_once(now):
        pass
    while send_once(engine, "replay", now, settings.data_dir):
        pass
