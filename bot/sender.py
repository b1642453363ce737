"""The sender (发件人): takes what the outbox holds, hands it to its channel, notes that it was sent."""

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PIL import Image
from sqlalchemy import Engine

from bot import store
from bot.channels import CHANNELS
from models.engine import transaction
from reports import render
from services import outbox
from services.outbox import Leased

BATCH = 200


def send_once(engine: Engine, channel: str, now: datetime, data_dir: Path = Path("data")) -> int:
    """Deliver what waits on a channel that lives in the database; sent and delivered are one commit."""
    with transaction(engine) as session:
        leased = outbox.lease(session, channel, now, BATCH)
    leased = [_with_files(data_dir, message) for message in leased]
    with transaction(engine) as session:
        for message in leased:
            CHANNELS[channel].deliver(session, message)
        if leased:
            outbox.sent(session, [message.id for message in leased], now)
    return len(leased)


def _with_files(data_dir: Path, leased: Leased) -> Leased:
    # A picture is made when it is sent, of the figures that the answer was made of.
    wanted = leased.body.get("attachment")
    if not wanted:
        return leased
    made = render(wanted["report"], wanted["figures"], wanted["language"])
    ending = "." + made.filename.rpartition(".")[2]
    kept = store.put(data_dir, made.data, ending)
    body = {**leased.body, "text": leased.body.get("text") or made.caption}
    url = f"/local/files/{kept.sha256}{ending}"
    if made.mime.startswith("image/"):
        width, height = Image.open(io.BytesIO(made.data)).size
        body["pictures"] = [{"url": url, "width": width, "height": height, "alt": body["text"] or made.filename}]
    else:
        body["documents"] = [{"url": url, "name": made.filename, "size": kept.size}]
    return replace(leased, body=body)
