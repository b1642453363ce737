"""The tests' own databases (测试数据库): each is new, the migrated ones are copies, nothing is left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from postgres_server import fresh_postgres_url
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

SUPPORT = Path(__file__).parent


def execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def tables(url: str) -> list[str]:
    engine = create_engine(url)
    names = inspect(engine).get_table_names()
    engine.dispose()
    return names


def test_a_fresh_database_knows_nothing_of_another_one() -> None:
    with fresh_postgres_url() as first, fresh_postgres_url() as second:
        execute(first, "CREATE TABLE patrol (id int)")
        assert tables(first) == ["patrol"]
        assert tables(second) == []


def test_the_migration_runs_once_and_every_database_has_its_tables() -> None:
    migrated: list[str] = []

    def migrate(url: str) -> None:
        migrated.append(url)
        execute(url, "CREATE TABLE grid (id int)")

    for _ in range(2):
        with fresh_postgres_url(migrate) as url:
            assert tables(url) == ["grid"]
            execute(url, "DROP TABLE grid")
    assert len(migrated) == 1


def test_a_database_is_gone_when_its_test_is_over() -> None:
    with fresh_postgres_url() as url:
        execute(url, "SELECT 1")
    with pytest.raises(OperationalError, match="does not exist"):
        execute(url, "SELECT 1")


def test_a_write_is_on_disk_when_it_is_answered(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(text(f"SHOW {setting}")).scalar_one() == "on"
    engine.dispose()


def test_a_migrated_database_stands_ready_on_both(database_url: str) -> None:
    assert "patrol" in " ".join(tables(database_url))


@pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="the server is not ours")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_server_behind(ending: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((SUPPORT.parent / "conftest.py").read_text())
    (tmp_path / "test_wait.py").write_text(
        "import time, postgres_server\n"
        "def test_wait():\n"
        "    print('folder', postgres_server.server_url().query['host'], flush=True)\n"
        "    time.sleep(60)\n"
    )
    paths = os.pathsep.join((str(SUPPORT), str(SUPPORT.parent.parent)))
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-sq", "-p", "no:cacheprovider", tmp_path],
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    )
    with run:
        assert run.stdout
        folder = next(Path(line.split()[1]) for line in run.stdout if line.startswith("folder"))
        server = int((folder / "postmaster.pid").read_text().split()[0])
        assert is_running(server)
        run.send_signal(ending)
        run.communicate()
    assert not is_running(server)
    assert not folder.exists()


def is_running(process: int) -> bool:
    return Path(f"/proc/{process}/cmdline").is_file() and Path(f"/proc/{process}/cmdline").read_bytes() != b""
