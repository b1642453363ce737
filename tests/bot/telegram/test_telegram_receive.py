"""Taking updates in (电报接收): webhook doors, polling through faults, one poller at a time, parked ones."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from chat_driver import House, small_house
from fastapi import FastAPI
from sqlalchemy import select
from telegram_house import TelegramHouse, Thread, telegram_house
from telegram_standin import TOKEN, StandIn

from bot.bell import Bell
from bot.settings import read_settings
from bot.telegram.client import Client
from bot.telegram.receive import MAX_BODY, Intake, webhook_routes
from models.engine import transaction
from models.house import Beat
from models.inbox import Inbox, Redelivery
from models.pace import Lease
from services import lease

SECRET = "webhook-secret"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with small_house("sqlite", tmp_path) as small:
        yield small


@pytest.fixture
def door(house: House) -> Iterator[httpx.Client]:
    """The webhook, served for real."""
    thread = Thread()

    async def made() -> Intake:
        client = Client(TOKEN, "http://127.0.0.1:9", 2)
        await client.open()
        return Intake(house.engine, client, "4242", Bell())

    intake = thread.run(made())
    app = FastAPI()
    app.include_router(webhook_routes(intake, SECRET))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off", loop="asyncio"))
    serving = threading.Thread(target=lambda: thread.run_for_ever(server.serve()), daemon=True)
    serving.start()
    while not server.started:
        serving.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
        yield client
    server.should_exit = True
    serving.join(10)
    thread.run(intake.client.close_pool())
    thread.close()


def update(text: str = "今天正常") -> dict[str, Any]:
    return StandIn().says(7001, text=text)


def test_an_update_is_on_the_disk_when_it_is_answered(door: httpx.Client, house: House) -> None:
    assert door.post("/telegram/webhook", json=update(), headers=HEADERS).status_code == 200
    (row,) = house.rows(select(Inbox))
    assert "今天正常" in row.raw


def test_the_same_update_again_is_answered_and_changes_nothing(door: httpx.Client, house: House) -> None:
    one = update()
    for number in (1, 2):
        assert door.post("/telegram/webhook", json={**one, "update_id": number}, headers=HEADERS).status_code == 200
    assert len(house.rows(select(Inbox))) == 1
    assert len(house.rows(select(Redelivery))) == 1


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x"])
def test_a_wrong_secret_is_shown_the_door(door: httpx.Client, house: House, secret: str) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    assert door.post("/telegram/webhook", json=update(), headers=headers).status_code == 403
    assert not house.rows(select(Inbox))


def test_only_json_by_post_and_no_larger_than_an_update_comes_in(door: httpx.Client, house: House) -> None:
    large = json.dumps({"x": "x" * MAX_BODY})
    as_json = {**HEADERS, "Content-Type": "application/json"}
    assert door.get("/telegram/webhook", headers=HEADERS).status_code == 405
    assert door.post("/telegram/webhook/x", json=update(), headers=HEADERS).status_code == 404
    assert door.post("/telegram/webhook", data={"x": "1"}, headers=HEADERS).status_code == 415
    assert door.post("/telegram/webhook", content=large, headers=as_json).status_code == 413
    chunks = (large[n : n + 1000].encode() for n in range(0, len(large), 1000))
    assert door.post("/telegram/webhook", content=chunks, headers=as_json).status_code == 413
    assert not house.rows(select(Inbox))


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "{}", '{"update_id": 1, "message": 5}', "\ud83d"])
def test_what_is_no_update_is_taken_and_parked_as_it_came(door: httpx.Client, house: House, body: str) -> None:
    as_json = {**HEADERS, "Content-Type": "application/json"}
    content = body.encode("utf-8", "surrogatepass")
    assert door.post("/telegram/webhook", content=content, headers=as_json).status_code == 200
    for n in range(6):
        house.worker.work_once(house.now + timedelta(hours=n))
    assert [row.state for row in house.rows(select(Inbox))] == ["parked"]


def test_a_bad_update_stops_neither_its_batch_nor_its_chat(house: House) -> None:
    with telegram_house(house, begin=False) as living:
        bad = {"message_id": 999, "date": "yesterday", "chat": {"id": 7001, "type": "private"}}
        living.standin.update(message=bad)
        living.standin.update(poll={"id": "1"})
        living.standin.says(7001, text="/help")
        living.begins()
        living.chat(7001).hears("巡林登记")
        living.chat(7002).sends("/help").hears("巡林登记")


@pytest.mark.parametrize("fault", [(409, "Conflict"), (401, "Unauthorized"), (502, "Bad Gateway"), (0, ""), (-1, "")])
def test_polling_goes_on_after_any_fault_and_nothing_is_lost(house: House, fault: tuple[int, str]) -> None:
    with telegram_house(house, begin=False) as living:
        body = {"description": fault[1]} if fault[1] else {}
        living.standin.faults += [("getUpdates", fault[0], dict(body)) for _ in range(2)]
        living.standin.says(7001, text="/help")
        living.begins()
        living.chat(7001).hears("巡林登记")
        living.waits_for(lambda: house.rows(select(Beat).where(Beat.loop == "receive.telegram")))


def test_without_a_network_the_start_waits_and_then_goes_on(house: House) -> None:
    with telegram_house(house, begin=False) as living:
        living.standin.faults += [("getMe", 0, {}), ("deleteWebhook", 500, {})]
        living.standin.says(7001, text="/help")
        living.begins()
        living.chat(7001).hears("巡林登记")


def test_what_is_asked_for_is_said_in_words(house: House) -> None:
    with telegram_house(house) as living:
        living.chat(7001).sends("/help").hears("巡林登记")
        assert json.loads(living.calls("getUpdates")[0].given["allowed_updates"]) == [
            "message", "edited_message", "callback_query", "my_chat_member",
        ]  # fmt: skip
        assert "drop_pending_updates" not in living.calls("deleteWebhook")[0].given


def test_a_webhook_is_set_with_its_secret_and_nothing_polls(house: House) -> None:
    hooked = {"telegram_mode": "webhook", "telegram_webhook_url": "https://x.example/telegram/webhook"}
    with telegram_house(house, **hooked, telegram_webhook_secret=SECRET) as living:
        (call,) = living.waits_for(lambda: living.calls("setWebhook"))
        assert (call.given["url"], call.given["secret_token"]) == (hooked["telegram_webhook_url"], SECRET)
        assert not living.calls("getUpdates")


def test_of_two_processes_one_polls_and_the_other_takes_over(tmp_path: Path) -> None:
    with small_house("postgresql", tmp_path) as small, telegram_house(small) as first:
        first.chat(7001).sends("/help").hears("巡林登记")
        second = TelegramHouse(small, first.standin, first.settings.telegram_api_url, first.thread)
        second.begins()
        first.chat(7002).sends("/help").hears("巡林登记")
        assert len(small.rows(select(Lease))) == 1
        first.ends()
        second.chat(7003).sends("/help").hears("巡林登记")
        second.ends()
    assert first.standin.conflicts == 0


def test_a_lease_is_anothers_when_it_has_ended(house: House) -> None:
    now, span = datetime(2026, 11, 24, tzinfo=UTC), timedelta(seconds=15)
    taken = []
    for owner, later in (("a", 0), ("b", 5), ("a", 10), ("b", 24), ("b", 26), ("a", 27)):
        with transaction(house.engine) as session:
            taken.append(lease.take(session, "poll", owner, now + timedelta(seconds=later), span))
    assert taken == [True, False, True, False, True, False]


def test_in_china_the_program_does_not_start_with_a_telegram_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNLIN_PROFILE", "cn-gov")
    monkeypatch.setenv("XUNLIN_TELEGRAM_TOKEN", TOKEN)
    with pytest.raises(ValueError, match="cn-gov"):
        read_settings()
