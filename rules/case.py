"""A case's record (案卷): the one spelling that is hashed, whenever and wherever it is written."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FORMAT = "xunlin-case/1"


def spelled(record: Mapping[str, Any]) -> bytes:
    """A record as JSON in UTF-8 with sorted keys, one a line."""
    return (json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def digest_of(record: Mapping[str, Any]) -> str:
    """SHA-256 of a record."""
    return hashlib.sha256(spelled(record)).hexdigest()
