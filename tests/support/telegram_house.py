"""Xicheng on Telegram (电报测试房): the loops of the program in a thread, the stand-in beside them, people who chat."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from chat_driver import House
from telegram_standin import TOKEN, Call, StandIn

from bot.serve import run_loops
from bot.settings import Settings, read_settings
from models.engine import open_engine

LOOPS = {"receive", "work", "send", "media"}
WAIT_S = 60.0
"""How long a test waits for what must come; it is no limit that is asserted, only the end of patience."""


class Thread:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        """The result of a coroutine in that loop."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(WAIT_S)

    def run_for_ever(self, what: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine in that loop until it ends by itself."""
        asyncio.run_coroutine_threadsafe(what, self.loop).result()

    def call(self, what: Callable[[], Any]) -> Any:
        """The result of a function in that loop."""

        async def called() -> Any:
            return what()

        return self.run(called())

    def close(self) -> None:
        """End the loop."""
        self.run(_cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(WAIT_S)
        self.loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class TelegramHouse:
    """A running program and the Telegram that it talks to."""

    def __init__(self, house: House, standin: StandIn, address: str, thread: Thread, **settings: Any) -> None:
        self.house, self.standin, self.thread = house, standin, thread
        self.settings: Settings = read_settings(
            database_url=house.settings.database_url, data_dir=house.settings.data_dir, timezone="Asia/Shanghai",
            language="zh_CN", telegram_token=TOKEN, telegram_api_url=address, **{"telegram_rate": 1000, **settings},
        )  # fmt: skip
        self._stop: asyncio.Event | None = None
        self._running: Any = None

    def begins(self) -> None:
        """Start the program's loops."""
        engine = open_engine(self.settings.database_url)

        async def run() -> None:
            self._stop = asyncio.Event()
            await run_loops(engine, self.settings, LOOPS, self._stop)
            engine.dispose()

        self._running = asyncio.run_coroutine_threadsafe(run(), self.thread.loop)

    def ends(self) -> None:
        """Stop them as SIGTERM does."""
        if self._running:
            self.thread.call(lambda: self._stop and self._stop.set())
            self._running.result(WAIT_S)
            self._running = None

    def chat(self, user: int) -> "Person":
        """A person with the bot alone."""
        return Person(self, user)

    def calls(self, *methods: str) -> list[Call]:
        """What the program asked of Telegram."""
        return [call for call in self.thread.call(lambda: list(self.standin.calls)) if call.method in methods]

    def waits_for(self, what: Callable[[], Any]) -> Any:
        """Wait until something is so."""
        deadline = time.monotonic() + WAIT_S
        while not (found := what()):
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.02)
        return found


class Person:
    """Somebody's chat with the bot; what was heard is read from the program's own requests."""

    def __init__(self, house: TelegramHouse, user: int) -> None:
        self.house, self.user, self.seen = house, user, 0

    def sends(self, text: str) -> "Person":
        """Send words."""
        return self.says(text=text)

    def sends_location(self, lon: float, lat: float, **more: Any) -> "Person":
        """Send a position."""
        return self.says(location={"longitude": lon, "latitude": lat, **more})

    def sends_photo(self, data: bytes, **more: Any) -> "Person":
        """Send a photo as Telegram encodes it."""
        return self.says(photo=self.house.thread.call(lambda: self.house.standin.photo(data)), **more)

    def says(self, **what: Any) -> "Person":
        """Send a message as Telegram writes it."""
        self.house.thread.call(lambda: self.house.standin.says(self.user, **what))
        return self

    def presses(self, label: str) -> "Person":
        """Press the newest button that has these words."""
        for call in reversed(self.heard()):
            for row in json.loads(call.given.get("reply_markup") or "{}").get("inline_keyboard", ()):
                for button in row:
                    if label in button["text"]:
                        self._press(button["callback_data"])
                        return self
        raise AssertionError(f"no button {label!r}")

    def hears(self, words: str) -> str:
        """Wait for a message with these words that was not heard before; gives its text."""

        def found() -> str | None:
            for number, call in enumerate(self.heard()[self.seen :], self.seen + 1):
                text = str(call.given.get("text") or call.given.get("caption") or "")
                if words in text:
                    self.seen = number
                    return text
            return None

        return str(self.house.waits_for(found))

    def heard(self) -> list[Call]:
        """All that was said to this chat."""
        said = self.house.calls("sendMessage", "sendPhoto", "sendDocument")
        return [call for call in said if call.given.get("chat_id") == str(self.user)]

    def _press(self, data: str) -> None:
        chat = {"id": self.user, "type": "private"}
        message = {"message_id": 1, "date": int(time.time()), "chat": chat}
        self.house.thread.call(lambda: self.house.standin.presses(self.user, message, data))


@contextmanager
def telegram_house(house: House, begin: bool = True, **settings: Any) -> Iterator[TelegramHouse]:
    """A program that talks to its own stand-in."""
    thread, standin = Thread(), StandIn()
    runner, address = thread.run(_serve(standin))
    living = TelegramHouse(house, standin, address, thread, **settings)
    try:
        if begin:
            living.begins()
        yield living
        living.ends()
    finally:
        thread.run(runner.cleanup())
        thread.close()


async def _serve(standin: StandIn) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(standin.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    return runner, f"http://127.0.0.1:{port}"


PHOTO = (Path(__file__).parent.parent.parent / "demo" / "xicheng" / "photos" / "p16.jpg").read_bytes()
