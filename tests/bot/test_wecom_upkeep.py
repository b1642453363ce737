"""What WeCom needs from time to time (企业微信日常维护): menu, directory, recordings, photos that are missing."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from chat_driver import DESHENG, DISTRICT, small_url
from sqlalchemy import Engine, func, select, update
from wecom_house import wecom_settings
from wecom_server import WecomServer, wecom_server

from bot.channel_error import ChannelError
from bot.media import Media
from bot.wecom.api import Api
from bot.wecom.directory import _MOST_UNKNOWN
from bot.wecom.upkeep import Upkeep
from models.account import Account
from models.chief import Chief
from models.engine import open_engine, reading, transaction
from models.outbox import Outbox
from models.photo import Photo
from services import office, photo

NOW = datetime.now(UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with small_url(request.param, tmp_path) as url:
        made = open_engine(url)
        yield made
        made.dispose()


@pytest.fixture
def server() -> Iterator[WecomServer]:
    with wecom_server() as made:
        yield made


def upkeep(engine: Engine, server: WecomServer, folder: Path, rounds: int = 1, page: str = "https://e.cn/up") -> None:
    async def run() -> None:
        settings = wecom_settings(engine.url.render_as_string(hide_password=False), folder, server.url)
        api = Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret")
        keeper = Upkeep(engine, settings, api, page)
        try:
            for _ in range(rounds):
                await keeper.once(NOW)
        finally:
            await asyncio.to_thread(keeper.give_up)
            await api.close()

    asyncio.run(run())


def test_the_menu_is_made_of_the_catalogue_once(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    upkeep(engine, server, tmp_path, rounds=2)
    upkeep(engine, server, tmp_path)
    (menu,) = server.menus
    place, camera, more = menu["button"]
    assert (place["type"], place["name"], camera["type"], camera["name"]) == (
        "location_select", "📍 位置", "pic_sysphoto", "拍照",
    )  # fmt: skip
    assert [one.get("key", one["type"]) for one in more["sub_button"]] == ["view", "mine", "undo", "count", "help"]
    assert all(len(one["name"].encode()) <= 16 for one in menu["button"])
    assert len(more["sub_button"]) <= 5
    upkeep(engine, server, tmp_path, page="")
    assert len(server.menus) == 2


def test_chiefs_are_found_in_the_directory_by_their_phones(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    with reading(engine) as session:
        phones = {chief.name: chief.phone for chief in session.scalars(select(Chief)) if chief.phone}
    name, phone = next(iter(phones.items()))
    server.phones[phone or ""] = "HuXL"
    upkeep(engine, server, tmp_path, rounds=3)
    with reading(engine) as session:
        known = dict(session.execute(select(Chief.name, Chief.wecom_id).where(Chief.wecom_id.is_not(None))).all())
    assert known == {name: "huxl"}
    assert server.calls["user/getuserid"] == len(phones)


def test_too_many_unknown_phones_end_the_looking_for_a_day(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    with transaction(engine) as session:
        session.add_all(Chief(code=f"x-L{n}", name="某", phone=f"139{n:08}") for n in range(60))
    upkeep(engine, server, tmp_path, rounds=10)
    assert server.calls["user/getuserid"] == _MOST_UNKNOWN


def test_one_process_at_a_time_does_the_upkeep(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    async def run() -> None:
        settings = wecom_settings(engine.url.render_as_string(hide_password=False), tmp_path, server.url)
        api = Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret")
        one, two = (Upkeep(engine, settings, api, "") for _ in range(2))
        assert await one.once(NOW) > 0
        assert await two.once(NOW) == 0
        assert await two.once(NOW + timedelta(minutes=2)) >= 0
        assert await one.once(NOW + timedelta(minutes=2)) == 0
        await api.close()

    asyncio.run(run())
    assert len(server.menus) == 1


def missing_photo(engine: Engine, age: timedelta) -> int:
    with transaction(engine) as session:
        one = Photo(channel="wecom", chat_id="a", ref="m", state="to_fetch", received_at=NOW - age)
        session.add(one)
        session.flush()
        return one.id


def test_the_office_is_told_once_of_a_photo_that_is_missing_after_a_day(
    engine: Engine, server: WecomServer, tmp_path: Path
) -> None:
    with transaction(engine) as session:
        for user, area in (("of-district", DISTRICT), ("of-street", DESHENG)):
            office.add(session, "wecom", user, area, NOW)
            session.add(Account(channel="wecom", user_id=user, chat_id=user, created_at=NOW))
    missing_photo(engine, timedelta(hours=23))
    upkeep(engine, server, tmp_path)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 0
    missing_photo(engine, timedelta(hours=25))
    upkeep(engine, server, tmp_path, rounds=2)
    with reading(engine) as session:
        said = session.execute(select(Outbox.chat_id, Outbox.body)).all()
    assert [(chat, "有 1 张照片" in body["text"]) for chat, body in said] == [("of-district", True)]


def test_a_photo_is_asked_for_again_for_three_days(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    late, lost = missing_photo(engine, timedelta(hours=71)), missing_photo(engine, timedelta(hours=73))
    with transaction(engine) as session:
        assert photo.fetch_failed(session, late, NOW, retryable=True)
        assert not photo.fetch_failed(session, lost, NOW, retryable=True)


def test_a_photo_comes_by_its_media_id_after_a_bad_answer(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    server.media["m"] = b"\xff\xd8\xff a photo"
    server.says["media/get"].append(-1)
    photo_id = missing_photo(engine, timedelta(0))

    async def run() -> None:
        settings = wecom_settings(engine.url.render_as_string(hide_password=False), tmp_path, server.url)
        api = Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret")
        media = Media(engine, settings, {"wecom": api.download})
        assert await media.fetch_once(NOW) == 1
        with transaction(engine) as session:
            session.execute(update(Photo).values(next_try_at=None))
        assert await media.fetch_once(NOW) == 1
        await api.close()

    asyncio.run(run())
    with reading(engine) as session:
        kept = session.get_one(Photo, photo_id)
    assert (kept.state, kept.tries, len(kept.sm3 or "")) == ("stored", 1, 64)


def test_upkeep_says_what_wecom_refused(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    server.says["menu/create"].append(48002)
    with pytest.raises(ChannelError, match="errcode 48002"):
        upkeep(engine, server, tmp_path)
    upkeep(engine, server, tmp_path)
    assert len(server.menus) == 1
