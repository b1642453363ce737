"""Anchors as files (锚文件): the head of the audit chain as it is kept outside, and read back."""

import base64
import json
from datetime import datetime
from pathlib import Path

from rules.audit import spelled
from services import audit
from services.audit import Head
from services.refused import Refused

FORMAT = "xunlin-audit-anchor/1"


def write(head: Head, now: datetime, token: bytes | None = None) -> bytes:
    """An anchor as a file: what it states, when, and the timestamp of an authority where there is one."""
    said = {
        "format": FORMAT, "seq": head.seq, "hash": head.hash, "statement": head.statement, "at": spelled(now),
        "timestamp_response": base64.b64encode(token).decode() if token else None,
    }  # fmt: skip
    return (json.dumps(said, indent=1) + "\n").encode()


def read(text: str) -> tuple[Head, bytes | None]:
    """The anchor of a file, of `SEQ:HASH` or of a hash alone, with its timestamp; raises `Refused`."""
    head = audit.read_head(text)
    if head is not None:
        return head, None
    try:
        said = json.loads(Path(text).read_text("utf-8"))
        head = audit.read_head(f"{int(said['seq'])}:{said['hash']}")
        token = said["timestamp_response"]
    except (OSError, ValueError, TypeError, KeyError):
        head = None
    if head is None:
        raise Refused("audit.no_anchor", text=text[:80])
    return head, base64.b64decode(token) if token else None
