"""Takes lines of a replay into the inbox (接收)."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from services.inbox import Delivery
from services.refused import Refused

_LONGEST_LINE = 64 * 1024


def read_deliveries(path: Path) -> Iterator[Delivery]:
    """The deliveries of a .jsonl or .jsonl.gz in their order; raises `Refused` with the line that is wrong."""
    if not path.is_file():
        raise Refused("file.missing", name=path.name)
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _delivery(line.strip(), number, path.name)


def in_batches(deliveries: Iterator[Delivery], size: int) -> Iterator[list[Delivery]]:
    """The deliveries in lists of a size, each to be one commit."""
    while batch := list(islice(deliveries, size)):
        yield batch


def _delivery(line: str, number: int, name: str) -> Delivery:
    try:
        if len(line) > _LONGEST_LINE:
            raise ValueError
        said = json.loads(line)
        received_at = datetime.fromisoformat(said["delivered_at"])
        if received_at.tzinfo is None:
            raise ValueError
        return Delivery("replay", str(said["msg_id"]), f"replay:{said['chief_code']}", line, received_at)
    except (ValueError, KeyError, TypeError):
        raise Refused("replay.bad_line", name=name, line=number) from None
