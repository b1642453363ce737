"""The manifest (备份清单) of a backup: what it holds, sealed by its own hash, written last."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from services.refused import Refused

NAME = "manifest.json"
FORMAT = 1
DATABASE_FILES = {"sqlite": "database.db", "postgresql": "database.dump"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One file of a backup; `path` is relative to its folder, with slashes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    name: str
    """Its folder's name: the UTC time."""
    made_at: str
    kind: str
    """`sqlite` or `postgresql`."""
    revision: str
    """Of the schema."""
    versions: dict[str, str]
    counts: dict[str, int]
    """Rows of the main tables, as the backup itself holds them."""
    database: Stored
    files: tuple[Stored, ...]
    """Of the data folder, below `files/`."""
    damaged: tuple[str, ...] = ()
    """Files whose content no longer matched their name when they were saved; kept as they were."""
    format: int = FORMAT

    @property
    def size(self) -> int:
        """All bytes that it holds."""
        return self.database.size + sum(file.size for file in self.files)


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest; the caller flushes it to disk."""
    body = asdict(manifest)
    (folder / NAME).write_text(json.dumps(body | {"seal": _seal(body)}, indent=1, ensure_ascii=False), "utf-8")


def read(folder: Path) -> Manifest:
    """The manifest of a backup folder; raises `Refused` where there is none, or not the one that was written."""
    try:
        text = (folder / NAME).read_text("utf-8")
    except FileNotFoundError:
        raise _absent(folder) from None
    except (OSError, UnicodeDecodeError):
        raise Refused("operations.manifest_damaged", folder=folder) from None
    try:
        return _parse(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused("operations.manifest_damaged", folder=folder) from None


def _parse(body: dict[str, Any]) -> Manifest:
    if body.pop("seal") != _seal(body) or body["format"] != FORMAT:
        raise ValueError("not what was written")
    database = Stored(**body.pop("database"))
    files = tuple(Stored(**file) for file in body.pop("files"))
    manifest = Manifest(**body | {"damaged": tuple(body["damaged"])}, database=database, files=files)
    for file in (database, *files):
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("leads out of the folder")
    return manifest


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _absent(folder: Path) -> Refused:
    if not folder.is_dir():
        return Refused("operations.backup_absent", folder=folder)
    if inside := sorted(path.parent.name for path in folder.glob(f"*/{NAME}")):
        return Refused("operations.backup_choose", folder=folder, newest=folder / inside[-1])
    return Refused("operations.backup_aborted", folder=folder)
