"""The doctor (体检) and the health routes (健康检查): each trouble is seen, and a sound house is called sound."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from operations_house import NOW, PLACE, furnish, inbox_row, settings_of
from pydantic import SecretStr
from sqlalchemy import Engine, delete, select, update

from bot.expected import expected_loops
from bot.operations.doctor import Check, doctor
from bot.serve import run_loops
from bot.settings import Settings
from models.count import Count
from models.engine import open_engine, reading, transaction
from models.house import Beat
from models.outbox import Outbox
from models.reminder import Reminder
from services import workday
from web.health import health_routes

LATER = NOW + timedelta(seconds=20)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    house = settings_of(database_url, tmp_path / "data")
    furnish(house)
    return house


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.database_url)
    for loop in ("worker", "work", "work.remind", "send.local", "media", "clock"):
        beat(engine, loop)
    yield engine
    engine.dispose()


def beat(engine: Engine, loop: str, age_s: int = 5, error: str | None = None) -> None:
    with transaction(engine) as session:
        session.merge(Beat(loop=loop, beat_at=LATER - timedelta(seconds=age_s), error=error))


def look(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in doctor(settings, LATER)}


def states(settings: Settings, *names: str) -> list[str]:
    checks = look(settings)
    return [checks[name].state.value for name in names]


EVERY = {
    "settings",
    "data_dir",
    "font",
    "time_zone",
    "disk",
    "database",
    "wecom",
    "photos",
    "inbox",
    "outbox",
    "counts",
    "loops",
    "workdays",
    "reminders",
}


def test_a_sound_house_is_called_sound(settings: Settings, engine: Engine) -> None:
    checks = look(settings)
    clock = checks.pop("clock")
    only_embedded = {"sqlite"} if settings.embedded else set()
    assert checks.keys() == EVERY | only_embedded
    assert {name for name, check in checks.items() if check.state != "ok"} <= {"disk"}
    assert checks["inbox"].text == "the inbox: 1 wait, the oldest for 60 s"
    # The server's clock is the real one, which is far from the test's.
    assert clock.state == ("ok" if settings.embedded else "bad")


def test_holidays_that_nobody_announced_yet_are_said(settings: Settings, engine: Engine) -> None:
    with transaction(engine) as session:
        workday.fill(session, LATER.date(), settings.zone)
    assert states(settings, "workdays") == ["warn"]
    assert "2027" in look(settings)["workdays"].text


def test_reminders_that_nobody_sends_are_said(settings: Settings, engine: Engine) -> None:
    due = {"duty_id": 1, "post_id": 1, "grid_code": "", "period_start": LATER.date(), "chief_id": 1, "owed": 1}
    days = {"opens_on": LATER.date(), "closes_on": LATER.date(), "due_at": LATER - timedelta(hours=1)}
    with transaction(engine) as session:
        session.add(Reminder(kind="reminder", state="planned", expires_at=LATER, taps=0, **due, **days))
    assert states(settings, "reminders") == ["warn"]


def test_the_doctor_speaks_both_languages(settings: Settings, engine: Engine) -> None:
    chinese = Settings(database_url=settings.database_url, data_dir=settings.data_dir, language="zh_CN")
    assert look(chinese)["counts"].text == "次数与巡林记录一致"
    assert look(settings)["counts"].text == "the counts equal the patrols"


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://xunlin:hush1@127.0.0.1:9/x?connect_timeout=1&password=hush2"
    settings = Settings(database_url=url, data_dir=tmp_path, secret="hush3", language="en")
    said = " ".join(check.text for check in doctor(settings, NOW))
    assert "xunlin:***@127.0.0.1" in said
    assert "hush" not in said


def test_a_server_that_does_not_answer_is_one_bad_line(tmp_path: Path) -> None:
    settings = settings_of("postgresql+psycopg://xunlin@127.0.0.1:9/x?connect_timeout=1", tmp_path)
    checks = look(settings)
    assert checks["database"].state == "bad"
    assert "does not answer" in checks["database"].text
    assert "counts" not in checks


def test_a_database_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    settings = settings_of(f"sqlite:///{tmp_path}/none/xunlin.db", tmp_path)
    assert states(settings, "database") == ["bad"]
    assert not (tmp_path / "none").exists()


def test_an_older_and_a_newer_schema_are_told_apart(settings: Settings, engine: Engine) -> None:
    with transaction(engine) as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version of the program (9999)" in look(settings)["database"].text
    with transaction(engine) as session:
        session.connection().exec_driver_sql("DELETE FROM alembic_version")
    assert look(settings)["database"].text == "the database has an older schema. Run xunlin migrate."


def test_a_data_folder_that_is_not_there_is_bad(settings: Settings, engine: Engine) -> None:
    away = settings_of(settings.database_url, settings.data_dir / "away")
    assert states(away, "data_dir", "photos") == ["bad", "bad"]


def test_a_lost_photo_is_counted(settings: Settings, engine: Engine) -> None:
    (settings.data_dir / PLACE).unlink()
    assert look(settings)["photos"].text.startswith("of 1 photos 1 are not in the data folder")


def test_parked_and_failed_messages_and_old_ones_are_warned_of(settings: Settings, engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(update(Outbox).values(created_at=NOW - timedelta(hours=1)))
    assert states(settings, "inbox", "outbox") == ["ok", "warn"]
    with transaction(engine) as session:
        session.add(inbox_row(2, state="parked"))
    assert states(settings, "inbox") == ["warn"]


def test_counts_that_differ_from_the_patrols_are_bad(settings: Settings, engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(update(Count).values(n=2))
    assert states(settings, "counts") == ["bad"]


def test_a_clock_behind_what_has_arrived_is_bad(settings: Settings, engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(inbox_row(2, received_at=NOW + timedelta(hours=1)))
    assert states(settings, "clock") == ["bad"]


def test_loops_are_late_failing_or_missing(settings: Settings, engine: Engine) -> None:
    beat(engine, "sender", error="Timeout")
    assert look(settings)["loops"].text == "running, but failing: sender (Timeout). Read the log."
    beat(engine, "worker", age_s=61)
    assert look(settings)["loops"].text.startswith("stopped: worker.")


@pytest.mark.parametrize("gone", ["work", "work.remind", "send.local", "media", "clock"])
def test_a_loop_that_nobody_runs_is_missed(settings: Settings, engine: Engine, gone: str) -> None:
    with transaction(engine) as session:
        session.execute(delete(Beat).where(Beat.loop == gone))
    missed = gone.removesuffix(".local")
    check = look(settings)["loops"]
    assert (check.state.value, check.text.partition(". ")[0]) == ("bad", f"not running: {missed}")
    with served(health_routes(engine, clock=lambda: LATER, expected=expected_loops(settings))) as ask:
        status, body = ask("/healthz")
    assert (status, json.loads(body)["missing"]) == (503, [missed])


def test_a_bot_that_asks_telegram_itself_expects_the_loop_that_does(settings: Settings) -> None:
    polls = settings.model_copy(update={"telegram_token": SecretStr("1:a")})
    assert expected_loops(polls) - expected_loops(settings) == {"receive"}
    assert expected_loops(polls.model_copy(update={"telegram_mode": "webhook"})) == expected_loops(settings)


def test_a_replay_of_the_past_makes_nothing_old(settings: Settings, engine: Engine) -> None:
    old = inbox_row(77, NOW - timedelta(days=900))
    old.channel = "replay"
    with transaction(engine) as session:
        session.add(old)
    assert look(settings)["inbox"].text == "the inbox: 2 wait, the oldest for 60 s"


async def run_a_while(settings: Settings, engine: Engine, loops: set[str]) -> set[str]:
    """The beats of a process that runs these loops, before it is asked to stop."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_loops(engine, settings, loops, stop))
    found: set[str] = set()
    while not loops <= {name.partition(".")[0] for name in found}:
        await asyncio.sleep(0.05)
        with reading(engine) as session:
            found = set(session.scalars(select(Beat.loop)))
    stop.set()
    await running
    return found


def test_every_loop_beats_and_a_clean_stop_leaves_no_beat(settings: Settings, engine: Engine) -> None:
    if not settings.embedded:
        # Of several processes each forgets its own.
        assert asyncio.run(run_a_while(settings, engine, {"work", "clock"})) >= {"work", "clock", "media"}
        with reading(engine) as session:
            assert set(session.scalars(select(Beat.loop))) == {"worker", "send.local", "media"}
        return
    asyncio.run(
        run_a_while(settings.model_copy(update={"http_port": 0}), engine, {"work", "send", "media", "clock", "web"})
    )
    with reading(engine) as session:
        assert session.scalars(select(Beat)).all() == []
    assert look(settings)["loops"].text == "no loop has run yet. Start xunlin run."


Ask = Callable[[str], tuple[int, str]]


@contextmanager
def served(router: APIRouter) -> Iterator[Ask]:
    """A real server with these routes, and a way to ask it: status and text."""
    app = FastAPI()
    app.include_router(router)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()

    def ask(path: str) -> tuple[int, str]:
        with closing(HTTPConnection(*listener.getsockname())) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    try:
        yield ask
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def ask(engine: Engine) -> Iterator[Ask]:
    with served(health_routes(engine, clock=lambda: LATER)) as ask:
        yield ask


def test_healthz_says_what_waits_and_for_how_long(ask: Ask) -> None:
    status, body = ask("/healthz")
    assert status == 200
    assert json.loads(body) == {
        "ok": True,
        "database": "up",
        "inbox": {"waiting": 1, "parked": 0, "oldest_waiting_s": 60.0},
        "outbox": {"waiting": 1, "failed": 0, "oldest_waiting_s": 25.0},
        "loops": dict.fromkeys(("clock", "media", "send.local", "work", "work.remind", "worker"), 5.0),
        "missing": [],
        "alarms": [],
    }


@pytest.mark.parametrize(("age_s", "status"), [(60, 200), (61, 503)])
def test_healthz_fails_when_a_loop_has_stopped(ask: Ask, engine: Engine, age_s: int, status: int) -> None:
    beat(engine, "sender", age_s)
    assert ask("/healthz")[0] == status


def test_metrics_are_numbers_of_now_and_name_nobody(ask: Ask, engine: Engine) -> None:
    lines = ask("/metrics")[1].splitlines()
    for line in (
        "xunlin_up 1.0",
        "xunlin_inbox_waiting 1.0",
        "xunlin_inbox_parked 0.0",
        "xunlin_inbox_oldest_waiting_seconds 60.0",
        "xunlin_outbox_failed 0.0",
        "xunlin_outbox_oldest_waiting_seconds 25.0",
        'xunlin_loop_age_seconds{loop="worker"} 5.0',
        'xunlin_patrols_this_year{verdict="counted"} 1.0',
        'xunlin_photos{state="checked"} 1.0',
    ):
        assert line in lines
    assert not [line for line in lines if "张伟" in line or "1380000" in line or "zhang" in line]
    with transaction(engine) as session:
        session.add(inbox_row(2, state="parked"))
    assert "xunlin_inbox_parked 1.0" in ask("/metrics")[1].splitlines()


def test_a_database_that_is_gone_is_said_by_both_routes() -> None:
    engine = open_engine("postgresql+psycopg://xunlin@127.0.0.1:9/x?connect_timeout=1")
    with served(health_routes(engine)) as ask:
        status, body = ask("/healthz")
        assert (status, json.loads(body)) == (503, {"ok": False, "database": "down"})
        assert "xunlin_up 0.0" in ask("/metrics")[1].splitlines()
    engine.dispose()
