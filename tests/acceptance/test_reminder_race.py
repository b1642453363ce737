"""Many processes, some of them killed (多进程竞争): each reminder is said once; a shared job store says some twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from migrated import migrate
from postgres_server import fresh_postgres_url
from sqlalchemy import Engine, func, select, text
from xicheng import xicheng_url

from models.engine import open_engine, reading, transaction
from models.outbox import Outbox
from models.reminder import Reminder
from scheduler.plans import plan_due

ROOT = Path(__file__).parent.parent.parent
DUE = datetime(2026, 12, 2, 0, 50, tzinfo=UTC)
NOW = DUE + timedelta(minutes=10)


@contextmanager
def processes(url: str, number: int, *arguments: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Running drivers, each of which has said that it is ready; killed in the end."""
    started = [start(url, *arguments) for _ in range(number)]
    try:
        for one in started:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        yield started
    finally:
        for one in started:
            one.kill()
            one.wait()
            if one.stdout:
                one.stdout.close()


def start(url: str, *arguments: str) -> subprocess.Popen[str]:
    """A driver."""
    environment = {**os.environ, "XUNLIN_DATABASE_URL": url, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"}
    command = [sys.executable, str(Path(__file__).parent / "reminder_driver.py"), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def fill(engine: Engine, number: int) -> None:
    """So many chiefs of one community, each with an account and a reminder that is due."""
    with transaction(engine) as session:
        for statement in (
            "INSERT INTO area (code, level, name) VALUES ('110102', 'district', 'D'), ('110102001', 'street', 'S'),"
            " ('110102001001', 'community', 'C')",
            "INSERT INTO chief (id, code, name) SELECT n, 'C-' || n, 'N' || n FROM generate_series(1, :n) AS s(n)",
            "INSERT INTO post (id, chief_id, level, title, area_code, valid_from)"
            " SELECT n, n, 'community', 'T', '110102001001', '2022-01-01' FROM generate_series(1, :n) AS s(n)",
            "INSERT INTO account (channel, user_id, chat_id, chief_id, created_at, wrong_codes)"
            " SELECT 'local', 'u' || n, 'u' || n, n, now(), 0 FROM generate_series(1, :n) AS s(n)",
            "INSERT INTO reminder (duty_id, post_id, grid_code, period_start, kind, chief_id, opens_on, closes_on,"
            " owed, due_at, expires_at, state, taps) SELECT 3, n, '', '2026-11-30', 'reminder', n, '2026-11-30',"
            " '2026-12-06', 1, :due, :end, 'planned', 0 FROM generate_series(1, :n) AS s(n)",
        ):
            session.execute(text(statement), {"n": number, "due": DUE, "end": DUE + timedelta(hours=4)})
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def still_planned(engine: Engine) -> int:
    with reading(engine) as session:
        planned = select(func.count()).select_from(Reminder).where(Reminder.state == "planned")
        return session.scalar(planned) or 0


def test_every_due_reminder_is_said_once_however_often_a_process_is_killed(long: bool) -> None:
    number, every_s = 10_000, 1.0 if long else 0.3
    chance = random.Random(5)
    killed = 0
    with fresh_postgres_url(migrate) as url:
        engine = open_engine(url)
        fill(engine, number)
        with processes(url, 8, NOW.isoformat()) as running:
            while still_planned(engine):
                victim = chance.randrange(8)
                # In the middle of a batch as often as not: a kill asks nobody.
                time.sleep(every_s * chance.random() if killed == 0 else every_s)
                running[victim].send_signal(signal.SIGKILL)
                running[victim].wait()
                stdout = running[victim].stdout
                assert stdout is not None
                stdout.close()
                running[victim] = start(url, NOW.isoformat())
                killed += 1
        with reading(engine) as session:
            messages, said = session.execute(
                select(func.count(Outbox.id), func.count(Outbox.reminder_id.distinct()))
            ).one()
            states = session.execute(select(Reminder.state, func.count()).group_by(Reminder.state)).all()
        engine.dispose()
    assert killed > 0
    assert [tuple(row) for row in states] == [("said", number)]
    assert (messages, said) == (number, number)


def test_control_schedulers_on_one_job_store_say_some_twice() -> None:
    # Why the rows are the schedule: this is what is built without the claim.
    number = 400
    with fresh_postgres_url() as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE naive_message (number integer)")
        with processes(url, 1, "store", str(number), (datetime.now(UTC) + timedelta(seconds=15)).isoformat()):
            pass
        with processes(url, 2, "naive"):
            deadline = time.monotonic() + 120
            while jobs_left(engine) and time.monotonic() < deadline:
                time.sleep(0.2)
            time.sleep(2)
        with engine.connect() as connection:
            said = connection.exec_driver_sql("SELECT count(*), count(DISTINCT number) FROM naive_message").one()
        engine.dispose()
    assert tuple(said) != (number, number)
    assert said[0] > said[1]


def jobs_left(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM naive_job").scalar_one())


def test_processes_that_plan_at_once_plan_once(tmp_path: Path) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    with xicheng_url("postgresql", tmp_path) as url:
        engines = [open_engine(url) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            written = list(threads.map(lambda engine: plan_due(engine, zone, DUE - timedelta(days=2)), engines))
        with reading(engines[0]) as session:
            rows = session.scalar(select(func.count()).select_from(Reminder))
        for engine in engines:
            engine.dispose()
    assert (sorted(written), rows) == ([0, 0, 0, 850], 850)
