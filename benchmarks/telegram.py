"""Telegram beside bare echo bots (电报基准): `python -m benchmarks.telegram [--rounds 5] [--aiogram PYTHON]`.

Each program gets a processor, the stand-in the other one; they are measured in turn, round by round.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import psutil
import telegram
from sqlalchemy import func, select

from benchmarks.intake import fill
from bot import demo
from models.account import Account
from models.chief import Chief, Post
from models.engine import open_engine, reading, transaction
from models.grid import GridCommunity, GridVersion
from models.migrate import upgrade
from models.photo import Photo
from services import consent, person

ROOT = Path(__file__).parent.parent
STANDIN = ROOT / "tests" / "support" / "telegram_standin.py"
TOKEN = "4242:stand-in-token-of-the-tests"
FIRST_USER, CHIEFS = 7000, 360
PATIENCE_S = 300
PHOTO = (ROOT / "demo" / "xicheng" / "photos" / "p17.jpg").read_bytes().hex()


def main() -> None:
    """Measure all of them in turn and print the medians."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--updates", type=int, default=3000)
    asked.add_argument("--on-top", type=int, default=0, help="patrols that are there before")
    asked.add_argument("--aiogram", help="a Python that has aiogram")
    asked.add_argument("--url", help="an empty PostgreSQL database; the default is SQLite")
    asked.add_argument("--only", default="", help="some of the programs, by their beginnings")
    given = asked.parse_args()
    programs = {name: run for name, run in contenders(given).items() if name.startswith(given.only)}
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for _ in range(given.rounds):
        for name, run in programs.items():
            figures[name].append(run())
            print(f"  {name:<28} {figures[name][-1][0]:8.0f} /s {figures[name][-1][1]:7.2f} ms", flush=True)
    print(f"Python {platform.python_version()}, python-telegram-bot {telegram.__version__}, {os.cpu_count()} cores")
    for name, pairs in figures.items():
        speed, cpu = (statistics.median(values) for values in zip(*pairs, strict=True))
        print(f"{name:<30} {speed:8.0f} a second, {cpu:6.2f} ms of CPU each")


def contenders(given: argparse.Namespace) -> dict[str, Callable[[], tuple[float, float]]]:
    """What is measured: each gives how many a second, and milliseconds of CPU for one."""
    echo = [sys.executable, "-m", "benchmarks.echo_telegram"]
    found: dict[str, Callable[[], tuple[float, float]]] = {
        "echo ptb default": lambda: echoes([*echo, "ptb"], given.updates // 10),
        "echo ptb on aiohttp": lambda: echoes([*echo, "ptb-aiohttp"], given.updates),
        "xunlin help": lambda: helps(given),
        "xunlin patrols": lambda: patrols(given),
    }
    if given.aiogram:
        command = [given.aiogram, str(ROOT / "benchmarks" / "echo_aiogram.py")]
        found["echo aiogram"] = lambda: echoes(command, given.updates)
    return found


def echoes(command: list[str], n: int) -> tuple[float, float]:
    """An echo bot that answers n words."""
    with standin() as address:
        feed(address, [{"user": FIRST_USER + k % CHIEFS, "text": f"词{k}"} for k in range(n)])
        with program([*command, address, TOKEN], {}) as process:
            return measured(address, process, n, "词")


def helps(given: argparse.Namespace) -> tuple[float, float]:
    """Xunlin answers 帮助 n times."""
    with standin() as address, house(given) as url:
        feed(address, [{"user": FIRST_USER + k % CHIEFS, "text": "帮助"} for k in range(given.updates)])
        with program([sys.executable, "-m", "bot", "run", "--only", LOOPS], environment(url, address)) as process:
            return measured(address, process, given.updates, "巡林")


def patrols(given: argparse.Namespace) -> tuple[float, float]:
    """Xunlin records n / 3 whole patrols: position, photo fetched and stored, 提交, receipt."""
    n = given.updates // 3
    with standin() as address, house(given) as url:
        # Nobody sends the same photo twice: each is written to the disk, and compared with the sender's earlier ones.
        tell(address, distinct=True)
        places = own_places(url)
        for start in range(0, n, 100):
            feed(address, [
                part
                for k in range(start, min(start + 100, n))
                for part in (
                    {"user": FIRST_USER + k % CHIEFS, "location": places[k % CHIEFS]},
                    {"user": FIRST_USER + k % CHIEFS, "photo_bytes": PHOTO},
                    {"user": FIRST_USER + k % CHIEFS, "text": "提交"},
                )
            ])  # fmt: skip
        with program([sys.executable, "-m", "bot", "run", "--only", LOOPS], environment(url, address)) as process:
            return measured(address, process, n, "已登记", url)


def own_places(url: str) -> list[dict[str, float]]:
    """A point in the own grid of each chief."""
    engine = open_engine(url)
    query = (
        select(Account.id, GridVersion.label_lon, GridVersion.label_lat)
        .join(GridCommunity, GridCommunity.grid_version_id == GridVersion.id)
        .join(Post, Post.area_code == GridCommunity.community_code)
        .join(Account, Account.chief_id == Post.chief_id)
        .where(GridVersion.valid_to.is_(None), Account.channel == "telegram")
        .order_by(Account.id, GridVersion.id)
    )
    with reading(engine) as session:
        of_chief = {row.id: {"longitude": row.label_lon, "latitude": row.label_lat} for row in session.execute(query)}
    engine.dispose()
    return list(of_chief.values())


LOOPS = "receive,work,send,media,clock"


def measured(address: str, process: psutil.Process, n: int, words: str, url: str | None = None) -> tuple[float, float]:
    """Wait for n answers; gives answers a second since the first question, and CPU milliseconds each."""
    deadline = time.monotonic() + PATIENCE_S
    before = 0.0
    while True:
        counts = asked(f"{address}/control/counts?words={words}")
        if counts["first_at"] and not before:
            before = cpu_s(process)  # what the start cost is not the answers'
        if counts["wanted"] >= n:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{counts['wanted']} of {n} answers")
        time.sleep(0.1)
    fetched(url, deadline)
    counts = asked(f"{address}/control/counts?words={words}")
    took = counts["last_at"] - counts["first_at"]
    return n / took, 1000 * (cpu_s(process) - before) / n


def fetched(url: str | None, deadline: float) -> None:
    """Wait until all photos are stored."""
    if url is None:
        return
    engine = open_engine(url)
    left = 1
    while left and time.monotonic() < deadline:
        with reading(engine) as session:
            left = session.scalar(select(func.count()).where(Photo.state.in_(("to_fetch", "stored")))) or 0
        time.sleep(0.1)
    engine.dispose()


def cpu_s(process: psutil.Process) -> float:
    """Seconds of CPU of a process and its children."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


@contextmanager
def standin() -> Iterator[str]:
    """A Telegram on the second processor."""
    port = 18000 + os.getpid() % 2000
    with program([sys.executable, str(STANDIN), str(port)], {}, processor=1):
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                asked(f"{address}/control/counts")
                break
            except OSError:
                time.sleep(0.05)
        yield address


@contextmanager
def house(given: argparse.Namespace) -> Iterator[str]:
    """A database with Xicheng's chiefs on Telegram."""
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/bench.db"
        os.environ["XUNLIN_DATA_DIR"] = folder
        engine = open_engine(url)
        upgrade(engine)
        demo.load_house(engine)
        fill(engine, given.on_top)
        with transaction(engine) as session:
            now = datetime.now(UTC)
            chiefs = session.scalars(select(Chief.id).join(Post).where(Post.level == "community").limit(CHIEFS)).all()
            for number, chief in enumerate(chiefs):
                user = str(FIRST_USER + number)
                account = person.of_account(session, "telegram", user, user, now).account
                if account:
                    account.chief_id = chief
                    consent.give(session, account.id, True, now)
        engine.dispose()
        yield url


def environment(url: str, address: str) -> dict[str, str]:
    """The settings of a program that keeps no limit, because the stand-in has none."""
    return {
        "XUNLIN_DATABASE_URL": url, "XUNLIN_TELEGRAM_TOKEN": TOKEN, "XUNLIN_TELEGRAM_API_URL": address,
        "XUNLIN_TELEGRAM_RATE": "100000", "XUNLIN_LOG_LEVEL": "WARNING",
    }  # fmt: skip


@contextmanager
def program(command: list[str], settings: dict[str, str], processor: int | None = 0) -> Iterator[psutil.Process]:
    """A process on one processor, or on whichever is free, killed in the end."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **settings}, stderr=subprocess.DEVNULL
    )
    try:
        found = psutil.Process(process.pid)
        if processor is not None:
            found.cpu_affinity([processor % (os.cpu_count() or 1)])
        yield found
    finally:
        process.kill()
        process.wait()


def feed(address: str, messages: list[dict[str, Any]]) -> None:
    """Let people send messages."""
    body = json.dumps(messages).encode()
    with urlopen(Request(f"{address}/control/updates", body, {"Content-Type": "application/json"})) as answer:
        answer.read()


def tell(address: str, **what: object) -> None:
    """Tell the stand-in how it is to behave."""
    body = json.dumps(what).encode()
    with urlopen(Request(f"{address}/control/faults", body, {"Content-Type": "application/json"})) as answer:
        answer.read()


def asked(address: str) -> Any:
    """What the stand-in says."""
    with urlopen(quote(address, safe=":/?=&")) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
