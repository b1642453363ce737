"""Turns the clock's word into a neutral message (翻译)."""

import json

from models.message import Kind, Message
from services.inbox import Waiting

_ADDRESS = {"kind", "channel", "chat_id", "user_id"}


def translate(waiting: Waiting) -> Message:
    """What the clock asks for, in the chat that it belongs to; without a kind, a draft that is due."""
    said = json.loads(waiting.raw)
    return Message(
        channel=said["channel"], chat_id=said["chat_id"], sender_id=said["user_id"], inbox_id=waiting.id,
        kind=Kind(said.get("kind", Kind.DRAFT_DUE)), sent_at=waiting.received_at, received_at=waiting.received_at,
        data={name: value for name, value in said.items() if name not in _ADDRESS},
    )  # fmt: skip
