"""A steady stream of whole patrols (持续负载): `python -m benchmarks.telegram_sustained [--rate 50] [--minutes 10]`.

The program and the stand-in share two processors. Each patrol is a position, a photo and 提交, a second apart; what is
measured is how long its receipt was waited for, and the memory of the program meanwhile.
"""

import argparse
import sys
import time
from typing import Any

import psutil

from benchmarks.telegram import (
    CHIEFS,
    FIRST_USER,
    LOOPS,
    PHOTO,
    asked,
    cpu_s,
    environment,
    feed,
    house,
    own_places,
    program,
    standin,
    tell,
)

TICK_S = 0.1
APART_S = 1.0
EVERY_S = 30.0
_MB = 1024 * 1024


def main() -> None:
    """Print a line each half minute, and the whole in the end."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--rate", type=float, default=50, help="patrols a second")
    wanted.add_argument("--minutes", type=float, default=10)
    wanted.add_argument("--on-top", type=int, default=0, help="patrols that are there before")
    wanted.add_argument("--url", help="an empty PostgreSQL database; the default is SQLite")
    given = wanted.parse_args()
    with standin() as address, house(given) as url:
        tell(address, distinct=True, keeps_calls=False)
        places = own_places(url)
        command = [sys.executable, "-m", "bot", "run", "--only", LOOPS]
        with program(command, environment(url, address), processor=None) as process:
            # What is waited for while the program starts is no answer's wait.
            while not asked(f"{address}/control/counts")["polls"]:
                time.sleep(APART_S)
            streamed(address, process, places, given)


def streamed(address: str, process: psutil.Process, places: list[dict[str, float]], given: argparse.Namespace) -> None:
    """Feed the stream and print what it costs."""
    began, all_waited, ticks = time.monotonic(), [], 0
    shown, cpu = began, (began_cpu := cpu_s(process))
    stream = Stream(places, given.rate)
    while (now := time.monotonic()) - began < given.minutes * 60:
        feed(address, stream.due(now - began))
        ticks += 1
        if now - shown >= EVERY_S:
            waited = asked(f"{address}/control/waited")["waited"]
            used = cpu_s(process)
            all_waited += waited
            print(line(now - began, waited, memory_mb(process), 1000 * (used - cpu) / max(1, len(waited))), flush=True)
            shown, cpu = now, used
        time.sleep(max(0.0, began + ticks * TICK_S - time.monotonic()))
    rest = asked(f"{address}/control/waited")
    all_waited += rest["waited"]
    print(f"patrols begun {stream.begun}, receipts {len(all_waited)}, still awaited {rest['left']}")
    print(line(given.minutes * 60, all_waited, memory_mb(process), 1000 * (cpu_s(process) - began_cpu) / stream.begun))


class Stream:
    """Patrols that begin at a rate, by chiefs in turn."""

    def __init__(self, places: list[dict[str, float]], rate: float) -> None:
        self.places, self.rate, self.begun, self._sent = places, rate, 0, [0, 0, 0]

    def due(self, at_s: float) -> list[dict[str, Any]]:
        """What is to be sent by an instant of the stream."""
        messages: list[dict[str, Any]] = []
        for step, send in enumerate((self._place, self._photo, self._done)):
            until = int(max(0.0, at_s - step * APART_S) * self.rate)
            messages += [send(k) for k in range(self._sent[step], until)]
            self._sent[step] = until
        self.begun = self._sent[0]
        return messages

    def _place(self, k: int) -> dict[str, Any]:
        return {"user": FIRST_USER + k % CHIEFS, "location": self.places[k % CHIEFS]}

    def _photo(self, k: int) -> dict[str, Any]:
        return {"user": FIRST_USER + k % CHIEFS, "photo_bytes": PHOTO}

    def _done(self, k: int) -> dict[str, Any]:
        return {"user": FIRST_USER + k % CHIEFS, "text": "提交", "awaits": "已登记"}


def line(at_s: float, waited: list[float], memory: float, cpu_ms: float) -> str:
    """A line of the table."""
    ordered = sorted(waited) or [float("nan")]
    p50, p99, most = (1000 * ordered[int((len(ordered) - 1) * share)] for share in (0.5, 0.99, 1))
    waits = f"p50 {p50:6.0f} ms  p99 {p99:6.0f} ms  most {most:6.0f} ms"
    return f"{at_s:6.0f} s  {len(waited):6} receipts  {waits}  {memory:5.0f} MB  {cpu_ms:5.1f} ms of CPU a patrol"


def memory_mb(process: psutil.Process) -> float:
    """The resident memory of the program with its decoder."""
    return float(sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))) / _MB


if __name__ == "__main__":
    main()
