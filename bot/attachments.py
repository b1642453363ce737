"""What is made when a message is sent (附件): a picture or document of the figures that its answer was made of."""

import io
from dataclasses import replace
from pathlib import Path

from PIL import Image

from bot import store
from reports import render
from services.outbox import Leased


def with_files(data_dir: Path, leased: Leased, template: Path | None = None) -> Leased:
    """The message with its attachment made and stored: `pictures` or `documents`, named by their files.

    `template` is the office's own document for the annual report.
    """
    wanted = leased.body.get("attachment")
    if not wanted:
        return leased
    made = render(wanted["report"], wanted["figures"], wanted["language"], template)
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
