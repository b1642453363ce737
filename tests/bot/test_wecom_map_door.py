"""The live map from WeCom's chat (企业微信打开一张图): in by OAuth2, then the session of a one-use link."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import wecom_payloads as wecom
from chat_driver import DESHENG, DISTRICT
from sqlalchemy import select, update
from wecom_chat import WecomHouse, wecom_house
from wecom_house import Doors, wecom_doors

from models.engine import transaction
from models.map_link import MapLink
from services import office

OWN_PAGE = {"x-xunlin": "1"}


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WecomHouse]:
    with wecom_house(request.param, tmp_path, datetime.now(UTC)) as made:
        with transaction(made.engine) as session:
            office.add(session, "wecom", "Boss", DISTRICT, made.now)
            office.add(session, "wecom", "desheng", DESHENG, made.now)
        yield made


def play(house: WecomHouse, scene: Callable[[Doors], Awaitable[None]]) -> None:
    async def run() -> None:
        async with wecom_doors(house.engine, house.settings) as doors:
            await scene(doors)

    asyncio.run(run())


async def comes_in(house: WecomHouse, doors: Doors, user: str) -> tuple[int, str, dict[str, str]]:
    """Through WeCom's door to the map; gives status, words and headers of the answer."""
    status, _, head = await doors.calls("GET", "/wecom/map")
    assert (status, urlsplit(head["location"]).netloc) == (302, "open.weixin.qq.com")
    asked = parse_qs(urlsplit(head["location"]).query)
    assert asked["scope"] == ["snsapi_base"]
    house.server.codes["code-1"] = user
    kept = {"cookie": head["set-cookie"].split(";")[0]}
    query = {"code": "code-1", "state": asked["state"][0]}
    status, said, head = await doors.calls("GET", "/wecom/login", query, headers=kept)
    return status, said.decode(), head


async def session_of(doors: Doors, head: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """What the map's page learns with the cookie."""
    cookie = {"cookie": head["set-cookie"].split(";")[0], **OWN_PAGE}
    status, said, _ = await doors.calls("GET", "/map/session", headers=cookie)
    return status, json.loads(said or b"{}")


@pytest.mark.parametrize(("user", "area"), [("BOSS", "西城区"), ("desheng", "德胜街道")])
def test_an_office_comes_in_and_sees_its_own_area(house: WecomHouse, user: str, area: str) -> None:
    async def scene(doors: Doors) -> None:
        status, _, head = await comes_in(house, doors, user)
        assert (status, head["location"]) == (302, "/map")
        given = {part.strip().lower() for part in head["set-cookie"].split(";")}
        assert {"httponly", "secure", "samesite=strict", "path=/map", "max-age=28800"} <= given
        status, said = await session_of(doors, head)
        assert (status, [one["name"] for one in said["areas"]]) == (200, [area])
        assert (await doors.calls("GET", "/map"))[0] == 200

    play(house, scene)


@pytest.mark.parametrize("user", ["胡晓兰", "stranger", ""])
def test_nobody_else_gets_a_session(house: WecomHouse, user: str) -> None:
    house.talk_as("胡晓兰")

    async def scene(doors: Doors) -> None:
        status, said, head = await comes_in(house, doors, user)
        assert (status, "set-cookie" in head) == (403, False)
        assert not user or "一张图由林长办查看" in said

    play(house, scene)
    assert house.rows(select(MapLink)) == []


def test_a_leaver_is_out_at_once(house: WecomHouse) -> None:
    async def scene(doors: Doors) -> None:
        _, _, head = await comes_in(house, doors, "desheng")
        assert (await session_of(doors, head))[0] == 200
        with transaction(house.engine) as session:
            office.remove(session, "wecom", "desheng", house.now)
        assert (await session_of(doors, head))[0] == 401
        assert (await comes_in(house, doors, "desheng"))[0] == 403

    play(house, scene)


def test_the_session_lasts_as_long_as_that_of_a_link_and_ends_when_left(house: WecomHouse) -> None:
    async def scene(doors: Doors) -> None:
        _, _, head = await comes_in(house, doors, "boss")
        _, said = await session_of(doors, head)
        cookie = {"cookie": head["set-cookie"].split(";")[0], **OWN_PAGE}
        assert (await doors.calls("DELETE", "/map/session", headers=cookie))[0] == 403
        left = {**cookie, "x-csrf-token": said["token"]}
        assert (await doors.calls("DELETE", "/map/session", headers=left))[0] == 204
        assert (await session_of(doors, head))[0] == 401
        _, _, head = await comes_in(house, doors, "boss")
        with transaction(house.engine) as session:
            session.execute(update(MapLink).values(used_at=datetime.now(UTC) - timedelta(hours=8, seconds=1)))
        assert (await session_of(doors, head))[0] == 401

    play(house, scene)


def test_the_log_in_of_the_upload_page_opens_no_map(house: WecomHouse) -> None:
    async def scene(doors: Doors) -> None:
        _, _, head = await doors.calls("GET", "/wecom/upload")
        house.server.codes["code-2"] = "boss"
        query = {"code": "code-2", "state": parse_qs(urlsplit(head["location"]).query)["state"][0]}
        kept = {"cookie": head["set-cookie"].split(";")[0]}
        _, _, head = await doors.calls("GET", "/wecom/login", query, headers=kept)
        cookie = {"cookie": head["set-cookie"].split(";")[0], **OWN_PAGE}
        assert (await doors.calls("GET", "/map/session", headers=cookie))[0] == 401
        status, _, head = await doors.calls("GET", "/wecom/map", headers=cookie)
        assert (status, urlsplit(head["location"]).netloc) == (302, "open.weixin.qq.com")

    play(house, scene)


def test_the_chat_names_both_ways_to_the_map(house: WecomHouse) -> None:
    chat = house.talk_as(f"office {DISTRICT}")
    said = chat.receives(wecom.click(chat.user, int(house.now.timestamp()), "map"))  # type: ignore[attr-defined]
    assert "在这个聊天里打开：https://xunlin.example.cn/wecom/map\n" in said
    assert "https://xunlin.example.cn/map#" in said
