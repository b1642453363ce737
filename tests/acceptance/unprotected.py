"""The bot with one protection taken away (去掉一项保护): `unprotected.py key|receipt run`, for the controls."""

import sys
import time
from datetime import datetime
from typing import Any
from uuid import uuid4

from bot import worker
from bot.__main__ import main
from models.engine import transaction
from services import inbox, outbox


def without_key() -> None:
    """Every delivery is a new one, as if (channel, key) were not unique."""
    receive = inbox.receive

    def takes_all(session: Any, deliveries: Any) -> list[int]:
        fresh = [
            inbox.Delivery(one.channel, f"{one.key}#{uuid4().hex}", one.chat, one.raw, one.received_at)
            for one in deliveries
        ]
        return receive(session, fresh)

    inbox.receive = takes_all


def without_receipt() -> None:
    """What is to be said is written by a commit of its own, a moment after the patrol's."""
    work_once, put = worker.Worker.work_once, outbox.put
    pending: list[Any] = []

    def works(self: worker.Worker, now: datetime) -> int:
        outbox.put = lambda session, said: pending.extend(said)
        done = work_once(self, now)
        if pending:
            time.sleep(0.3)
            with transaction(self.engine) as session:
                put(session, pending)
            pending.clear()
        return done

    worker.Worker.work_once = works  # type: ignore[method-assign]


if __name__ == "__main__":
    {"key": without_key, "receipt": without_receipt}[sys.argv.pop(1)]()
    main()
