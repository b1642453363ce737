"""Takes lines of a replay into the inbox (接收)."""

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bot.files.limits import check_there
from services.inbox import Delivery
from services.refused import Refused

_LONGEST_LINE = 64 * 1024


def read_deliveries(path: Path) -> Iterator[Delivery]:
    """The deliveries of a .jsonl or .jsonl.gz in their order; raises `Refused` with the line that is wrong."""
    check_there(path)
    taken = 0
    for number, line in _lines(path):
        if line.strip():
            yield _delivery(line.strip(), number, taken, path.name)
            taken += 1


def in_batches(deliveries: Iterator[Delivery], size: int) -> Iterator[list[Delivery]]:
    """The deliveries in lists of a size, each to be one commit; what came before a wrong line is handed over first."""
    batch: list[Delivery] = []
    try:
        for delivery in deliveries:
            batch.append(delivery)
            if len(batch) == size:
                yield batch
                batch = []
    except Refused:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            # Piece by piece: a line that never ends must not fill the memory.
            for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE + 1), ""), 1):
                yield number, line
    except UnicodeDecodeError:
        raise Refused("file.no_text", name=path.name) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Refused("replay.damaged", name=path.name, line=number) from None


def _delivery(line: str, number: int, taken: int, name: str) -> Delivery:
    try:
        if len(line) > _LONGEST_LINE:
            raise ValueError
        said = json.loads(line)
        received_at = datetime.fromisoformat(said["delivered_at"])
        if received_at.tzinfo is None:
            raise ValueError
        return Delivery("replay", str(said["msg_id"]), f"replay:{said['chief_code']}", line, received_at)
    except (ValueError, KeyError, TypeError):
        raise Refused("replay.bad_line", name=name, line=number, taken=taken) from None
