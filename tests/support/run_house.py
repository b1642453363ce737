"""A running bot to be killed (被杀的机器人): `python -m bot run`, people who post to it, and what came of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
from chat_driver import NEIGHBOURS, OWN, OWN_58_M_ON, Chat, House
from sqlalchemy import func, select, update

from bot import store
from bot.demo import DATA
from models.account import Account
from models.chief import Chief
from models.count import Count
from models.draft import Part
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox
from models.local_entry import LocalEntry
from models.outbox import Outbox
from models.patrol import Patrol
from models.photo import Photo
from services import count, invite, person

ROOT = Path(__file__).parent.parent.parent
PICTURE = min(DATA.glob("photos/*.jpg"), key=lambda path: path.stat().st_size).read_bytes()
PLACES = (OWN, OWN, OWN_58_M_ON, NEIGHBOURS)
"""Of a chief's patrols one after another: counted, within five minutes, counted, far outside (for 胡晓兰)."""


@dataclass(frozen=True)
class Post:
    """A message of a chief as the page posts it; `id` makes it one, however often it is posted."""

    id: str
    message: dict[str, Any]
    photo: bytes | None = None


def script(code: str, patrols: int) -> list[Post]:
    """What a chief sends: for each patrol a place, a photo of its own and the word that submits."""
    posts = []
    for n in range(patrols):
        lon, lat = PLACES[n % len(PLACES)]
        posts += [
            Post(f"{n}-place", {"location": {"lon": lon, "lat": lat, "accuracy_m": 10}}),
            Post(f"{n}-photo", {}, PICTURE + f"{code} {n}".encode()),
            Post(f"{n}-submit", {"text": "提交"}),
        ]
    return posts


@dataclass
class RunHouse:
    """A small Xicheng whose chiefs have agreed to be located, served by a process of its own."""

    url: str
    folder: Path
    program: tuple[str, ...] = ("-m", "bot")
    twice: float = 0.2
    """The share of messages that the network brings twice."""
    codes: dict[str, str] = field(default_factory=dict)
    taken: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        house = House(self.url, self.folder / "data")
        with transaction(house.engine) as session:
            for chief in session.scalars(select(Chief).order_by(Chief.code)).all():
                account = person.of_account(session, "local", chief.code, chief.code, house.now).account
                assert isinstance(account, Account)
                account.chief_id = chief.id
                self.codes[chief.code] = invite.issue(session, chief, house.now)
        for code in self.codes:
            chat = Chat(house, code)
            chat.sends_location(*OWN)
            chat.presses("同意")
            chat.sends("取消")
        house.engine.dispose()

    def start(self) -> None:
        """Start the process and wait until it answers."""
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "XUNLIN_DATABASE_URL": self.url, "XUNLIN_LANGUAGE": "zh_CN",
            "XUNLIN_DATA_DIR": str(self.folder / "data"), "XUNLIN_LOCAL_CHAT": "true", "XUNLIN_LOG_LEVEL": "ERROR",
            "XUNLIN_HTTP_PORT": self.address.rpartition(":")[2], "XUNLIN_TIMEZONE": "Asia/Shanghai",
        }  # fmt: skip
        self.process = subprocess.Popen([sys.executable, "-P", *self.program, "run"], cwd=ROOT, env=environment)
        while self.health() is None:
            assert self.process.poll() is None
            time.sleep(0.02)

    def kill(self) -> None:
        """End the process as a power cut does."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        # Nobody else sends: what the dead one had leased comes free with time, and the test need not wait for it.
        engine = open_engine(self.url)
        with transaction(engine) as session:
            session.execute(update(Outbox).values(lease_until=None))
        engine.dispose()

    def stop(self) -> int:
        """End the process as an operator does, when nothing waits any more; gives its exit code."""
        assert self.process
        while not (health := self.health()) or health["inbox"]["waiting"] or health["outbox"]["waiting"]:
            time.sleep(0.05)
        self.process.send_signal(signal.SIGINT)
        return self.process.wait()

    def health(self) -> dict[str, Any] | None:
        """What the process says of itself; None while it does not answer."""
        try:
            found: dict[str, Any] = httpx.get(f"{self.address}/healthz", trust_env=False).json()
        except httpx.HTTPError:
            return None
        return found

    def lives_through(self, patrols: int, kills: int, chance: Random) -> None:
        """Let every chief send all patrols while the process is killed so many times, then end it in peace."""
        self.start()
        seeds = {code: chance.random() for code in self.codes}
        people = [threading.Thread(target=self._sends, args=(code, patrols, seeds[code])) for code in self.codes]
        for thread in people:
            thread.start()
        whole = len(self.codes) * patrols * 3
        for moment in sorted(chance.sample(range(1, whole - 1), kills)):
            while self.taken < moment:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.3)
            self.kill()
            self.start()
        for thread in people:
            thread.join()
        assert self.stop() == 0

    def _sends(self, code: str, patrols: int, seed: float) -> None:
        chance = Random(seed)
        with httpx.Client(base_url=self.address, headers={"X-Xunlin": "1"}, trust_env=False) as browser:
            _until_answered(lambda: browser.post("/local/session", json={"code": self.codes[code]}), (200, 403))
            for post in script(code, patrols):
                # Whatever was not answered is posted again, with the same id.
                for _ in range(2 if chance.random() < self.twice else 1):
                    _until_answered(lambda post=post: _posted(browser, post), (202,))  # type: ignore[misc]
                self.taken += 1


def _until_answered(ask: Any, wanted: Sequence[int]) -> None:
    while True:
        try:
            answer = ask()
        except httpx.HTTPError:
            time.sleep(0.05)
            continue
        assert answer.status_code in wanted, answer.text
        return


def _posted(browser: httpx.Client, post: Post) -> httpx.Response:
    files = {"photos": ("photo.jpg", post.photo, "image/jpeg")} if post.photo else {"none": ("", b"")}
    return browser.post("/local/messages", data={"message": json.dumps({"id": post.id, **post.message})}, files=files)


def outcome(house: RunHouse) -> dict[str, Any]:
    """What came of it all: patrols with their verdicts and photos, counts, receipts that were shown."""
    engine = open_engine(house.url)
    with reading(engine) as session:
        assert count.differences(session) == []
        patrols = session.execute(
            select(Inbox.key, Patrol.verdict, Patrol.reason, Patrol.photos, Patrol.number, Patrol.id).join(
                Inbox, Inbox.id == Patrol.inbox_id
            )
        ).all()
        photos = session.execute(select(Part.patrol_id, Photo.sha256).join(Photo, Photo.id == Part.photo_id)).all()
        counts = session.execute(select(Count.verdict, func.sum(Count.n)).group_by(Count.verdict)).all()
        shown = session.scalars(select(LocalEntry.body).join(Outbox, Outbox.id == LocalEntry.outbox_id)).all()
    engine.dispose()
    said = "\n".join(json.loads(body)["text"] or "" for body in shown)
    return {
        "patrols": Counter((key, verdict, reason, n) for key, verdict, reason, n, _, _ in patrols),
        "photos": Counter(
            (key, _bytes_of(house, sha256)) for key, *_, id_ in patrols for of, sha256 in photos if of == id_
        ),
        "counts": {verdict: int(n) for verdict, n in counts if n},
        "receipts": {key: said.count(f"已登记 {number}") for key, _, _, _, number, _ in patrols},
    }  # fmt: skip


def _bytes_of(house: RunHouse, sha256: str) -> bytes:
    return store.path_of(house.folder / "data", sha256).read_bytes().removeprefix(PICTURE)
