"""The sender (发件人) of channels that live in the database: handed over and noted as sent in one commit."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from bot.attachments import with_files
from bot.channels import CHANNELS
from models.engine import transaction
from services import outbox

BATCH = 200


def send_once(
    engine: Engine, channel: str, now: datetime, data_dir: Path = Path("data"), template: Path | None = None
) -> int:
    """Deliver what waits on a channel that lives in the database; sent and delivered are one commit."""
    with transaction(engine) as session:
        leased = outbox.lease(session, channel, now, BATCH)
    leased = [with_files(engine, data_dir, message, now, template) for message in leased]
    deliver = CHANNELS[channel].deliver
    with transaction(engine) as session:
        for message in leased:
            if deliver:
                deliver(session, message)
        if leased:
            outbox.sent(session, [message.id for message in leased], now)
    return len(leased)
