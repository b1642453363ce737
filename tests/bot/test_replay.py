"""The replay of a file (回放): what can be taken is taken, what cannot is named, and nothing is left waiting."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from chat_driver import OWN, House, small_house
from sqlalchemy import select

from bot.intake import replay
from bot.replay.receive import in_batches, read_deliveries
from models.inbox import Inbox
from models.outbox import Outbox
from models.patrol import Patrol
from services.refused import Refused

HU = "110102010002-L1"
SENT = datetime(2023, 5, 9, 2, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """The small Xicheng."""
    with small_house(request.param, tmp_path) as house:
        yield house


def line(number: int, **more: Any) -> str:
    """A patrol of 胡晓兰, ten minutes after the one before."""
    sent = SENT + timedelta(minutes=10 * number)
    said = {
        "msg_id": f"m{number}", "type": "patrol", "chief_code": HU, "sent_at": sent.isoformat(),
        "delivered_at": sent.isoformat(), "lon": OWN[0], "lat": OWN[1], "photos": 1, **more,
    }  # fmt: skip
    return json.dumps(said) + "\n"


def states(house: House) -> dict[str, str]:
    with house.reading() as session:
        return {row.key: row.state for row in session.execute(select(Inbox.key, Inbox.state))}


def test_what_comes_before_a_wrong_line_is_taken_and_recorded(house: House, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text("".join(map(line, range(5))) + "nonsense\n" + line(5), "utf-8")
    with pytest.raises(Refused) as refused:
        replay(house.engine, house.settings, path, lambda n: None)
    assert (refused.value.key, refused.value.fields) == (
        "replay.bad_line", {"name": "some.jsonl", "line": 6, "taken": 5},
    )  # fmt: skip
    assert states(house) == {f"m{n}": "done" for n in range(5)}
    assert len(house.rows(select(Patrol))) == 5


def test_a_wrong_line_loses_nothing_that_was_collected(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text("".join(map(line, range(5))) + "nonsense\n", "utf-8")
    batches = in_batches(read_deliveries(path), 3)
    assert [[one.key for one in next(batches)] for _ in range(2)] == [["m0", "m1", "m2"], ["m3", "m4"]]
    with pytest.raises(Refused):
        next(batches)


def test_what_cannot_be_worked_on_is_parked_before_the_replay_returns(house: House, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    bad = line(1, type="meeting", title=None, chief_code="110102-L07")
    path.write_text(line(0) + bad + line(2, chief_code="110102-L07") + line(3), "utf-8")
    assert replay(house.engine, house.settings, path, lambda n: None) == 4
    assert states(house) == {"m0": "done", "m1": "parked", "m2": "done", "m3": "done"}
    assert {row.state for row in house.rows(select(Outbox))} == {"sent"}


WHOLE = gzip.compress("".join(map(line, range(2000))).encode(), 1)


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("junk.jsonl.gz", b"this was never packed", "replay.damaged"),
        ("cut.jsonl.gz", WHOLE[: len(WHOLE) // 2], "replay.damaged"),
        (
            "bits.jsonl.gz",
            WHOLE[:3000] + b"\x00\xff" * 200 + WHOLE[3400:],
            "replay.damaged|replay.bad_line|file.no_text",
        ),
        ("photo.jsonl", b"\xff\xd8\xff\xe0 a photo", "file.no_text"),
        ("endless.jsonl", b"1" * 10_000_000, "replay.bad_line"),
        ("list.jsonl", b"[1, 2]\n", "replay.bad_line"),
        ("nowhere.jsonl", None, "file.missing"),
    ],
)
def test_a_file_that_is_no_replay_is_refused_by_its_name(
    tmp_path: Path, name: str, content: bytes | None, key: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused) as refused:
        list(read_deliveries(tmp_path / name))
    assert re.fullmatch(key, refused.value.key)
    assert refused.value.fields["name"] == name


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"file\.is_folder"):
        list(read_deliveries(tmp_path))
