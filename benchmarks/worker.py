"""What the worker costs (处理基准): `python -m benchmarks.worker [--patrols 720] [--on-top N] [--url URL]`.

One process, no network: updates of Telegram are taken in by hundreds, as they are polled, and worked on until none is
left; nothing is sent, no photo is fetched. Python's collector is as it comes, other than in the program.
"""

import argparse
import asyncio
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from benchmarks.telegram import CHIEFS, FIRST_USER, house, own_places
from bot.bell import Bell
from bot.settings import read_settings
from bot.telegram.client import Client
from bot.telegram.poll import LIMIT
from bot.telegram.receive import Intake
from bot.worker import Worker
from models.engine import open_engine

Updates = list[dict[str, Any]]
_numbers = count(1)


async def main() -> None:
    """Print milliseconds of CPU for a whole patrol of three updates, and for an answer to 帮助."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--patrols", type=int, default=720)
    asked.add_argument("--on-top", type=int, default=0, help="patrols that are there before")
    asked.add_argument("--url", help="an empty PostgreSQL database; the default is SQLite")
    given = asked.parse_args()
    with house(given) as url:
        engine, places = open_engine(url), own_places(url)
        intake = Intake(engine, Client("1:none", "http://localhost", 1), "1", Bell(), "bot")
        worker = Worker(engine, read_settings(database_url=url))
        print(f"Python {platform.python_version()}, {engine.dialect.name}, ms of CPU each: taking in, working")
        # What is asked for the first time is asked by the first chiefs.
        measured(intake, worker, CHIEFS, lambda k: patrol(k, places))
        show("patrol", measured(intake, worker, given.patrols, lambda k: patrol(k, places)))
        show("帮助", measured(intake, worker, given.patrols, lambda k: [update(k, text="帮助")]))
        engine.dispose()


def measured(intake: Intake, worker: Worker, n: int, made: Callable[[int], Updates]) -> tuple[float, float]:
    """Take in and work on what n chiefs in turn send; gives the milliseconds of both for one of them."""
    updates = [one for k in range(n) for one in made(k)]
    taking = working = 0.0
    for start in range(0, len(updates), LIMIT):
        began = time.process_time()
        intake.take(updates[start : start + LIMIT])
        taken = time.process_time()
        while worker.work_once(datetime.now(UTC)):
            pass
        taking, working = taking + taken - began, working + time.process_time() - taken
    return 1000 * taking / n, 1000 * working / n


def patrol(k: int, places: list[dict[str, float]]) -> Updates:
    """A position, a photo, 提交."""
    photo = {"file_id": f"f{next(_numbers)}", "file_unique_id": f"u{next(_numbers)}", "width": 1280, "height": 960}
    return [update(k, location=places[k % CHIEFS]), update(k, photo=[photo]), update(k, text="提交")]


def update(k: int, **what: Any) -> dict[str, Any]:
    """A message of a chief as Telegram writes it."""
    user = FIRST_USER + k % CHIEFS
    person = {"id": user, "is_bot": False, "first_name": f"人{user}", "language_code": "zh-hans"}
    chat = {"id": user, "type": "private", "first_name": person["first_name"]}
    message = {"message_id": next(_numbers), "date": int(time.time()), "from": person, "chat": chat, **what}
    return {"update_id": next(_numbers), "message": message}


def show(name: str, ms: tuple[float, float]) -> None:
    """A line of the table."""
    print(f"{name:<8} {ms[0]:6.2f} {ms[1]:6.2f}")


if __name__ == "__main__":
    asyncio.run(main())
