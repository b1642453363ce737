"""Checks stored photos in a process of its own (核查照片), which is replaced when a photo was too much for it."""

import contextlib
import json
import os
import selectors
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import Any

_WAIT_S = 30
_PHOTOS_EACH = 500
"""A process is replaced after so many photos: decoders may leak."""
_ROOT = Path(__file__).parent.parent.parent


class Decoder:
    """A decoding process; one photo at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._lock = Lock()

    def facts(self, path: Path, thumbnail: Path) -> dict[str, Any]:
        """The facts of a photo (width, height, phash, taken_on, exif_lon, exif_lat), or `{"bad": key}`.

        A small copy is written to `thumbnail`. Raises `RuntimeError` only where the decoder itself cannot run: then
        nothing can be said of the photo.
        """
        if not path.is_file():
            return {"bad": "lost"}
        with self._lock:
            answer = self._asked(json.dumps([str(path.resolve()), str(thumbnail.resolve())]).encode() + b"\n")
            if answer is None:
                # It was stopped by its limits before it could speak, or it thought for too long.
                if self._end() == 1:
                    raise RuntimeError("the decoder does not run")
                return {"bad": "timeout"}
            self._done += 1
            if self._done >= _PHOTOS_EACH:
                self._end()
        facts: dict[str, Any] = json.loads(answer)
        return facts

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _asked(self, line: bytes) -> bytes | None:
        process = self._process if self._process and self._process.poll() is None else self._begun()
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            return None
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            return (process.stdout.readline() or None) if ready.select(_WAIT_S) else None

    def _begun(self) -> subprocess.Popen[bytes]:
        self._end()
        command = [sys.executable, "-m", "bot.photos.decode"]
        # Nothing of our settings is handed over: what opens strangers' files needs no secret.
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
        self._process = subprocess.Popen(
            command, cwd=_ROOT, env=kept, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._done = 0
        return self._process

    def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        code = process.poll()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        return code
