"""Files by their hash (文件库): written, flushed to the disk, then given their name."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the store."""

    sha256: str
    size: int


def put(data_dir: Path, data: bytes, ending: str = "") -> Stored:
    """Store bytes; they are on the disk when this returns, and the same bytes twice are one file."""
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(data_dir, digest, ending)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, data)
    return Stored(digest, len(data))


def path_of(data_dir: Path, sha256: str, ending: str = "") -> Path:
    """Where a file of a hash lies."""
    return data_dir / "files" / sha256[:2] / f"{sha256}{ending}"


def thumbnail_of(data_dir: Path, sha256: str) -> Path:
    """Where the small copy of a photo lies; it can be made again from the photo."""
    return data_dir / "thumbnails" / sha256[:2] / f"{sha256}.jpg"


def _write(path: Path, data: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as part:
        try:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
