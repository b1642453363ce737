"""A process to be killed (被杀的进程): takes deliveries, says which it has, works and sends; then waits for the end."""

import sys
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bot.intake import drain
from bot.replay.receive import in_batches, read_deliveries
from bot.settings import read_settings
from bot.worker import Worker
from models.engine import open_engine, transaction
from services import inbox


def main() -> None:
    """`intake_driver.py FILE START early|late`: `early` says that it has a batch before it is committed."""
    path, start, early = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "early"
    settings = read_settings()
    engine = open_engine(settings.database_url)
    worker = Worker(engine, settings)
    for batch in in_batches(islice(read_deliveries(path), start, None), 10):
        if early:
            say(batch)
            time.sleep(0.5)
        with transaction(engine) as session:
            inbox.receive(session, batch)
        if not early:
            say(batch)
        drain(engine, settings, worker, datetime.now(UTC))
    print("end", flush=True)


def say(batch: list[inbox.Delivery]) -> None:
    """Acknowledge a batch, as an HTTP 200 would."""
    for delivery in batch:
        print(delivery.key)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
