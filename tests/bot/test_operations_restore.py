"""Restore (恢复): the same rows and files again, or nothing changed at all."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_house import chain, fill, head, verified
from migrated import migrate
from operations_house import NOW, PLACE, furnish, path_with_tools, receive, rows, settings_of, stored
from postgres_server import fresh_postgres_url
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.operations.backup import backup
from bot.operations.restore import restore
from bot.settings import Settings
from models.engine import open_engine
from rules.audit import Broken
from services.refused import Refused

ROOT = Path(__file__).parent.parent.parent
STAMP = "20261124T013000Z"


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PATH", path_with_tools())
    house = settings_of(database_url, tmp_path / "data")
    furnish(house)
    return house


@pytest.fixture
def saved(settings: Settings, tmp_path: Path) -> Path:
    """A backup of the house."""
    return tmp_path / "backups" / backup(settings, tmp_path / "backups", NOW).name


def test_a_restore_brings_back_every_row_and_every_file(settings: Settings, saved: Path) -> None:
    before, files = rows(settings), stored(settings.data_dir)
    receive(settings, 2, 3)
    (settings.data_dir / PLACE).unlink()
    (settings.data_dir / "secret").write_text("another")
    done = restore(settings, saved, NOW, force=True)
    assert rows(settings) == before
    assert not done.outdated
    kept = f"secret.before-{STAMP}"
    assert stored(settings.data_dir) == files | {kept: b"another"}
    assert str(settings.data_dir / kept) in done.kept


def test_what_was_restored_can_be_written_to_saved_and_restored_again(settings: Settings, saved: Path) -> None:
    restore(settings, saved, NOW, force=True)
    receive(settings, 2)
    before = rows(settings)
    again = saved.parent / backup(settings, saved.parent, NOW).name
    receive(settings, 3)
    restore(settings, again, NOW, force=True)
    assert rows(settings) == before
    assert {row[0] for row in before["inbox"]} == {1, 2}


def test_data_in_the_way_are_refused_and_with_force_kept_aside(settings: Settings, saved: Path) -> None:
    receive(settings, 2, 3)
    before = rows(settings)
    with pytest.raises(Refused, match="data_in_the_way"):
        restore(settings, saved, NOW)
    assert rows(settings) == before
    (kept,) = restore(settings, saved, NOW, force=True).kept
    assert len(rows(settings)["inbox"]) == 1
    assert inbox_aside(settings, kept) == 3


def test_the_audit_chain_and_its_guards_come_back_and_an_anchor_knows_what_was_lost(
    settings: Settings, tmp_path: Path
) -> None:
    engine = open_engine(settings.database_url)
    fill(engine, 5)
    chain(engine)
    early = head(engine)
    engine.dispose()
    saved = tmp_path / "kept" / backup(settings, tmp_path / "kept", NOW).name
    fill(engine, 5, 6)
    chain(engine)
    late = head(engine)
    engine.dispose()
    restore(settings, saved, NOW, force=True)
    found = verified(engine, early)
    assert (found.broken, found.head) == (None, early)
    assert verified(engine, late).broken == Broken(6, "cut")
    with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE seq = 5"))
    engine.dispose()


def inbox_aside(settings: Settings, kept: str) -> int:
    url = f"sqlite:///{kept}" if settings.embedded else settings.database_url
    table = "inbox" if settings.embedded else f"{kept}.inbox"
    engine = create_engine(url)
    with engine.connect() as connection:
        number = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
    engine.dispose()
    return int(number)


def test_an_empty_place_needs_no_force_and_keeps_nothing(settings: Settings, saved: Path, tmp_path: Path) -> None:
    before = rows(settings)
    with fresh_postgres_url() as empty:
        url = f"sqlite:///{tmp_path}/new/xunlin.db" if settings.embedded else empty
        new = settings_of(url, tmp_path / "new")
        assert restore(new, saved, NOW).kept == ()
        assert rows(new) == before


def test_a_database_that_was_only_migrated_needs_no_force(settings: Settings, saved: Path, tmp_path: Path) -> None:
    before = rows(settings)
    with fresh_postgres_url(migrate) as url:
        if settings.embedded:
            url = f"sqlite:///{tmp_path}/new.db"
            migrate(url)
        new = settings_of(url, tmp_path / "new")
        restore(new, saved, NOW)
        assert rows(new) == before


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()  # it may share its bytes with the house's own
    file.write_bytes(content)


def flip_database(folder: Path) -> None:
    flip(next(folder.glob("database.*")))


def flip_photo(folder: Path) -> None:
    flip(folder / "files" / PLACE)


def lose_photo(folder: Path) -> None:
    (folder / "files" / PLACE).unlink()


def lose_database(folder: Path) -> None:
    next(folder.glob("database.*")).unlink()


def cut_photo(folder: Path) -> None:
    photo = folder / "files" / PLACE
    content = photo.read_bytes()
    photo.unlink()
    photo.write_bytes(content[:-1])


def cut_manifest(folder: Path) -> None:
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text[: len(text) // 2])


def edit_manifest(folder: Path) -> None:
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"patrol": 1', '"patrol": 2'))


def lose_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


DAMAGES = {
    flip_database: "file_damaged", flip_photo: "file_damaged", cut_photo: "file_damaged",
    lose_photo: "file_missing", lose_database: "file_missing",
    cut_manifest: "manifest_damaged", edit_manifest: "manifest_damaged", lose_manifest: "backup_aborted",
}  # fmt: skip


@pytest.mark.parametrize(("damage", "reason"), DAMAGES.items(), ids=lambda case: getattr(case, "__name__", case))
def test_damage_is_found_before_anything_is_switched(
    settings: Settings, saved: Path, damage: Callable[[Path], None], reason: str
) -> None:
    receive(settings, 2)
    before, files = rows(settings), names(settings)
    damage(saved)
    with pytest.raises(Refused, match=f"operations.{reason}"):
        restore(settings, saved, NOW, force=True)
    assert rows(settings) == before
    assert names(settings) == files


def names(settings: Settings) -> set[str]:
    return {
        name
        for name in stored(settings.data_dir.parent)
        if not name.startswith("backups/") and "xunlin.db-" not in name
    }


def reseal(folder: Path, **changed: object) -> None:
    """A manifest that says something else, with a seal that fits: as another version would have written it."""
    from bot.operations import manifest as manifests

    body = json.loads((folder / "manifest.json").read_text())
    body.pop("seal")
    body |= changed
    (folder / "manifest.json").write_text(json.dumps(body | {"seal": manifests._seal(body)}))


def test_a_backup_of_a_newer_version_is_refused(settings: Settings, saved: Path) -> None:
    reseal(saved, revision="9999")
    with pytest.raises(Refused, match="newer_schema"):
        restore(settings, saved, NOW, force=True)


def test_a_backup_that_leads_out_of_its_folder_is_refused(settings: Settings, saved: Path) -> None:
    reseal(saved, files=[{"path": "files/../../secret", "size": 1, "sha256": "0" * 64}])
    with pytest.raises(Refused, match="manifest_damaged"):
        restore(settings, saved, NOW, force=True)


def test_a_database_that_is_not_what_the_manifest_counted_changes_nothing(settings: Settings, saved: Path) -> None:
    receive(settings, 2)
    before, files = rows(settings), names(settings)
    counts = json.loads((saved / "manifest.json").read_text())["counts"]
    reseal(saved, counts=counts | {"post": 7})
    with pytest.raises(Refused):
        restore(settings, saved, NOW, force=True)
    assert rows(settings) == before
    assert names(settings) == files
    if not settings.embedded:
        engine = create_engine(settings.database_url)
        assert inspect(engine).get_schema_names() == ["information_schema", "public"]
        engine.dispose()


def test_a_database_in_use_is_refused(settings: Settings, saved: Path) -> None:
    engine = open_engine(settings.database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM inbox").all()
        connection.rollback()
        with pytest.raises(Refused, match="in_use"):
            restore(settings, saved, NOW, force=True)
    engine.dispose()
    restore(settings, saved, NOW, force=True)


def test_a_backup_of_the_other_database_is_refused(settings: Settings, saved: Path, tmp_path: Path) -> None:
    other = "postgresql+psycopg://nobody@localhost/none" if settings.embedded else f"sqlite:///{tmp_path}/other.db"
    with pytest.raises(Refused, match="other_kind"):
        restore(settings_of(other, tmp_path / "other"), saved, NOW)


def test_the_folder_above_several_backups_names_the_newest(settings: Settings, saved: Path) -> None:
    newest = backup(settings, saved.parent, NOW)
    with pytest.raises(Refused) as refusal:
        restore(settings, saved.parent, NOW)
    assert refusal.value.key == "operations.backup_choose"
    assert refusal.value.fields["newest"] == saved.parent / newest.name


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_unreadable_database_is_replaced_and_kept_as_it_is(settings: Settings, saved: Path) -> None:
    before = rows(settings)
    place = Path(settings.database_url.removeprefix("sqlite:///"))
    place.write_bytes(b"not a database" * 1000)
    place.with_name(place.name + "-wal").write_bytes(b"nor its log")
    with pytest.raises(Refused, match="data_in_the_way"):
        restore(settings, saved, NOW)
    (kept,) = restore(settings, saved, NOW, force=True).kept
    assert rows(settings) == before
    assert Path(kept).read_bytes().startswith(b"not a database")
    shutil.rmtree(saved)


def test_the_command_says_where_the_old_data_are_kept(tmp_path: Path) -> None:
    database = tmp_path / "xunlin.db"
    migrate(f"sqlite:///{database}")
    settings = settings_of(f"sqlite:///{database}", tmp_path / "data")
    furnish(settings)
    saved = tmp_path / "backups" / backup(settings, tmp_path / "backups", NOW).name
    environment = {
        **os.environ, "XUNLIN_DATABASE_URL": settings.database_url, "XUNLIN_DATA_DIR": str(settings.data_dir),
        "XUNLIN_LANGUAGE": "en",
    }  # fmt: skip
    command = [sys.executable, "-m", "bot", "restore", str(saved), "--force"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    (kept,) = tmp_path.glob("xunlin.db.before-*")
    assert done.stdout.splitlines() == [
        f"Restored from {saved}.", f"What was there before is kept in {kept}. Delete it when all is well.",
    ]  # fmt: skip
