"""Checks a stored photo in a process of its own (核查照片)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_WAIT_S = 30
_ROOT = Path(__file__).parent.parent.parent


def check(path: Path) -> dict[str, Any]:
    """The facts of a photo (width, height, phash, taken_on, exif_lon, exif_lat), or `{"bad": key}`.

    Raises `RuntimeError` only where the decoder itself cannot run: then nothing can be said of the photo.
    """
    if not path.is_file():
        return {"bad": "lost"}
    command = [sys.executable, "-m", "bot.photos.decode", str(path.resolve())]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, timeout=_WAIT_S, check=False)
    except subprocess.TimeoutExpired:
        return {"bad": "timeout"}
    if done.returncode < 0:
        # It was stopped by its limits before it could speak.
        return {"bad": "timeout"}
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts
