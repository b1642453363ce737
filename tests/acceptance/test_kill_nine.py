"""Killed at any moment (随时断电): nothing acknowledged is lost, nothing counts twice, all have their receipts."""

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from xicheng import xicheng_url

from bot.demo import DATA
from models.engine import open_engine, reading
from models.inbox import Inbox
from models.meeting import Meeting
from models.outbox import Outbox
from models.patrol import Patrol
from services import count

ROOT = Path(__file__).parent.parent.parent
LINES = 1_500


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with Xicheng loaded."""
    with xicheng_url(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The first deliveries of 2023."""
    path = tmp_path / "some.jsonl"
    with gzip.open(DATA / "replay" / "replay_2023.jsonl.gz", "rt", encoding="utf-8") as lines:
        path.write_text("".join(line for line, _ in zip(lines, range(LINES), strict=False)), "utf-8")
    return path


def run_and_kill(url: str, file: Path, start: int, when: str, after_s: float) -> tuple[list[str], bool]:
    """The keys that a process acknowledged before it was killed, and whether it came to the end."""
    said = file.with_suffix(".said")
    environment = {**os.environ, "XUNLIN_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(Path(__file__).parent / "intake_driver.py"), str(file), str(start), when]
    with said.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out)
        while process.poll() is None and not said.stat().st_size:
            time.sleep(0.01)
        # The time runs from its first word: a slow start must not spend it.
        deadline = time.monotonic() + after_s
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    keys = said.read_text("utf-8").split()
    return [key for key in keys if key != "end"], "end" in keys


def acknowledged(url: str, file: Path, when: str, rounds: int, seed: int) -> list[str]:
    """What was acknowledged over some kills and a last undisturbed run; nothing acknowledged is sent again."""
    chance = random.Random(seed)
    keys: list[str] = []
    for _ in range(rounds):
        more, ended = run_and_kill(url, file, len(keys), when, 0.2 + chance.random())
        keys += more
        if ended:
            return keys
    more, ended = run_and_kill(url, file, len(keys), "late", 300)
    assert ended
    return keys + more


def lost(url: str, keys: list[str]) -> set[str]:
    """Acknowledged deliveries that became no record."""
    engine = open_engine(url)
    with reading(engine) as session:
        patrols = session.scalars(select(Inbox.key).join(Patrol, Patrol.inbox_id == Inbox.id)).all()
        meetings = session.scalars(select(Inbox.key).join(Meeting, Meeting.inbox_id == Inbox.id)).all()
        assert max(Counter([*patrols, *meetings]).values()) == 1
        unreceipted = select(Patrol.number).where(~select(Outbox.id).where(Outbox.patrol_id == Patrol.id).exists())
        assert session.scalars(unreceipted).all() == []
        assert count.differences(session) == []
    engine.dispose()
    return set(keys) - {*patrols, *meetings}


def test_nothing_acknowledged_is_lost_however_often_the_process_is_killed(url: str, file: Path, long: bool) -> None:
    keys = acknowledged(url, file, "late", 50 if long else 4, seed=1)
    assert lost(url, keys) == set()


def test_acknowledging_before_the_commit_loses_deliveries(tmp_path: Path, file: Path) -> None:
    # The control: with the protection removed the same comparison must find what is missing.
    with xicheng_url("sqlite", tmp_path) as url:
        keys = acknowledged(url, file, "early", 6, seed=2)
        assert lost(url, keys) != set()
