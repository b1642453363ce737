"""The clock's word (时钟的话): what the clock asks of the worker is a delivery like any other."""

import json
from datetime import datetime

from models.account import Account
from services.inbox import Delivery


def ask(account: Account, key: str, now: datetime, **said: object) -> Delivery:
    """A delivery in somebody's chat; of two clocks that ask with the same key one is heard."""
    body = {**said, "channel": account.channel, "chat_id": account.chat_id, "user_id": account.user_id}
    return Delivery("clock", key, f"{account.channel}:{account.chat_id}", json.dumps(body), now)
