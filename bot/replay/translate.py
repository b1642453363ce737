"""Turns a line of a replay into a neutral message (翻译)."""

import json
from datetime import datetime
from typing import Any

from models.message import Kind, Location, Message, Problem
from services.inbox import Waiting


def translate(waiting: Waiting) -> Message:
    """The message of a delivery; raises `ValueError` for one that cannot be understood."""
    said = json.loads(waiting.raw)
    kind = Kind.MEETING if said["type"] == "meeting" else Kind.SUBMISSION
    return Message(
        channel="replay", chat_id=said["chief_code"], sender_id=said["chief_code"], inbox_id=waiting.id, kind=kind,
        sent_at=datetime.fromisoformat(said["sent_at"]), received_at=waiting.received_at, text=said.get("note") or "",
        location=_location(said), photo_count=int(said.get("photos") or 0), problem=_problem(said),
        data={key: said.get(key) for key in ("title", "place", "attendees")} if kind is Kind.MEETING else {},
    )  # fmt: skip


def _location(said: dict[str, Any]) -> Location | None:
    if said.get("lon") is None or said.get("lat") is None:
        return None
    return Location(said["lon"], said["lat"], said.get("accuracy_m"), said.get("location_kind") == "forwarded")


def _problem(said: dict[str, Any]) -> Problem | None:
    return Problem(said["problem_type"], said.get("severity")) if said.get("problem_type") else None
