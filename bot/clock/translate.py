"""Turns the clock's word into a neutral message (翻译)."""

import json

from models.message import Kind, Message
from services.inbox import Waiting


def translate(waiting: Waiting) -> Message:
    """The message of a draft that is due, in the chat that it belongs to."""
    said = json.loads(waiting.raw)
    return Message(
        channel=said["channel"], chat_id=said["chat_id"], sender_id=said["user_id"], inbox_id=waiting.id,
        kind=Kind.DRAFT_DUE, sent_at=waiting.received_at, received_at=waiting.received_at,
        data={"draft_id": said["draft_id"]},
    )  # fmt: skip
