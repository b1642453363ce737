"""Backup (备份): whole while others write, never half a folder, one clear sentence where it cannot be."""

import os
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest
from migrated import migrate
from operations_house import NOW, PLACE, SHA256, furnish, path_with_tools, receive, settings_of

from bot.operations import manifest as manifests
from bot.operations.backup import backup
from bot.operations.restore import restore, verify
from bot.settings import Settings
from models.engine import open_engine, reading
from services import inbox
from services.refused import Refused


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PATH", path_with_tools())
    house = settings_of(database_url, tmp_path / "data")
    furnish(house)
    return house


def test_a_backup_holds_the_database_the_photos_and_what_the_house_keeps(settings: Settings, tmp_path: Path) -> None:
    manifest = backup(settings, tmp_path / "backups", NOW)
    assert manifest.name == "xunlin-20261124T013000Z"
    assert [file.path for file in manifest.files] == ["files/secret", f"files/{PLACE}"]
    assert manifest.files[1].sha256 == SHA256
    assert manifest.counts["patrol"] == manifest.counts["inbox"] == 1
    assert verify(tmp_path / "backups" / manifest.name) == manifest


def test_a_second_backup_stands_beside_the_first_and_holds_neither(settings: Settings) -> None:
    inside = settings.data_dir / "backups"
    first, second = backup(settings, inside, NOW), backup(settings, inside, NOW)
    assert second.name == f"{first.name}-2"
    assert second.files == first.files


def test_a_backup_is_of_one_moment_while_others_write(settings: Settings, tmp_path: Path) -> None:
    stop, began = threading.Event(), threading.Event()
    written: list[int] = []

    def write() -> None:
        for number in count(2):
            if stop.is_set():
                return
            receive(settings, number)
            written.append(number)
            began.set()

    writer = threading.Thread(target=write)
    writer.start()
    began.wait()
    before = len(written)
    try:
        manifests_made = [backup(settings, tmp_path / "backups", NOW) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    saved = [manifest.counts["inbox"] - 1 for manifest in manifests_made]
    assert before <= saved[0] <= saved[1] <= saved[2] <= len(written)
    assert saved[0] < len(written), "nobody wrote meanwhile: the test has shown nothing"
    restore(settings, tmp_path / "backups" / manifests_made[1].name, NOW, force=True)
    assert waiting(settings) == saved[1] + 1


def waiting(settings: Settings) -> int:
    engine = open_engine(settings.database_url)
    with reading(engine) as session:
        number = inbox.waiting_count(session)
    engine.dispose()
    return number


def test_a_photo_that_rotted_on_disk_is_saved_as_it_is_and_named(settings: Settings, tmp_path: Path) -> None:
    (settings.data_dir / PLACE).write_bytes(b"rotten")
    assert backup(settings, tmp_path / "backups", NOW).damaged == (PLACE,)


def test_a_target_that_cannot_be_a_folder_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file")
    with pytest.raises(Refused, match="cannot_write"):
        backup(settings, tmp_path / "backups", NOW)


def test_a_database_that_was_never_made_is_refused(tmp_path: Path) -> None:
    nowhere = settings_of(f"sqlite:///{tmp_path}/none.db", tmp_path)
    with pytest.raises(Refused, match="no_database"):
        backup(nowhere, tmp_path / "backups", NOW)
    assert list((tmp_path / "backups").iterdir()) == []


FULL = """
import resource, sys
from operations_house import NOW, settings_of
from bot.operations.backup import backup
from services.refused import Refused
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]),) * 2)
try:
    backup(settings_of(sys.argv[1], Path(sys.argv[2])), Path(sys.argv[3]), NOW)
except Refused as refusal:
    print(refusal.key)
"""


@pytest.mark.parametrize(
    ("database_url", "room"),
    [("sqlite", 20_000), ("sqlite", 1_000_000), ("postgresql", 1_000_000)],
    indirect=["database_url"],
)
def test_a_disk_that_fills_up_is_said_and_leaves_nothing_behind(
    settings: Settings, tmp_path: Path, room: int
) -> None:  # fmt: skip
    # The limit of a process stands for the end of the disk: first the database, then a file does not fit.
    (settings.data_dir / "large").write_bytes(os.urandom(1_500_000))
    command = [sys.executable, "-c", FULL, settings.database_url, settings.data_dir, tmp_path / "backups", str(room)]
    paths = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[2])))
    said = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == ["operations.disk_full"]
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_missing_or_older_pg_dump_is_said(
    postgres_url: str, migrated_postgres: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(Refused, match="tool_missing"):
        backup(migrated_postgres, tmp_path / "backups", NOW)
    (tools / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (tools / "pg_dump").chmod(0o700)
    with pytest.raises(Refused) as refusal:
        backup(migrated_postgres, tmp_path / "backups", NOW)
    assert (refusal.value.key, refusal.value.fields["found"]) == ("operations.tool_older", 9)
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.fixture
def migrated_postgres(postgres_url: str, tmp_path: Path) -> Settings:
    migrate(postgres_url)
    return settings_of(postgres_url, tmp_path / "data")


def test_a_killed_backup_is_recognised_as_aborted(settings: Settings, tmp_path: Path) -> None:
    manifest = backup(settings, tmp_path / "backups", NOW)
    folder = tmp_path / "backups" / manifest.name
    (folder / manifests.NAME).unlink()
    with pytest.raises(Refused, match="backup_aborted"):
        verify(folder)


def test_what_signs_the_sessions_is_in_no_backup(settings: Settings, tmp_path: Path) -> None:
    (settings.data_dir / "session.secret").write_text("hush")
    folder = tmp_path / "backups" / backup(settings, tmp_path / "backups", NOW).name
    assert [path for path in folder.rglob("*") if path.is_file() and b"hush" in path.read_bytes()] == []
    assert (folder / "files" / "secret").exists()
