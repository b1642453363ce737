"""The case pack (移送案卷包): record, original photos, a manifest of hashes, and the script that verifies it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from locales import LANGUAGES, catalogue, say
from reports.case_document import case_document, entry
from reports.figures import Figures
from reports.verifier import fast_sm3
from rules.case import digest_of, spelled
from rules.file_kind import ending_of

FORMAT = "xunlin-pack/1"
_WORDS = (
    "no_manifest", "unlisted", "other_record", "bad_path", "missing", "changed", "row", "wrong", "right", "all_right",
    "compare",
)  # fmt: skip
_SCRIPT = Path(__file__).with_name("verifier.py")
_SLOT = "WORDS: dict[str, list[str]] = {}\n"
Read = Callable[[str], bytes | None]
"""The bytes of a file by its SHA-256; None where it is not there."""


def case_pack(record: Figures, language: str, read: Read) -> bytes:
    """The pack as .zip: the same record and photos give the same bytes, whenever and wherever."""
    files = {
        "record.docx": case_document(record, digest_of(record), language),
        "record.json": spelled(record),
        "audit.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in record["audit"]["rows"]).encode(),
        **_originals(record, read),
        "README.txt": _read_me(record).encode(),
    }
    files["manifest.json"] = _manifest(record, files)
    files["verify.py"] = script().encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as pack:
        for name, data in files.items():
            pack.writestr(entry(name), data)
    return stream.getvalue()


def script() -> str:
    """The script that verifies a pack, with its sentences in every language."""
    words = {key: [catalogue(language)[f"verifier.{key}"] for language in LANGUAGES] for key in _WORDS}
    source = _SCRIPT.read_text("utf-8")
    if _SLOT not in source:
        raise ValueError("the verifier has no place for its words")
    return source.replace(_SLOT, f"WORDS = json.loads({json.dumps(words, ensure_ascii=False)!r})\n")


def _originals(record: Figures, read: Read) -> dict[str, bytes]:
    found = {}
    for item in record["items"]:
        data = read(item["sha256"]) if item.get("sha256") else None
        if data is not None:
            folder = "photos" if item["kind"] == "photo" else "recordings"
            found[f"{folder}/{item['n']:02d}-{item['sha256'][:12]}.{ending_of(data)}"] = data
    return found


def _manifest(record: Figures, files: dict[str, bytes]) -> bytes:
    have = {int(name.partition("/")[2].partition("-")[0]) for name in files if "/" in name}
    lacking = [one["n"] for one in record["items"] if "sha256" in one and one["n"] not in have]
    said = {
        "format": FORMAT, "number": record["referral"]["number"], "record_sha256": digest_of(record),
        "not_here": lacking,
        "files": [
            {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "sm3": fast_sm3(data)}
            for name, data in files.items()
        ],
    }  # fmt: skip
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def _read_me(record: Figures) -> str:
    number = record["referral"]["number"]
    return "\n".join(say(language, "verifier.read_me", number=number) for language in LANGUAGES)
