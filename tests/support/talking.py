"""Talking with the bot (对话测试): what a person does goes through the real inbox, worker, outbox and clock."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from bot.sender import send_once
from bot.settings import Settings
from bot.worker import Worker
from models.account import Account
from models.chief import Chief
from models.engine import reading, transaction
from models.local_entry import LocalEntry
from scheduler.drafts import ask_for_due
from services import inbox, person
from services.inbox import Delivery

_ids = count(1)


@dataclass
class Chat:
    """One person's chat; `now` moves by `waits`."""

    engine: Engine
    settings: Settings
    user: str
    now: datetime
    data_dir: Path
    seen: int = 0
    last: list[dict[str, Any]] = field(default_factory=list)

    def enrol(self) -> "Chat":
        """Come in as the chief of this code, as the demo's door does."""
        with transaction(self.engine) as session:
            account = person.of_account(session, "local", self.user, self.user, self.now).account
            assert isinstance(account, Account)
            account.chief_id = session.scalar(select(Chief.id).where(Chief.code == self.user))
        return self

    def sends(self, text: str = "", photos: int = 0, key: str | None = None, **message: Any) -> list[dict[str, Any]]:
        """Send something and give the answers."""
        bytes_of = [{"sha256": f"{n:064x}", "size": 1, "name": "p.jpg"} for n in range(photos)]
        raw = {"user": self.user, "at": self.now.isoformat(), "message": {"text": text, **message}, "photos": bytes_of}
        raw["reply_to"] = message.get("reply_to")
        delivery = Delivery(
            "local", key or f"{self.user}:{next(_ids)}", f"local:{self.user}", json.dumps(raw), self.now
        )
        with transaction(self.engine) as session:
            inbox.receive(session, [delivery])
        return self._answers()

    def sends_location(self, lon: float, lat: float) -> list[dict[str, Any]]:
        """Send a position in WGS-84 degrees."""
        return self.sends(location={"lon": lon, "lat": lat, "accuracy_m": 10})

    def presses(self, label: str, outbox: int | None = None) -> list[dict[str, Any]]:
        """Press the newest button whose label has these words."""
        for answer in reversed(self.last):
            for row in answer.get("buttons") or []:
                for button in row:
                    if label in button["label"] and outbox in (None, answer["outbox"]):
                        return self.sends(press={"outbox": answer["outbox"], "button": button["index"]})
        raise AssertionError(f"no button {label!r}")

    def waits(self, **time: float) -> list[dict[str, Any]]:
        """Let time pass and the clock tick."""
        self.now += timedelta(**time)
        ask_for_due(self.engine, self.now)
        return self._answers()

    def _answers(self) -> list[dict[str, Any]]:
        worker = Worker(self.engine, self.settings)
        while worker.work_once(self.now):
            pass
        while send_once(self.engine, "local", self.now, self.data_dir):
            pass
        with reading(self.engine) as session:
            rows = session.scalars(
                select(LocalEntry)
                .where(LocalEntry.chat_id == self.user, LocalEntry.id > self.seen)
                .order_by(LocalEntry.id)
            ).all()
        new = [{**json.loads(row.body), "outbox": row.outbox_id} for row in rows]
        self.seen = rows[-1].id if rows else self.seen
        self.last += new
        return new


def said(answers: list[dict[str, Any]]) -> str:
    """All that was said, in one text."""
    return "\n".join(answer["text"] or "" for answer in answers)
