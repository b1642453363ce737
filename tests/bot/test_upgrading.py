"""Bringing the database to this version (升级): with a copy first, by the commands that may, and by no other."""

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from command import xunlin

from bot.lock import only_process
from bot.settings import Settings, read_settings
from bot.upgrading import bring_up, copy_sqlite
from models import migrate
from models.engine import open_engine

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(database_url=f"sqlite:///{tmp_path}/xunlin.db", data_dir=tmp_path / "data", language="en")


def make_old(settings: Settings) -> Path:
    """A database of the first version, with a chief in it."""
    engine = open_engine(settings.database_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "models" / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO chief (code, name) VALUES ('110102-L01', '张伟')")
    engine.dispose()
    return Path(str(engine.url.database))


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def chiefs(file: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT name FROM chief").fetchall()


def run(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    ours = {
        "XUNLIN_DATABASE_URL": settings.database_url, "XUNLIN_DATA_DIR": str(settings.data_dir),
        "XUNLIN_LANGUAGE": "en",
    }  # fmt: skip
    return xunlin(ours, *arguments)


def test_what_was_there_is_copied_beside_before_anything_changes(settings: Settings) -> None:
    file = make_old(settings)
    done = bring_up(settings, NOW)
    done.engine.dispose()
    assert done.kept == file.with_name("xunlin.db.revision-0001-20261124T013000Z")
    assert (revision(done.kept), chiefs(done.kept)) == ("0001", [("张伟",)])
    assert (revision(file), chiefs(file)) == (migrate.head(), [("张伟",)])
    assert done.kept.stat().st_mode & 0o077 == 0


def test_nothing_is_copied_where_nothing_changes(settings: Settings) -> None:
    first = bring_up(settings, NOW)
    second = bring_up(settings, NOW)
    for one in (first, second):
        one.engine.dispose()
    assert [(one.changed, one.kept) for one in (first, second)] == [(True, None), (False, None)]


def test_what_is_still_in_the_log_is_copied_too(settings: Settings, tmp_path: Path) -> None:
    file = make_old(settings)
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("INSERT INTO chief (code, name) VALUES ('110102-L02', '李娜')")
        writer.commit()
        copy_sqlite(file, tmp_path / "good.db")
        # The control: the file alone lacks what its log holds.
        shutil.copy(file, tmp_path / "bad.db")
        assert len(chiefs(tmp_path / "good.db")) == 2
        assert len(chiefs(tmp_path / "bad.db")) == 1


def test_a_database_of_a_newer_version_is_left_alone(settings: Settings) -> None:
    file = make_old(settings)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffff'")
        connection.commit()
    done = run(settings, "migrate")
    assert (done.stderr, done.returncode) == (
        "The database was written by a newer version. Update the program first.\n", 1,
    )  # fmt: skip
    assert run(settings, "backup", str(file.parent / "copies"), "--json").returncode == 1
    assert {path.name for path in file.parent.glob("**/*.revision-*")} | set(file.parent.glob("copies/*")) == set()


def test_migrate_says_where_the_copy_is(settings: Settings) -> None:
    file = make_old(settings)
    said = run(settings, "migrate").stdout.splitlines()
    assert re.fullmatch(rf"The database as it was before is kept in {re.escape(str(file))}\.revision-.*", said[0])
    assert said[1:] == ["The database is now of this version."]
    assert run(settings, "migrate").stdout == "The database is of this version already.\n"


@pytest.mark.parametrize("words", ["recount", "office list", "summary", "invite --all", "replay none.jsonl"])
def test_no_other_command_changes_an_older_database(settings: Settings, words: str) -> None:
    file = make_old(settings)
    done = run(settings, *words.split())
    assert (done.stderr, done.returncode) == (
        "The database is not of this version. Run xunlin migrate first.\n", 1,
    )  # fmt: skip
    assert revision(file) == "0001"


@pytest.mark.parametrize("words", ["recount", "office list", "replay none.jsonl", "grids areas a.csv b.csv"])
def test_a_mistyped_place_makes_no_empty_database(settings: Settings, tmp_path: Path, words: str) -> None:
    mistyped = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/dta/xunlin.db"})
    done = run(mistyped, *words.split())
    assert done.stderr == f"There is no database {tmp_path}/dta/xunlin.db yet. Run xunlin migrate first.\n"
    assert done.returncode == 1
    assert not (tmp_path / "dta").exists()


def test_migrate_waits_for_nobody_who_serves_the_database(settings: Settings) -> None:
    file = make_old(settings)
    with only_process(settings):
        done = run(settings, "migrate")
    assert (done.stderr[:50], done.returncode) == (f"Another process is using the database {file}"[:50], 1)
    assert revision(file) == "0001"
