"""Verifies a case pack (案卷校验): lies in the pack as verify.py and runs with Python 3.8 or newer alone.

Usage: python verify.py [SHA-256 of record.json, as the letter of referral says it]
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

WORDS: dict[str, list[str]] = {}
MANIFEST = "manifest.json"
OWN = {MANIFEST, "verify.py"}


def sm3(data: bytes) -> str:
    """SM3 (GB/T 32905-2016) in hexadecimal."""
    message = data + b"\x80" + b"\x00" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    for start in range(0, len(message), 64):
        state = _compressed(state, message[start : start + 64])
    return "".join("%08x" % word for word in state)  # noqa: UP031


def _left(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & 0xFFFFFFFF


def _compressed(state: list[int], block: bytes) -> list[int]:
    w = [int.from_bytes(block[n : n + 4], "big") for n in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _left(w[j - 3], 15)
        w.append(x ^ _left(x, 15) ^ _left(x, 23) ^ _left(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        t = 0x79CC4519 if j < 16 else 0x7A879D8A
        twelve = _left(a, 12)
        ss1 = _left((twelve + e + _left(t, j)) & 0xFFFFFFFF, 7)
        ss2 = ss1 ^ twelve
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
        tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
        tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
        a, b, c, d = tt1, a, _left(b, 9), c
        e, f, g, h = tt2 ^ _left(tt2, 9) ^ _left(tt2, 17), e, _left(f, 19), g
    return [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905


def fast_sm3(data: bytes) -> str:
    """The same by Python's own library where it has SM3."""
    try:
        return hashlib.new("sm3", data).hexdigest()
    except ValueError:
        return sm3(data)


def problems(folder: Path, given: str = "") -> list[tuple[str, dict[str, Any]]]:
    """What is wrong in a folder: a key of the words and its fields, in the order of the manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = [(str(one["path"]), one) for one in manifest["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return [("no_manifest", {})]
    found = [one for path, said in files for one in _file(folder, path, said)]
    listed = {path for path, _ in files} | OWN
    inside = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    found += [("unlisted", {"path": path}) for path in inside if path not in listed and not path.endswith(".zip")]
    if given:
        record = folder / "record.json"
        digest = hashlib.sha256(record.read_bytes()).hexdigest() if record.is_file() else ""
        found += [] if digest == given.strip().lower() else [("other_record", {"path": "record.json"})]
    return found + _rows(folder)


def _file(folder: Path, path: str, said: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if not re.match(r"^[\w.-]+(/[\w.-]+)*$", path, re.ASCII) or ".." in path.split("/"):
        return [("bad_path", {"path": path})]
    place = folder / path
    if not place.is_file():
        return [("missing", {"path": path})]
    data = place.read_bytes()
    if hashlib.sha256(data).hexdigest() != said.get("sha256") or fast_sm3(data) != said.get("sm3"):
        return [("changed", {"path": path})]
    return []


def _rows(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Each audit row's hash, worked out again from the hash before it."""
    try:
        rows = json.loads((folder / "record.json").read_text("utf-8"))["audit"]["rows"]
    except (OSError, ValueError, KeyError, TypeError):
        return [("missing", {"path": "record.json"})]
    found: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        said = {key: value for key, value in row.items() if key not in ("hash", "before")}
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256((str(row.get("before")) + text).encode("utf-8")).hexdigest() != row.get("hash"):
            found.append(("row", {"seq": row.get("seq")}))
    return found


def main(arguments: list[str]) -> int:
    """Say in both languages what is right or which file was changed; 0 where all is right."""
    folder = Path(__file__).resolve().parent
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    found = problems(folder, arguments[0] if arguments else "")
    for key, fields in found:
        _say(key, fields)
    if found:
        _say("wrong", {"n": len(found)})
        return 1
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    record = (folder / "record.json").read_bytes()
    for one in manifest["files"]:
        _say("right", {"path": one["path"]})
    fields = {"number": manifest["number"], "n": len(manifest["files"]), "sha256": hashlib.sha256(record).hexdigest()}
    _say("all_right", fields)
    if not arguments:
        _say("compare", {})
    return 0


def _say(key: str, fields: dict[str, Any]) -> None:
    for sentence in WORDS[key]:
        print(sentence.format(**fields))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
