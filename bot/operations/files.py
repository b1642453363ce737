"""Files (文件) of the data folder: found, copied with their hash, flushed to disk."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from bot.settings import Settings

BACKUP_NAME = re.compile(r"xunlin-\d{8}T\d{6}Z(-\d+)?")
_HASH_NAME = re.compile(r"[0-9a-f]{64}")
_PASSING = re.compile(r"\.(tmp|part|lock|pid|restoring)$|\.before-\d{8}T\d{6}Z")
_OWN = {"session.secret"}
"""What signs this house's sessions: whoever finds a backup must not be able to come in with it."""
_CHUNK = 1 << 20


def database_file(settings: Settings) -> Path:
    """The file of the embedded database."""
    return Path(make_url(settings.database_url).database or "").absolute()


def data_files(settings: Settings, leave_out: Path | None = None) -> Iterator[Path]:
    """What the data folder holds, relative to it; neither the database nor backups nor what is only passing."""
    database = database_file(settings) if settings.embedded else None
    for folder, folders, names in os.walk(settings.data_dir):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not _left_out(here / name, leave_out))
        for name in sorted(names):
            path = here / name
            if name not in _OWN and not _PASSING.search(name) and not _is_database(path, database) and path.is_file():
                yield path.relative_to(settings.data_dir)


def hash_in_name(path: Path) -> str | None:
    """The SHA-256 that a content-addressed file is named by."""
    return path.stem if _HASH_NAME.fullmatch(path.stem) else None


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy(source: Path, target: Path) -> str:
    """Copy a file, flush it to disk and give the SHA-256 of what was written."""
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
        flush(writer.fileno())
    shutil.copymode(source, target)
    return digest.hexdigest()


def link_or_copy(source: Path, target: Path) -> str:
    """Like `copy`, sharing the bytes of a content-addressed file on the same disk: nobody ever changes those."""
    if hash_in_name(source):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:  # another disk, or one that cannot link
            return copy(source, target)
        flush_path(target)
        return hash_of(target)
    return copy(source, target)


def flush(descriptor: int) -> None:
    """Wait until the disk holds it."""
    os.fsync(descriptor)


def flush_path(path: Path) -> None:
    """Flush a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


def flush_folders(root: Path) -> None:
    """Flush the names in a folder and in all below it, and its own name."""
    for folder, _, _ in os.walk(root, topdown=False):
        flush_path(Path(folder))
    flush_path(root.parent)


def _left_out(folder: Path, leave_out: Path | None) -> bool:
    if BACKUP_NAME.fullmatch(folder.name) or folder.is_symlink():
        return True
    return leave_out is not None and folder.resolve() == leave_out.resolve()


def _is_database(path: Path, database: Path | None) -> bool:
    return database is not None and path.absolute().parent == database.parent and path.name.startswith(database.name)
