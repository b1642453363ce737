"""The spool (暂存文件): takes deliveries while the database is away, so that none is lost."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO

import structlog

from services.inbox import Delivery

log = structlog.get_logger()


class Spool:
    """A file of deliveries, a line each; it is emptied only after their commit."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, delivery: Delivery) -> None:
        """Append a delivery; it is on the disk when this returns."""
        said = {**asdict(delivery), "received_at": delivery.received_at.isoformat()}
        with self._locked("adding"), self.path.open("a+b") as file:
            # A process that died in the middle of a line had not acknowledged it: it must not spoil the next one.
            file.write(b"" if _ends_a_line(file) else b"\n")
            file.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            _flush_folder(self.path.parent)

    def waits(self) -> bool:
        """Whether it holds something."""
        return self.path.exists() or self._moved.exists()

    def drain(self, store: Callable[[list[Delivery]], None]) -> int:
        """Hand all it holds to `store`, in its order, and forget it when that has committed; gives how much it was."""
        number = 0
        with self._locked("draining"):
            while self.waits():
                # The file is moved aside first, so that nobody who adds waits for the database.
                with self._locked("adding"):
                    if not self._moved.exists():
                        os.replace(self.path, self._moved)
                with self._moved.open("rb") as file:
                    waiting = [delivery for line in file if (delivery := _delivery(line))]
                store(waiting)
                self._moved.unlink()
                number += len(waiting)
        return number

    @property
    def _moved(self) -> Path:
        return self.path.with_suffix(".draining")

    @contextmanager
    def _locked(self, what: str) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(f".{what}.lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


def _ends_a_line(file: IO[bytes]) -> bool:
    file.seek(0, os.SEEK_END)
    if file.tell() == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _delivery(line: bytes) -> Delivery | None:
    try:
        said = json.loads(line)
        return Delivery(**{**said, "received_at": datetime.fromisoformat(said["received_at"])})
    except (ValueError, TypeError, KeyError):
        log.warning("spool_line_skipped", bytes=len(line))
        return None


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
