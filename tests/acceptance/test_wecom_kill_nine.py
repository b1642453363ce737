"""WeCom killed at any moment (企业微信断电): three deliveries of each message; nothing lost, nothing twice."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import pytest
import wecom_payloads as wecom
from chat_driver import OWN, small_url
from sqlalchemy import func, select, update
from wecom_seal import AES_KEY, AGENT, CORP, SECRET, TOKEN, sealed
from wecom_server import WecomServer, wecom_server

from models.account import Account
from models.chief import Chief
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox, Redelivery
from models.outbox import Outbox
from models.patrol import Patrol
from rules.coordinates import gcj02_of_wgs84
from services import consent
from services import count as counts

ROOT = Path(__file__).parent.parent.parent
PATROLS_EACH = 2
GCJ = tuple(f"{value:.6f}" for value in gcj02_of_wgs84(*OWN))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with small_url(request.param, tmp_path) as found:
        enrol_all(found)
        yield found


@pytest.fixture
def server() -> Iterator[WecomServer]:
    with wecom_server() as made:
        made.media["photo"] = (ROOT / "tests/data/photos/special/exif_gps.jpg").read_bytes()
        yield made


def enrol_all(url: str) -> None:
    """Every chief is a member and has agreed."""
    engine, now = open_engine(url), datetime.now(UTC)
    with transaction(engine) as session:
        for chief in session.scalars(select(Chief)).all():
            user = chief.code.lower()
            account = Account(channel="wecom", user_id=user, chat_id=user, chief_id=chief.id, created_at=now)
            session.add(account)
            session.flush()
            consent.give(session, account.id, True, now)
    engine.dispose()


@dataclass
class Program:
    """`run` of the program, started again whenever it is down."""

    url: str
    folder: Path
    api_url: str
    port: int = field(default_factory=lambda: free_port())
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        given = {
            "XUNLIN_DATABASE_URL": self.url, "XUNLIN_DATA_DIR": str(self.folder), "XUNLIN_HTTP_PORT": str(self.port),
            "XUNLIN_WECOM_CORP_ID": CORP, "XUNLIN_WECOM_AGENT_ID": str(AGENT), "XUNLIN_WECOM_SECRET": SECRET,
            "XUNLIN_WECOM_TOKEN": TOKEN, "XUNLIN_WECOM_AES_KEY": AES_KEY, "XUNLIN_WECOM_API_URL": self.api_url,
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        command = [sys.executable, "-m", "bot", "run"]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **given}, stderr=subprocess.DEVNULL)
        while not self.answers():
            assert self.process.poll() is None
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False).status_code in {200, 503}
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait() == 0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def program(url: str, folder: Path, server: WecomServer) -> Iterator[Program]:
    made = Program(url, folder, server.url)
    made.start()
    try:
        yield made
    finally:
        if made.process and made.process.poll() is None:
            made.kill()


class Platform:
    """WeCom's side: a message is delivered until it is taken, and then again, three times in all."""

    def __init__(self, program: Program, kills: int, seed: int, same: bool = True) -> None:
        self.program, self.chance, self.same, self.kills = program, random.Random(seed), same, kills
        self.ids, self.later = count(1), []  # type: tuple[count[int], list[str]]
        self.steps = 0

    def delivers(self, xml: str) -> None:
        """Deliver until it is taken; now and then the program is killed before, meanwhile or after."""
        for _ in range(2):
            self._insists(xml)
        self.later.append(xml)

    def repeats(self) -> None:
        """The third deliveries, long after."""
        for xml in self.later:
            self._insists(xml)

    def _insists(self, xml: str) -> None:
        while not self._once(xml):
            self.program.kill()
            self.program.start()

    def _once(self, xml: str) -> bool:
        if not self.same:
            xml = xml.replace("<MsgId>", f"<MsgId>{next(self.ids)}")
        made = sealed(xml, int(time.time()))
        address = f"http://127.0.0.1:{self.program.port}/wecom/callback"
        dies = self.kills > 0 and self.chance.random() < 0.2
        if dies:
            self.kills -= 1
            if self.chance.random() < 0.5:
                self.program.kill()
        try:
            with httpx.Client(trust_env=False, timeout=10) as client:
                taken = client.post(address, params=made.query, content=made.body).status_code == 200
        except httpx.TransportError:
            return False
        if dies and taken:
            time.sleep(self.chance.random() * 0.3)
            self.program.kill()
            self.program.start()
        return taken


def members(url: str) -> list[str]:
    engine = open_engine(url)
    with reading(engine) as session:
        found = session.scalars(select(Account.user_id).where(Account.channel == "wecom").order_by(Account.id)).all()
    engine.dispose()
    return list(found)


def patrol_year(platform: Platform, users: list[str]) -> None:
    """Everybody patrols some times: a place, a photo, the word."""
    start = int(time.time()) - 6 * 3600
    for number in range(PATROLS_EACH):
        for user in users:
            at = start + number * 1800
            platform.delivers(wecom.location(user, at, *GCJ))
            platform.delivers(wecom.image(user, at + 5, "photo"))
            platform.delivers(wecom.text(user, at + 9, "提交"))


def settled(url: str, server: WecomServer) -> list[str]:
    """Wait until all is worked on and sent; gives the numbers of the patrols."""
    engine = open_engine(url)
    with transaction(engine) as session:
        # What a killed process had leased is free again after two minutes: let them pass.
        session.execute(update(Outbox).values(lease_until=None))
    while True:
        with reading(engine) as session:
            numbers = list(session.scalars(select(Patrol.number)))
            waiting = session.scalar(select(func.count()).select_from(Inbox).where(Inbox.state == "waiting"))
        said = str(server.sent)
        if not waiting and all(number in said for number in numbers):
            engine.dispose()
            return numbers
        time.sleep(0.1)


def wrong(url: str, users: list[str]) -> list[str]:
    """What is not as it should be."""
    engine, found = open_engine(url), []
    with reading(engine) as session:
        patrols = session.scalars(select(Patrol)).all()
        if len(patrols) != PATROLS_EACH * len(users):
            found.append(f"{len(patrols)} patrols")
        found += [f"{one.number}: {one.photos} photos" for one in patrols if one.photos != 1 or one.lon is None]
        parked = session.scalar(select(func.count()).select_from(Inbox).where(Inbox.state == "parked"))
        if parked or counts.differences(session):
            found.append("parked or miscounted")
    engine.dispose()
    return found


def test_nothing_is_lost_and_nothing_comes_twice(url: str, server: WecomServer, tmp_path: Path, long: bool) -> None:
    users = members(url)
    with program(url, tmp_path / "data", server) as running:
        platform = Platform(running, kills=25 if long else 4, seed=4)
        patrol_year(platform, users)
        platform.repeats()
        numbers = settled(url, server)
        assert wrong(url, users) == []
        assert len(set(numbers)) == PATROLS_EACH * len(users)
        running.stop()
    engine = open_engine(url)
    with reading(engine) as session:
        messages = 3 * PATROLS_EACH * len(users)
        assert session.scalar(select(func.count()).select_from(Inbox).where(Inbox.channel == "wecom")) == messages
        assert (session.scalar(select(func.count()).select_from(Redelivery)) or 0) >= 2 * messages
    engine.dispose()
    assert server.dropped == []


def test_control_deliveries_that_cannot_be_told_apart_come_twice(tmp_path: Path, server: WecomServer) -> None:
    with small_url("sqlite", tmp_path) as url:
        enrol_all(url)
        users = members(url)[:1]
        with program(url, tmp_path / "data", server) as running:
            patrol_year(Platform(running, kills=0, seed=4, same=False), users)
            settled(url, server)
            assert wrong(url, users) != []
