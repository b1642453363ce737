"""Shows a message of ours on the page (发送)."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from services import local_chat
from services.outbox import Leased


def deliver(session: Session, leased: Leased) -> None:
    """Write a message as the page shows it; sent and shown are one commit."""
    body = leased.body
    buttons = body.get("buttons")
    shown: dict[str, Any] = {"from": "bot", "text": body.get("text") or None, "table": body.get("table")}
    shown["buttons"] = _numbered(buttons) if buttons else None
    shown["pictures"], shown["documents"] = _files(body.get("pictures")), _files(body.get("documents"))
    if body.get("menu"):
        shown["language"] = body.get("language")
        shown["menu"] = [
            [{"label": label, "send": send, "text": text} for label, send, text in body["menu"] if send != "contact"]
        ]
    local_chat.show(
        session, leased.chat_id, json.dumps(shown, ensure_ascii=False), datetime.now(UTC), outbox_id=leased.id
    )


def _files(files: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [{**file, "url": f"/local/files/{file['file']}"} for file in files or []]


def _numbered(buttons: list[list[dict[str, str]]]) -> list[list[dict[str, object]]]:
    rows: list[list[dict[str, object]]] = []
    n = 0
    for row in buttons:
        rows.append([])
        for button in row:
            rows[-1].append({"label": button["label"], "index": n, "style": button["style"]})
            n += 1
    return rows
