"""The audit chain (审计链): what one row says in one spelling, and its hash over all rows before it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

START = "0" * 64
"""The hash before the first row."""


@dataclass(frozen=True, slots=True)
class Link:
    """A row of the audit with its place in the chain."""

    seq: int
    id: int
    happened_at: datetime
    who: str
    what: str
    object: str
    area_code: str | None
    result: str
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which a chain is not what it was; `kind` says how.

    `changed` (the row, or those before it), `missing` (a row was taken out), `inserted` (a row stands where none may),
    `anchor` (the row is not the one that was anchored), `cut` (the chain ends before what was known of it), `unknown`
    (a hash that was anchored is no row's).
    """

    seq: int
    kind: str
    id: int | None = None
    what: str = ""
    object: str = ""


def canonical(link: Link) -> str:
    """A row as JSON with sorted keys and no spaces; the instant in UTC to the microsecond."""
    said = {
        "seq": link.seq, "id": link.id, "at": spelled(link.happened_at), "who": link.who, "what": link.what,
        "object": link.object, "area": link.area_code, "result": link.result,
    }  # fmt: skip
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def spelled(at: datetime) -> str:
    """An instant in the one spelling that is hashed, such as 2026-11-24T02:00:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def next_hash(before: str, link: Link) -> str:
    """SHA-256 of the hash before, in hexadecimal, followed by the row's canonical JSON in UTF-8."""
    return hashlib.sha256(f"{before}{canonical(link)}".encode()).hexdigest()


def walk(links: Iterable[Link], anchors: Mapping[int, str]) -> Iterator[tuple[Link, Broken | None]]:
    """Each row with what is wrong with it, in order; ends with the first that is broken."""
    before, expected = START, 1
    for link in links:
        broken = _wrong(link, before, expected, anchors.get(expected))
        yield link, broken
        if broken:
            return
        before, expected = link.hash, expected + 1


def _wrong(link: Link, before: str, expected: int, anchored: str | None) -> Broken | None:
    if link.seq != expected:
        if link.seq > expected:
            return Broken(expected, "missing")
        return Broken(link.seq, "inserted", link.id, link.what, link.object)
    if next_hash(before, link) != link.hash:
        return Broken(link.seq, "changed", link.id, link.what, link.object)
    if anchored not in (None, link.hash):
        return Broken(link.seq, "anchor", link.id, link.what, link.object)
    return None
