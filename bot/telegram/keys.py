"""What makes two deliveries of Telegram the same one (去重键), and whose chat's order an update keeps."""

import hashlib
import json
from typing import Any

_KINDS = ("message", "edited_message")


def key_of(bot_id: str, update: dict[str, Any]) -> str:
    """The key of an update: by message and edit, by callback, else by all that it says; never by its number alone.

    The numbers of updates start again at random after an idle week.
    """
    for kind in _KINDS:
        if found := _message_key(update.get(kind)):
            return f"{bot_id}:{found}"
    query = update.get("callback_query")
    if isinstance(query, dict) and query.get("id"):
        return f"{bot_id}:query:{query['id']}"
    said = json.dumps({name: value for name, value in update.items() if name != "update_id"}, sort_keys=True)
    return f"{bot_id}:other:{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()}"


def chat_of(update: dict[str, Any]) -> str:
    """The chat that an update belongs to; for what belongs to none, one of its own."""
    for value in update.values():
        if isinstance(value, dict):
            chat = value.get("chat") or (value.get("message") or {}).get("chat") or value.get("from")
            if isinstance(chat, dict) and "id" in chat:
                return f"telegram:{chat['id']}"
    return "telegram:none"


def _message_key(message: Any) -> str | None:
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(chat, dict) or "id" not in chat or "message_id" not in message:
        return None
    return f"{chat['id']}:{message['message_id']}:{message.get('edit_date', 0)}"
