"""Pages that the chat opens (企业微信网页): members come in by OAuth2, original photos stay as the camera made them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from sqlalchemy import Engine, select
from wecom_house import Doors, wecom_doors, wecom_settings
from wecom_server import WecomServer, wecom_server

from bot import store
from bot.wecom.translate import translate
from models.engine import open_engine, reading
from models.inbox import Inbox
from models.message import Kind
from services.inbox import Waiting

Play = Callable[[Doors], Awaitable[None]]
JPEG = b"\xff\xd8\xff\xe1 a photo with its EXIF"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def server() -> Iterator[WecomServer]:
    with wecom_server() as made:
        yield made


def play(engine: Engine, server: WecomServer, folder: Path, scene: Play) -> None:
    async def run() -> None:
        url = engine.url.render_as_string(hide_password=False)
        async with wecom_doors(engine, wecom_settings(url, folder, server.url)) as doors:
            await scene(doors)

    asyncio.run(run())


def state_of(head: dict[str, str]) -> str:
    """The state that a phone is sent to WeCom with."""
    return parse_qs(urlsplit(head["location"]).query)["state"][0]


def kept(head: dict[str, str]) -> dict[str, str]:
    """The cookie that the browser keeps of an answer."""
    return {"cookie": head["set-cookie"].split(";")[0]}


async def enter(doors: Doors, server: WecomServer, user: str = "HuXL") -> str:
    """Go through WeCom's door; gives the cookie."""
    status, _, head = await doors.calls("GET", "/wecom/upload")
    assert status == 302
    server.codes["code-1"] = user
    status, _, head = await doors.calls(
        "GET", "/wecom/login", {"code": "code-1", "state": state_of(head)}, headers=kept(head)
    )
    assert (status, head["location"]) == (302, "/wecom/upload")
    assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(head["set-cookie"].split("; "))
    return head["set-cookie"].split(";")[0]


def form(page: bytes, *files: bytes) -> tuple[bytes, dict[str, str]]:
    """The page's form filled in by a browser."""
    upload_id = page.decode().split('name="id" value="')[1].split('"')[0]
    parts = [f'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n{upload_id}\r\n'.encode()]
    for n, data in enumerate(files):
        head = f'--b\r\nContent-Disposition: form-data; name="photos"; filename="IMG_{n}.jpg"\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join((*parts, b"--b--\r\n")), {"content-type": "multipart/form-data; boundary=b"}


def test_the_phone_is_sent_to_wecom_and_back(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    async def scene(doors: Doors) -> None:
        _, _, head = await doors.calls("GET", "/wecom/upload")
        address = urlsplit(head["location"])
        asked = parse_qs(address.query)
        assert (address.netloc, address.path, address.fragment) == (
            "open.weixin.qq.com", "/connect/oauth2/authorize", "wechat_redirect",
        )  # fmt: skip
        assert asked["redirect_uri"] == ["https://xunlin.example.cn/wecom/login"]
        assert (asked["scope"], asked["appid"], asked["agentid"]) == (
            ["snsapi_base"], ["ww1234567890abcdef"], ["1000002"],
        )  # fmt: skip
        cookie = await enter(doors, server)
        assert (await doors.calls("GET", "/wecom/upload", headers={"cookie": cookie}))[0] == 200

    play(engine, server, tmp_path, scene)


def test_nobody_comes_in_without_a_code_and_a_state_of_ours(
    engine: Engine, server: WecomServer, tmp_path: Path
) -> None:
    async def scene(doors: Doors) -> None:
        cookie = await enter(doors, server)
        state = cookie.partition("=")[2]
        for query in ({}, {"code": "x"}, {"code": "x", "state": "forged"}, {"code": "x", "state": state}):
            assert (await doors.calls("GET", "/wecom/login", query))[0] == 403
        _, _, head = await doors.calls("GET", "/wecom/upload")
        good = state_of(head)
        # The code was used up.
        assert (await doors.calls("GET", "/wecom/login", {"code": "code-1", "state": good}, headers=kept(head)))[
            0
        ] == 403
        # A state is no cookie either.
        assert (await doors.calls("GET", "/wecom/upload", headers={"cookie": f"xunlin_wecom={good}"}))[0] == 302
        assert (await doors.calls("POST", "/wecom/upload", body=b""))[0] == 401

    play(engine, server, tmp_path, scene)


def test_originals_join_the_chat_byte_by_byte_and_twice_is_once(
    engine: Engine, server: WecomServer, tmp_path: Path
) -> None:
    async def scene(doors: Doors) -> None:
        cookie = {"cookie": await enter(doors, server)}
        _, page, _ = await doors.calls("GET", "/wecom/upload", headers=cookie)
        body, head = form(page, JPEG, JPEG + b"2")
        for _ in range(2):
            status, said, _ = await doors.calls("POST", "/wecom/upload", body=body, headers={**cookie, **head})
            assert status == 200
            assert "已收到" in said.decode()
        none, head = form(page)
        assert (
            "还没有选择照片"
            in (await doors.calls("POST", "/wecom/upload", body=none, headers={**cookie, **head}))[1].decode()
        )

    play(engine, server, tmp_path, scene)
    with reading(engine) as session:
        row = session.scalars(select(Inbox)).one()
    message = translate(Waiting(row.id, "wecom", row.key, row.chat, row.raw, row.received_at, 0))
    assert (message.kind, message.sender_id, row.chat) == (Kind.PHOTO, "huxl", "wecom:huxl")
    assert [one.original for one in message.photos] == [True, True]
    assert store.path_of(tmp_path, message.photos[0].sha256 or "").read_bytes() == JPEG
    assert json.loads(row.raw)["upload"]["photos"][0]["name"] == "IMG_0.jpg"


def test_the_page_loads_nothing_from_another_host(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    async def scene(doors: Doors) -> None:
        cookie = {"cookie": await enter(doors, server)}
        _, page, head = await doors.calls("GET", "/wecom/upload", headers=cookie)
        assert b"//" not in page.replace(b"<!doctype html>", b"")
        assert head["content-security-policy"].startswith("default-src 'self'")
        status, css, _ = await doors.calls("GET", "/wecom/upload.css")
        assert status == 200
        assert b"url(" not in css
        assert b"@import" not in css

    play(engine, server, tmp_path, scene)


def test_a_bad_moment_of_wecom_is_said_to_be_one(engine: Engine, tmp_path: Path, server: WecomServer) -> None:
    async def scene(doors: Doors) -> None:
        server.says["auth/getuserinfo"].append(-1)
        _, _, head = await doors.calls("GET", "/wecom/upload")
        query = {"code": "c", "state": state_of(head)}
        status, body, _ = await doors.calls("GET", "/wecom/login", query, headers=kept(head))
        assert (status, body) == (503, b"")

    play(engine, server, tmp_path, scene)


def test_a_state_is_good_once_and_for_the_browser_that_was_sent_away(
    engine: Engine, server: WecomServer, tmp_path: Path
) -> None:
    async def scene(doors: Doors) -> None:
        _, _, head = await doors.calls("GET", "/wecom/upload")
        _, _, other = await doors.calls("GET", "/wecom/upload")
        server.codes.update({f"code-{n}": "HuXL" for n in range(4)})

        async def returns(code: str, headers: dict[str, str]) -> int:
            return (await doors.calls("GET", "/wecom/login", {"code": code, "state": state_of(head)}, headers=headers))[
                0
            ]

        assert await returns("code-0", {}) == 403
        assert await returns("code-1", kept(other)) == 403
        assert await returns("code-2", kept(head)) == 302
        assert await returns("code-3", kept(head)) == 403
        assert set(server.codes) == {"code-0", "code-1", "code-3"}

    play(engine, server, tmp_path, scene)


def test_a_code_stands_in_no_log(
    engine: Engine, server: WecomServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(doors: Doors) -> None:
        await enter(doors, server)
        _, _, head = await doors.calls("GET", "/wecom/upload")
        for answer in (-1, "cut", 40029):
            server.says["auth/getuserinfo"].append(answer)
            await doors.calls("GET", "/wecom/login", {"code": "code-1", "state": state_of(head)}, headers=kept(head))
            _, _, head = await doors.calls("GET", "/wecom/upload")

    caplog.set_level("DEBUG", logger="")
    caplog.set_level("WARNING", logger="aiohttp.access")  # the stand-in's own
    with structlog.testing.capture_logs() as logs:
        play(engine, server, tmp_path, scene)
    assert any(line["event"] == "wecom_refused_ours" for line in logs)
    assert "code-1" not in f"{logs}{caplog.text}"


def test_an_upload_without_a_length_is_refused(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    async def scene(doors: Doors) -> None:
        cookie = {"cookie": await enter(doors, server)}
        for length in ("", "x", "9" * 20):
            status, _, _ = await doors.calls("POST", "/wecom/upload", headers={**cookie, "content-length": length})
            assert status == 411

    play(engine, server, tmp_path, scene)
