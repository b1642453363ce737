"""What is made when a message is sent (附件): a picture or document of the figures that its answer was made of."""

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine

from bot import store
from models.engine import reading
from models.referral import Referral
from reports import Rendered, render, render_pack
from rules.case import digest_of
from rules.file_kind import HEAD_BYTES, ending_of
from services import ledger, referral
from services.outbox import Leased
from services.refused import Refused


def _as_sent(data_dir: Path, file: dict[str, Any]) -> dict[str, Any]:
    """A file that was kept, under its name; one without an ending gets that of its bytes."""
    name = file["name"]
    if "." not in name:
        with store.path_of(data_dir, file["sha256"]).open("rb") as opened:
            name = f"{name}.{ending_of(opened.read(HEAD_BYTES))}"
    return {**file, "name": name, "file": file["sha256"]}


def with_files(engine: Engine, data_dir: Path, leased: Leased, now: datetime, template: Path | None = None) -> Leased:
    """The message with its attachment made and stored: `pictures` or `documents`, named by their files.

    `template` is the office's own document for the annual report.
    """
    wanted = leased.body.get("attachment")
    if not wanted:
        return leased
    if wanted["report"] == "kept_file":
        # What a person sent goes on as it is: nothing is made.
        return replace(leased, body={**leased.body, "documents": [_as_sent(data_dir, wanted["figures"])]})
    if wanted["report"] == "problem_pair":
        wanted = _with_photos(data_dir, wanted)
        if wanted is None:
            return leased
    made = _made(engine, data_dir, wanted, now, template)
    ending = "." + made.filename.rpartition(".")[2]
    kept = store.put(data_dir, made.data, ending)
    body = {**leased.body, "text": leased.body.get("text") or made.caption}
    file = {"file": f"{kept.sha256}{ending}", "sha256": kept.sha256, "name": made.filename, "size": kept.size}
    if made.mime.startswith("image/"):
        width, height = Image.open(io.BytesIO(made.data)).size
        body["pictures"] = [{**file, "width": width, "height": height, "alt": body["text"] or made.filename}]
    else:
        body["documents"] = [file]
    return replace(leased, body=body)


def _with_photos(data_dir: Path, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """The figures with the small copies of the photos; None where none of them has been opened yet."""
    figures = dict(wanted["figures"])
    for side in ("before", "after"):
        paths = [store.thumbnail_of(data_dir, sha256) for sha256 in figures[side]]
        figures[side] = [path.read_bytes() for path in paths if path.exists()]
    return {**wanted, "figures": figures} if figures["before"] or figures["after"] else None


def packed(data_dir: Path, found: Referral, language: str) -> bytes:
    """The case pack of a referral; raises `Refused` where its record is not the one that was handed over."""
    return _pack(data_dir, found, language).data


def _pack(data_dir: Path, found: Referral, language: str) -> Rendered:
    if digest_of(found.record) != found.digest:
        raise Refused("referral.damaged", number=found.number)

    def read(sha256: str) -> bytes | None:
        path = store.path_of(data_dir, sha256)
        return path.read_bytes() if path.is_file() else None

    return render_pack(found.record, language, read)


def _made(
    engine: Engine, data_dir: Path, wanted: dict[str, Any], now: datetime, template: Path | None
) -> Rendered:  # fmt: skip
    if wanted["report"] == "case_pack":
        with reading(engine) as session:
            found = referral.by_number(session, wanted["figures"]["number"])
            if found is None:
                raise Refused("referral.unknown")
            return _pack(data_dir, found, wanted["language"])
    if wanted["report"] != "annual_workbook":
        return render(wanted["report"], wanted["figures"], wanted["language"], template)
    # A ledger may hold a million rows: they are read when it is sent, and never lie in the outbox.
    with reading(engine) as session:
        return render(wanted["report"], ledger.answered(session, wanted["figures"], now), wanted["language"])
