"""The audit by the clock (审计): rows get their place within a tick, the head goes to a chat once a day."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from models.engine import reading, transaction
from rules.localtime import local_date
from services import audit, inbox, mark
from services.inbox import Delivery

_ASKED = "audit.anchor_asked_on"


def chain_noted(engine: Engine) -> int:
    """Chain what waits, one commit a tick; gives how many rows there were."""
    with reading(engine) as session:
        if not audit.any_unchained(session):
            return 0
    # What is more, such as an imported year, takes some ticks: the clock has other things to do as well.
    with transaction(engine) as session:
        return audit.chain(session)


def ask_for_anchor(engine: Engine, chat: str, zone: ZoneInfo, now: datetime) -> int:
    """Ask once a local day for the head in the chat `CHANNEL:CHAT`; gives whether it was asked for."""
    today = local_date(now, zone).isoformat()
    with reading(engine) as session:
        if not chat or mark.read(session, _ASKED) == today:
            return 0
    channel, _, chat_id = chat.partition(":")
    said = {"kind": "anchor_due", "channel": channel, "chat_id": chat_id, "user_id": chat_id}
    with transaction(engine) as session:
        # The key is the day's: of two clocks one asks.
        asked = inbox.receive(session, [Delivery("clock", f"anchor:{today}", chat, json.dumps(said), now)])
        mark.write(session, _ASKED, today)
    return len(asked)
