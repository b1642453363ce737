"""Turns what the page posted into a neutral message (翻译)."""

import json
from datetime import datetime
from typing import Any

from models.message import FileRef, Kind, Location, Message, PhotoRef, Press
from services.inbox import Waiting


def translate(waiting: Waiting) -> Message:
    """The message of a post; raises `ValueError` for one that cannot be understood."""
    said = json.loads(waiting.raw)
    message = said.get("message", {})
    photos = tuple(PhotoRef(p["sha256"], p["sha256"], p["size"], p.get("name"), original=True) for p in said["photos"])
    file = FileRef(**said["file"]) if said.get("file") else None
    return Message(
        channel="local", chat_id=said["user"], sender_id=said["user"], inbox_id=waiting.id,
        kind=_kind(message, photos, file), sent_at=datetime.fromisoformat(said["at"]), received_at=waiting.received_at,
        text=str(message.get("text") or ""), location=_location(message), photos=photos, file=file,
        press=_press(message), reply_to=said.get("reply_to"),
    )  # fmt: skip


def _kind(message: dict[str, Any], photos: tuple[PhotoRef, ...], file: FileRef | None) -> Kind:
    if message.get("press"):
        return Kind.PRESS
    if photos:
        return Kind.PHOTO
    if message.get("location"):
        return Kind.LOCATION
    if file:
        return Kind.FILE
    return Kind.TEXT if message.get("text") else Kind.UNKNOWN


def _location(message: dict[str, Any]) -> Location | None:
    said = message.get("location")
    return Location(float(said["lon"]), float(said["lat"]), said.get("accuracy_m")) if said else None


def _press(message: dict[str, Any]) -> Press | None:
    said = message.get("press")
    return Press(int(said["outbox"]), int(said["button"])) if said else None
