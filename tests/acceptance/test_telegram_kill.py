"""Telegram under kill -9 (电报断电): 0 lost, 0 twice, all receipted; with a protection removed it fails."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chat_driver import OWN
from sqlalchemy import func, select
from telegram_house import PHOTO, WAIT_S, Thread, _serve
from telegram_standin import TOKEN, StandIn
from xicheng import xicheng_url

from models.chief import Chief, Post
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox
from models.outbox import Outbox
from models.patrol import Patrol
from models.photo import Photo
from services import consent, count, person

ROOT = Path(__file__).parent.parent.parent
NUMBER = re.compile(r"XL-\d{4}-\d{6,}")
FIRST_USER = 7000
PATIENCE_S = 300.0
AGAIN = 12
"""So many of the latest updates are brought again after each kill."""


class Field:
    """A database with enrolled chiefs, a Telegram that outlives every process, and the processes."""

    def __init__(self, url: str, folder: Path, chiefs: int, seed: int) -> None:
        self.url, self.folder, self.chiefs = url, folder, chiefs
        self.chance = random.Random(seed)
        self.thread, self.standin = Thread(), StandIn()
        self.runner, self.address = self.thread.run(_serve(self.standin))
        self.sent: list[str] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.engine = open_engine(url)
        self._enrol()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A process of the program on this database and this Telegram."""
        environment = {
            **os.environ, "XUNLIN_DATABASE_URL": self.url, "XUNLIN_DATA_DIR": str(self.folder), "PYTHONPATH": str(ROOT),
            "XUNLIN_TELEGRAM_TOKEN": TOKEN, "XUNLIN_TELEGRAM_API_URL": self.address, "XUNLIN_TELEGRAM_RATE": "1000",
            "XUNLIN_HTTP_PORT": "0",
        }  # fmt: skip
        arguments = command or ("-m", "bot", "run", "--only", "receive,work,send,media,clock")
        with (self.folder / "process.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", *arguments], cwd=ROOT, env=environment, stderr=log, stdout=log
            )
        self.processes.append(process)
        return process

    def start_and_wait(self, *command: str) -> subprocess.Popen[bytes]:
        """The same, when it has begun to ask for updates."""
        asked = self._questions()
        process = self.start(*command)
        while self._questions() == asked:
            assert process.poll() is None, (self.folder / "process.log").read_text()
            time.sleep(0.02)
        return process

    def started(self) -> int:
        """How many processes have said that they run."""
        return (self.folder / "process.log").read_text("utf-8").count("telegram")

    def _questions(self) -> int:
        return sum(call.method == "getUpdates" for call in self.standin.calls)

    def patrols(self, each: int) -> None:
        """Every chief sends so many whole patrols: a position, a photo every third time, words, 提交."""
        for round_ in range(each):
            for user in range(FIRST_USER, FIRST_USER + self.chiefs):
                name = f"{user}-{len(self.sent)}"
                self.sent.append(name)
                self.thread.call(lambda user=user, name=name, photo=round_ % 3 == 0: self._patrol(user, name, photo))

    def settle(self) -> None:
        """Wait until nothing waits any more."""
        deadline = time.monotonic() + PATIENCE_S
        while self._waiting():
            assert time.monotonic() < deadline, self._waiting()
            time.sleep(0.1)

    def close(self) -> None:
        """End the stand-in, and every process that a failed test has left."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.engine.dispose()
        self.thread.run(self.runner.cleanup())
        self.thread.close()

    def receipts(self) -> Counter[str]:
        """How often each receipt number was said in a receipt."""
        said = [str(call.given.get("text")) for call in self.standin.calls if call.method == "sendMessage"]
        return Counter(NUMBER.search(text)[0] for text in said if "已登记 XL" in text)  # type: ignore[index]

    def _patrol(self, user: int, name: str, photo: bool) -> None:
        self.standin.says(user, location={"longitude": OWN[0], "latitude": OWN[1]})
        if photo:
            self.standin.says(user, photo=self.standin.photo(PHOTO))
        self.standin.says(user, text=name)
        self.standin.says(user, text="提交")

    def _enrol(self) -> None:
        now = datetime.now(UTC)
        with transaction(self.engine) as session:
            chiefs = session.scalars(
                select(Chief.id).join(Post).where(Post.level == "community").order_by(Chief.id).limit(self.chiefs)
            ).all()
            for number, chief in enumerate(chiefs):
                user = str(FIRST_USER + number)
                account = person.of_account(session, "telegram", user, user, now).account
                assert account
                account.chief_id = chief
                consent.give(session, account.id, True, now)

    def _waiting(self) -> dict[str, int]:
        with reading(self.engine) as session:
            found = {
                "patrols still to come": len(self.sent) - (session.scalar(select(func.count(Patrol.id))) or 0),
                "updates": len(self.standin.updates) if len(self.standin.updates) > 100 else 0,
                "inbox": session.scalar(select(func.count()).where(Inbox.state == "waiting")) or 0,
                "outbox": session.scalar(select(func.count()).where(Outbox.state == "waiting")) or 0,
                "photos": session.scalar(select(func.count()).where(Photo.state == "to_fetch")) or 0,
            }
        return {name: n for name, n in found.items() if n > 0}


@contextmanager
def field(kind: str, folder: Path, chiefs: int = 12, seed: int | None = None) -> Iterator[Field]:
    """A field on a database; the seed of its chance is printed."""
    seed = int(os.environ.get("XUNLIN_TEST_SEED", time.time_ns() % 1_000_000)) if seed is None else seed
    print(f"XUNLIN_TEST_SEED={seed}")
    with xicheng_url(kind, folder) as url:
        made = Field(url, folder, chiefs, seed)
        try:
            yield made
        finally:
            made.close()


def under_kills(field: Field, rounds: int, command: Sequence[str] = (), each: int = 2) -> int:
    """Send patrols while the program is killed again and again; gives how often it was."""
    for _ in range(rounds):
        process = field.start_and_wait(*command)
        field.patrols(each)
        time.sleep(field.chance.uniform(0.05, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        field.thread.call(lambda: field.standin.again(AGAIN))
    return rounds


def ended_well(process: subprocess.Popen[bytes]) -> bool:
    process.terminate()
    return process.wait(WAIT_S) == 0


def lost_and_twice(field: Field) -> tuple[set[str], set[str]]:
    """Submissions that became no patrol, and those that became more than one."""
    with reading(field.engine) as session:
        notes = Counter(note for (note,) in session.execute(select(Patrol.note)))
        assert count.differences(session) == []
    return set(field.sent) - notes.keys(), {note for note, n in notes.items() if n > 1}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_nothing_counts_twice_and_all_is_receipted(kind: str, tmp_path: Path, long: bool) -> None:
    with field(kind, tmp_path) as there:
        kills = under_kills(there, 50 if long else 3)
        process = there.start_and_wait()
        there.settle()
        assert ended_well(process)
        assert lost_and_twice(there) == (set(), set())
        with reading(there.engine) as session:
            numbers = set(session.scalars(select(Patrol.number)))
            photos = session.scalars(select(Photo)).all()
        receipts = there.receipts()
        assert receipts.keys() == numbers
        # A receipt that went out and could not be noted goes out again: at most once a kill, with the same number.
        assert max(receipts.values()) <= 1 + kills
        assert sum(receipts.values()) - len(receipts) <= kills * there.chiefs
        assert all(photo.size == len(PHOTO) for photo in photos)


def test_sigterm_under_backlog_ends_the_program_and_loses_nothing(tmp_path: Path) -> None:
    with field("sqlite", tmp_path) as there:
        process = there.start_and_wait()
        there.patrols(20)
        time.sleep(0.5)
        assert ended_well(process)
        process = there.start_and_wait()
        there.settle()
        assert ended_well(process)
        assert lost_and_twice(there) == (set(), set())
        assert set(there.receipts().values()) == {1}


def test_two_processes_on_one_database_and_token_share_the_work(tmp_path: Path) -> None:
    with field("postgresql", tmp_path) as there:
        processes = [there.start_and_wait(), there.start()]
        while there.started() < 2:
            time.sleep(0.05)
        there.patrols(6)
        there.settle()
        assert all(map(ended_well, processes))
        assert lost_and_twice(there) == (set(), set())
        assert set(there.receipts().values()) == {1}


def test_with_a_fault_in_every_fifth_call_every_message_ends_in_a_named_state(tmp_path: Path) -> None:
    with field("sqlite", tmp_path, chiefs=6) as there:
        there.standin.fault_share = 0.2
        process = there.start_and_wait()
        there.patrols(4)
        there.settle()
        there.standin.fault_share = 0.0
        assert ended_well(process)
        assert lost_and_twice(there) == (set(), set())
        with reading(there.engine) as session:
            assert set(session.scalars(select(Outbox.state))) <= {"sent", "dropped", "failed"}
            numbers = set(session.scalars(select(Patrol.number)))
        assert there.receipts().keys() == numbers


@pytest.mark.parametrize("without", ["early", "keyless"])
def test_without_the_protection_the_same_comparison_fails(without: str, tmp_path: Path) -> None:
    unprotected = str(Path(__file__).parent / "telegram_unprotected.py")
    with field("sqlite", tmp_path, seed=7) as there:
        under_kills(there, 3, (unprotected, without))
        process = there.start_and_wait(unprotected, without)
        time.sleep(3)
        process.kill()
        process.wait()
        lost, twice = lost_and_twice(there)
        inbox = _inbox_rows(there)
    assert lost or twice or inbox


def _inbox_rows(there: Field) -> Any:
    """Messages that stand in the inbox more than once."""
    with reading(there.engine) as session:
        raws = Counter(session.scalars(select(Inbox.raw)))
    return [raw for raw, n in raws.items() if n > 1]
