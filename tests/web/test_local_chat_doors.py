"""The local chat's doors (本地聊天的门): over real HTTP, each person reads their own and other sites read nothing."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest
import uvicorn
from chat_driver import OWN, House, small_house
from sqlalchemy import select

from bot.serve import app_for
from models.inbox import Inbox, Redelivery
from models.local_entry import LocalEntry

OWN_PAGE = {"X-Xunlin": "1", "Connection": "close"}
PHOTO = b"\xff\xd8\xff a photo"


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng."""
    with small_house(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The address of a server where anybody may be picked, as in the demo."""
    app = app_for(house.engine, house.settings, demo=True)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def enter(address: str, code: str) -> Iterator[httpx.Client]:
    """A browser of a person of the demo."""
    with httpx.Client(base_url=address, headers=OWN_PAGE, trust_env=False) as browser:
        assert browser.post("/local/session", json={"pick": code}).status_code == 200
        yield browser


@pytest.fixture
def chief(address: str) -> Iterator[httpx.Client]:
    """The browser of 胡晓兰."""
    with enter(address, "110102010002-L1") as browser:
        yield browser


def post(browser: httpx.Client, message: dict[str, Any], photo: bytes | None = None) -> httpx.Response:
    """Post a message as the page does."""
    files = {"photos": ("photo.jpg", photo, "image/jpeg")} if photo else {"none": ("", b"")}
    return browser.post("/local/messages", data={"message": json.dumps(message)}, files=files)


def test_the_same_client_id_twice_is_one_message(house: House, chief: httpx.Client) -> None:
    first, again = (post(chief, {"id": "one", "text": "帮助"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    raws = [raw for raw in house.rows(select(Inbox.raw)) if "帮助" in raw]
    shown = [body for body in house.rows(select(LocalEntry.body)) if "帮助" in json.loads(body)["text"]]
    assert (len(raws), len(shown), len(house.rows(select(Redelivery)))) == (1, 1, 1)


def test_the_same_client_id_of_two_people_is_two_messages(house: House, chief: httpx.Client, address: str) -> None:
    with enter(address, "110102010005-L1") as other:
        assert post(chief, {"id": "one", "text": "帮助"}).json() != post(other, {"id": "one", "text": "帮助"}).json()


def test_a_photo_is_seen_by_its_sender_alone(chief: httpx.Client, address: str, house: House) -> None:
    assert post(chief, {"id": "p"}, PHOTO).status_code == 202
    bodies = [json.loads(body) for body in house.rows(select(LocalEntry.body))]
    url = next(body["pictures"][0]["url"] for body in bodies if body["pictures"])
    seen = chief.get(url)
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PHOTO, "image/jpeg")
    with enter(address, "110102010005-L1") as other:
        assert other.get(url).status_code == 404
    assert httpx.get(address + url, headers=OWN_PAGE, trust_env=False).status_code == 401


def test_own_data_are_seen_by_their_owner_alone(chief: httpx.Client, address: str, house: House) -> None:
    post(chief, {"id": "d", "text": "我的数据"})
    house.works()
    bodies = [json.loads(body) for body in house.rows(select(LocalEntry.body))]
    url = next(body["documents"][0]["url"] for body in bodies if body["documents"])
    assert chief.get(url).json()["account"]["user_id"] == "110102010002-L1"
    with enter(address, "110102010005-L1") as other:
        assert other.get(url).status_code == 404


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fsession.secret", "..%2f..%2fsmall.db", "session.secret"])
def test_a_made_up_name_is_no_file(chief: httpx.Client, name: str) -> None:
    assert chief.get(f"/local/files/{name}").status_code in {404, 405}


def test_a_request_without_our_header_changes_nothing(chief: httpx.Client, house: House) -> None:
    del chief.headers["X-Xunlin"]
    before = len(house.rows(select(Inbox)))
    refused = [
        post(chief, {"id": "x", "text": "帮助"}),
        chief.post("/local/session", json={"pick": "110102-L07"}),
        chief.post("/local/language", json={"language": "en"}),
        chief.delete("/local/session"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert len(house.rows(select(Inbox))) == before


def test_a_foreign_host_reaches_nothing(chief: httpx.Client) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example"):
        assert chief.get("/", headers={"Host": host}).status_code == 421
        assert chief.get("/local/session", headers={"Host": host}).status_code == 421


def test_who_has_not_come_in_reads_nothing(address: str) -> None:
    with httpx.Client(base_url=address, headers=OWN_PAGE, trust_env=False) as browser:
        assert post(browser, {"id": "x", "text": "帮助"}).status_code == 401
        assert browser.get("/local/events").status_code == 401
        assert browser.get("/local/grids").status_code == 401
        browser.cookies.set("xunlin", "ImNoaWVmIg.forged.forged")
        assert browser.get("/local/grids").status_code == 401


def test_nobody_who_is_not_on_the_list_is_let_in(address: str) -> None:
    with httpx.Client(base_url=address, headers=OWN_PAGE, trust_env=False) as browser:
        answer = browser.post("/local/session", json={"pick": "110102010999-L1"})
        assert (answer.status_code, answer.json()["error"]) == (403, "名单里没有这个人。请重新选择。")
        assert browser.get("/local/session").json()["person"] is None


def test_a_button_of_another_chat_does_nothing(chief: httpx.Client, address: str, house: House) -> None:
    post(chief, {"id": "l", "location": {"lon": OWN[0], "lat": OWN[1]}})
    house.works()
    line = house.rows(select(LocalEntry.id).where(LocalEntry.body.contains("是否同意")))[0]
    with enter(address, "110102010005-L1") as other:
        assert post(other, {"id": "b", "press": {"message": line, "button": 0}}).status_code == 202
    house.works()
    assert house.rows(select(LocalEntry).where(LocalEntry.body.contains("这个按钮已经失效")))


@pytest.mark.parametrize(
    "message",
    [
        "not JSON", "[]", "{}", '{"id": ""}', '{"id": "x", "location": 5}', '{"id": "x", "location": {"lon": "east"}}',
    ],
)  # fmt: skip
def test_a_message_that_makes_no_sense_is_refused_in_words(chief: httpx.Client, message: str) -> None:
    answer = chief.post("/local/messages", data={"message": message}, files={"none": ("", b"")})
    assert (answer.status_code, answer.json()["error"]) == (400, "消息没有收全。请再发一次。")


def test_more_than_nine_photos_are_refused_in_words(chief: httpx.Client, house: House) -> None:
    for number in (10, 11, 30):
        files = [("photos", (f"{n}.jpg", PHOTO, "image/jpeg")) for n in range(number)]
        answer = chief.post("/local/messages", data={"message": '{"id": "many"}'}, files=files)
        assert (answer.status_code, answer.json()["error"]) == (413, "一次最多发 9 张照片。请分几次发。")
    files = [("photos", (f"{n}.jpg", PHOTO, "image/jpeg")) for n in range(9)]
    files.append(("file", ("a.xlsx", b"sheet", "application/octet-stream")))
    assert chief.post("/local/messages", data={"message": '{"id": "nine"}'}, files=files).status_code == 202


def test_too_much_together_has_a_sentence_of_its_own(chief: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.local.receive.MAX_POST_BYTES", 1000)
    answer = post(chief, {"id": "sum"}, PHOTO * 100)
    assert (answer.status_code, "加起来太大" in answer.json()["error"]) == (413, True)


def test_a_long_text_is_refused_and_never_cut(chief: httpx.Client, house: House) -> None:
    answer = post(chief, {"id": "long", "text": "树" * 4001})
    assert (answer.status_code, answer.json()["error"]) == (413, "文字太长（最多 4000 字）。请分几次发。")
    assert post(chief, {"id": "whole", "text": "树" * 4000}).status_code == 202
    assert any("树" * 4000 in raw for raw in house.rows(select(Inbox.raw)))


def test_refusals_come_in_the_language_of_the_person(chief: httpx.Client, house: House) -> None:
    chief.post("/local/language", json={"language": "en"})
    assert post(chief, {"id": "long", "text": "x" * 4001}).json()["error"].startswith("The text is too long")
    assert post(chief, {"id": ""}).json()["error"].startswith("The message")


def test_the_people_are_grouped_in_the_language_of_the_page(address: str) -> None:
    groups = httpx.get(f"{address}/local/people?lang=en", headers=OWN_PAGE, trust_env=False).json()["groups"]
    assert groups[0]["label"].isascii()


def test_who_comes_in_in_english_is_greeted_and_given_buttons_in_english(address: str, house: House) -> None:
    with httpx.Client(base_url=address, headers=OWN_PAGE, trust_env=False) as browser:
        entered = browser.post("/local/session", json={"pick": "110102010002-L1", "language": "en"})
        assert (entered.json()["language"], entered.json()["timezone"]) == ("en", "Asia/Shanghai")
    house.works()
    (greeting,) = [json.loads(body) for body in house.rows(select(LocalEntry.body))]
    assert greeting["text"].startswith("Hello")
    assert (greeting["menu"][0][0]["label"], greeting["language"]) == ("📍 Location", "en")


def test_switching_the_language_sends_the_buttons_anew(chief: httpx.Client, house: House) -> None:
    house.works()
    assert chief.post("/local/language", json={"language": "en"}).json()["language"] == "en"
    house.works()
    newest = json.loads(house.rows(select(LocalEntry.body).order_by(LocalEntry.id))[-1])
    assert (newest["menu"][0][-1]["label"], newest["language"]) == ("Help", "en")


def test_what_became_of_a_line_is_told_as_an_event(house: House, chief: httpx.Client) -> None:
    post(chief, {"id": "l", "location": {"lon": OWN[0], "lat": OWN[1]}})
    house.works()
    question = house.rows(select(LocalEntry.id).where(LocalEntry.body.contains("是否同意")))[0]
    post(chief, {"id": "b", "press": {"message": question, "button": 1}})
    house.works()
    heard: list[str] = []
    with chief.stream("GET", "/local/events?after=0") as events:
        for line in events.iter_lines():
            heard.append(line)
            if line == "event: erased":
                break
    assert "event: spent" in heard
    assert f'data: {{"id": {question}}}' in heard


def test_a_device_without_chinese_letters_gets_them_from_the_own_host(chief: httpx.Client) -> None:
    assert 'url("/font/sans-sc.otf")' in chief.get("/static/base.css").text
    font = chief.get("/font/sans-sc.otf")
    assert (font.status_code, font.headers["content-type"], font.content[:4]) == (200, "font/otf", b"OTTO")
