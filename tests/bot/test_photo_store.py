"""Files by their hash (文件库): each content once, whole or not at all."""

import hashlib
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import store

PHOTO = (Path(__file__).parents[2] / "demo" / "xicheng" / "photos" / "p16.jpg").read_bytes()


def files(folder: Path) -> list[Path]:
    """Everything that lies in the store."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond 4 kB: writing fails in the middle, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


def test_a_photo_lies_under_its_hash(tmp_path: Path) -> None:
    kept = store.put(tmp_path, PHOTO)
    assert (kept.sha256, kept.size) == (hashlib.sha256(PHOTO).hexdigest(), len(PHOTO))
    assert store.path_of(tmp_path, kept.sha256).read_bytes() == PHOTO


def test_the_same_photo_twice_is_one_file(tmp_path: Path) -> None:
    assert store.put(tmp_path, PHOTO) == store.put(tmp_path, PHOTO)
    assert len(files(tmp_path)) == 1


def test_photos_that_arrive_together_are_all_whole(tmp_path: Path) -> None:
    photos = [PHOTO + bytes([n % 4]) for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda photo: store.put(tmp_path, photo), photos))
    assert len(files(tmp_path)) == 4
    assert all(store.path_of(tmp_path, k.sha256).read_bytes() == p for k, p in zip(kept, photos, strict=True))


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, full_disk: None) -> None:
    with pytest.raises(OSError, match="File too large"):
        store.put(tmp_path, PHOTO)
    assert files(tmp_path) == []


def test_a_photo_that_could_not_be_stored_is_stored_when_it_comes_again(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"in the way")
    with pytest.raises(NotADirectoryError):
        store.put(tmp_path, PHOTO)
    (tmp_path / "files").unlink()
    assert store.path_of(tmp_path, store.put(tmp_path, PHOTO).sha256).read_bytes() == PHOTO
