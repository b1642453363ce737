"""WeCom's callback (企业微信回调): proven, on the disk, then 200; all else is refused, and refused quietly."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
import wecom_payloads as wecom
from sqlalchemy import Engine, func, select
from wecom_house import ROTATION, Doors, wecom_doors, wecom_settings
from wecom_seal import (
    OLD_AES_KEY,
    OLD_TOKEN,
    Sealed,
    encrypted,
    framed,
    padded,
    sealed,
    signed,
)  # fmt: skip

from bot.settings import Settings
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox, Redelivery
from models.outbox import Outbox
from models.wecom import WecomNonce
from services import wecom as shared

Play = Callable[[Doors], Awaitable[None]]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


def play(engine: Engine, folder: Path, scene: Play, **more: str) -> None:
    """Open the doors and let something happen."""

    async def run() -> None:
        async with wecom_doors(engine, settings(engine, folder, **more)) as doors:
            await scene(doors)

    asyncio.run(run())


def settings(engine: Engine, folder: Path, **more: str) -> Settings:
    return wecom_settings(engine.url.render_as_string(hide_password=False), folder, **more)


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def keys(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(Inbox.key).order_by(Inbox.id)))


def repeats(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Redelivery)) or 0


def test_the_address_is_proven_with_the_bare_text(engine: Engine, tmp_path: Path) -> None:
    async def scene(doors: Doors) -> None:
        echo = signed(encrypted(padded(framed(b"1616140317555161061"))), now(), name="echostr")
        status, body, head = await doors.calls("GET", "/wecom/callback", echo.query)
        assert (status, body) == (200, b"1616140317555161061")
        assert head["content-type"].startswith("text/plain")
        wrong = {**echo.query, "msg_signature": "0" * 40}
        assert (await doors.calls("GET", "/wecom/callback", wrong))[0] == 403
        assert (await doors.calls("GET", "/wecom/callback"))[0] == 400

    play(engine, tmp_path, scene)


def test_a_message_is_on_the_disk_when_200_is_given_with_nothing_in_it(engine: Engine, tmp_path: Path) -> None:
    async def scene(doors: Doors) -> None:
        made = sealed(wecom.text("ZhangSan", now(), "树都好", 71), now())
        status, body, _ = await doors.calls("POST", "/wecom/callback", made.query, made.body)
        assert (status, body) == (200, b"")

    play(engine, tmp_path, scene)
    with reading(engine) as session:
        kept = session.scalars(select(Inbox)).one()
    assert (kept.channel, kept.key, kept.chat, kept.state) == ("wecom", "71", "wecom:zhangsan", "waiting")
    assert "树都好" in json.loads(kept.raw)["xml"]


def test_three_deliveries_of_a_message_get_200_and_are_one(engine: Engine, tmp_path: Path) -> None:
    async def scene(doors: Doors) -> None:
        xml = wecom.text("ZhangSan", now(), "x", 72)
        again = sealed(xml, now(), "same")
        for made in (again, again, sealed(xml, now(), "other")):
            assert await doors.delivers(made) == 200
        event = wecom.click("ZhangSan", now(), "mine")
        for _ in range(3):
            assert await doors.delivers(sealed(event, now())) == 200

    play(engine, tmp_path, scene)
    assert keys(engine)[0] == "72"
    assert len(keys(engine)) == 2
    assert repeats(engine) == 4


def test_a_nonce_is_good_for_one_message_in_every_process(engine: Engine, tmp_path: Path) -> None:
    at = now()

    async def first(doors: Doors) -> None:
        assert await doors.delivers(sealed(wecom.text("a", at, "x", 73), at, "used")) == 200

    async def second(doors: Doors) -> None:
        assert await doors.delivers(sealed(wecom.text("a", at, "y", 74), at, "used")) == 403
        assert await doors.delivers(sealed(wecom.text("a", at, "y", 74), at, "fresh")) == 200

    play(engine, tmp_path, first)
    play(engine, tmp_path, second)
    assert keys(engine) == ["73", "74"]
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(WecomNonce)) == 2
        shared.forget_old(session, datetime.fromtimestamp(at + 1200, UTC))
        assert session.scalar(select(func.count()).select_from(WecomNonce)) == 0


@pytest.mark.parametrize(("off_s", "status"), [(-295, 200), (295, 200), (-310, 403), (310, 403), (-86_400, 403)])
def test_a_timestamp_is_good_for_five_minutes(engine: Engine, tmp_path: Path, off_s: int, status: int) -> None:
    async def scene(doors: Doors) -> None:
        assert await doors.delivers(sealed(wecom.text("a", now(), "x"), now() + off_s)) == status

    play(engine, tmp_path, scene)


def spooled(folder: Path) -> list[str]:
    """The lines of the spool, those first that are being moved."""
    files = [folder / "wecom.draining", folder / "wecom.spool"]
    return [line for file in files if file.exists() for line in file.read_text("utf-8").splitlines(keepends=True)]


def refused_ones() -> dict[str, tuple[Sealed, int]]:
    good = sealed(wecom.text("a", now(), "x"), now())
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
    fetch = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x"><xml><Encrypt>x</Encrypt></xml>'
    inner = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><FromUserName>&a;</FromUserName></xml>'
    deep = "<xml>" + "<a>" * 60 + "</a>" * 60 + "</xml>"
    return {
        "a changed body": (Sealed(good.query, good.body.replace(b"<Encrypt>", b"<Encrypt>AAAA")), 403),
        "no signature": (Sealed({**good.query, "msg_signature": ""}, good.body), 403),
        "another token": (sealed(wecom.text("a", now(), "x"), now(), token="guess"), 403),
        "no nonce": (Sealed({**good.query, "nonce": ""}, good.body), 400),
        "a nonce without end": (signed("x", now(), "n" * 200), 400),
        "no time": (Sealed({**good.query, "timestamp": ""}, good.body), 400),
        "too large": (Sealed(good.query, good.body + b" " * 65_536), 413),
        "no XML": (Sealed(good.query, b"{}"), 400),
        "entities": (Sealed(good.query, bomb), 400),
        "a foreign DTD": (Sealed(good.query, fetch), 400),
        "no ciphertext": (Sealed(good.query, b"<xml><Encrypt></Encrypt></xml>"), 400),
        "entities inside": (sealed(inner, now()), 400),
        "a deep one": (sealed(deep, now()), 400),
        "nobody's": (sealed("<xml><MsgType>text</MsgType></xml>", now()), 400),
        "a sender without end": (sealed(wecom.text("a" * 65, now(), "x"), now()), 400),
        "another corporation": (signed(encrypted(padded(framed(b"<xml/>", "ww1"))), now()), 400),
        "no base64": (signed("????", now()), 400),
        "empty inside": (sealed("", now()), 400),
    }


@pytest.mark.parametrize("name", refused_ones())
def test_everything_else_is_refused_with_one_quiet_line(migrated_file: Path, tmp_path: Path, name: str) -> None:
    made, status = refused_ones()[name]
    engine = open_engine(f"sqlite:///{migrated_file}")

    async def scene(doors: Doors) -> None:
        with structlog.testing.capture_logs() as logs:
            assert await doors.delivers(made) == status
        assert [line["event"] for line in logs] == ["wecom_refused"]

    play(engine, tmp_path, scene)
    assert keys(engine) == []
    engine.dispose()


def test_old_and_new_keys_stand_side_by_side_during_a_change(engine: Engine, tmp_path: Path) -> None:
    old = sealed(wecom.text("a", now(), "x", 75), now(), token=OLD_TOKEN, aes_key=OLD_AES_KEY)
    half = sealed(wecom.text("a", now(), "x", 76), now(), aes_key=OLD_AES_KEY)

    async def before(doors: Doors) -> None:
        assert await doors.delivers(old) == 403
        assert await doors.delivers(half) == 400

    async def during(doors: Doors) -> None:
        for made in (old, half, sealed(wecom.text("a", now(), "x", 77), now())):
            assert await doors.delivers(made) == 200

    play(engine, tmp_path, before)
    play(engine, tmp_path, during, **ROTATION)
    assert keys(engine) == ["75", "76", "77"]


def test_a_key_without_end_is_kept_short(engine: Engine, tmp_path: Path) -> None:
    long = wecom.message("text", "a", now(), Content="x").replace("<MsgId>", "<MsgId>" + "9" * 30_000)

    async def scene(doors: Doors) -> None:
        assert await doors.delivers(sealed(long, now())) == 200
        assert await doors.delivers(sealed(wecom.click("a", now(), "k" * 30_000), now())) == 200

    play(engine, tmp_path, scene)
    assert all(len(key) < 300 for key in keys(engine))
    assert len(keys(engine)) == 2


def test_a_word_about_the_app_itself_stands_in_the_log(engine: Engine, tmp_path: Path) -> None:
    async def scene(doors: Doors) -> None:
        with structlog.testing.capture_logs() as logs:
            assert await doors.delivers(sealed(wecom.app_event("inactive_alert", now(), now() + 86_400), now())) == 200
        assert [(line["event"], line["about"], line["log_level"]) for line in logs] == [
            ("wecom_app_event", "inactive_alert", "error")
        ]

    play(engine, tmp_path, scene)


def test_a_length_that_is_no_number_is_refused(engine: Engine, tmp_path: Path) -> None:
    made = sealed(wecom.text("a", now(), "x"), now())

    async def scene(doors: Doors) -> None:
        for length in ("\u00b2", "-1", "1" * 5000, ""):
            asked = await doors.calls("POST", "/wecom/callback", made.query, made.body, {"content-length": length})
            assert asked[0] == 413

    play(engine, tmp_path, scene)


def test_a_click_that_waited_in_the_spool_updates_its_card_too(engine: Engine, tmp_path: Path) -> None:
    away = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    click = sealed(wecom.card_click("a", now(), "41:0:17", "code-1"), now())

    async def without(doors: Doors) -> None:
        assert await doors.delivers(click) == 200

    async def back(doors: Doors) -> None:
        assert await doors.delivers(sealed(wecom.text("a", now(), "x", 89), now())) == 200

    play(away, tmp_path, without)
    play(engine, tmp_path, back)
    with reading(engine) as session:
        assert [row["card_update"]["code"] for row in session.scalars(select(Outbox.body))] == ["code-1"]
    away.dispose()


def test_a_click_updates_its_card_once(engine: Engine, tmp_path: Path) -> None:
    click = wecom.card_click("ZhangSan", now(), "41:0:17", "code-1")

    async def scene(doors: Doors) -> None:
        for _ in range(3):
            assert await doors.delivers(sealed(click, now())) == 200

    play(engine, tmp_path, scene)
    with reading(engine) as session:
        updates = session.scalars(select(Outbox.body)).all()
    assert updates == [{"card_update": {"code": "code-1", "outbox_id": 41, "place": 0, "stamp": 17}}]


def test_the_spool_takes_over_while_the_database_is_away_and_is_drained_first(engine: Engine, tmp_path: Path) -> None:
    spool = tmp_path / "wecom.spool"
    away = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    async def without(doors: Doors) -> None:
        for number in (81, 82, 81):
            assert await doors.delivers(sealed(wecom.text("a", now(), f"message {number}", number), now())) == 200

    async def back(doors: Doors) -> None:
        assert await doors.delivers(sealed(wecom.text("a", now(), "x", 83), now())) == 200
        assert await doors.delivers(sealed(wecom.text("a", now(), "x", 82), now())) == 200

    play(away, tmp_path, without)
    assert len(spooled(tmp_path)) == 3
    with spool.open("ab") as file:
        file.write(b'{"channel": "wecom", "key": "84", "cut off')  # the process died here, before its 200
    play(engine, tmp_path, back)
    assert keys(engine) == ["81", "82", "83"]
    assert not spool.exists()
    away.dispose()


def test_a_spool_whose_process_died_between_commit_and_removal_counts_once(engine: Engine, tmp_path: Path) -> None:
    away = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    async def without(doors: Doors) -> None:
        assert await doors.delivers(sealed(wecom.text("a", now(), "x", 85), now())) == 200

    async def back(doors: Doors) -> None:
        assert await doors.delivers(sealed(wecom.text("a", now(), "x", 86), now())) == 200

    play(away, tmp_path, without)
    kept = "".join(spooled(tmp_path))
    play(engine, tmp_path, back)
    (tmp_path / "wecom.draining").write_text(kept, "utf-8")
    play(engine, tmp_path, back)
    assert keys(engine) == ["85", "86"]
    away.dispose()


def test_control_without_the_spool_the_message_would_be_lost(tmp_path: Path) -> None:
    away = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    folder = tmp_path / "no folder"
    folder.touch()  # nothing can be written here

    async def without(doors: Doors) -> None:
        with pytest.raises(OSError, match="no folder"):
            await doors.delivers(sealed(wecom.text("a", now(), "x", 87), now()))

    play(away, folder, without, secret="of the test")
    away.dispose()


def test_the_callback_answers_while_the_database_is_stuck(engine: Engine, tmp_path: Path) -> None:
    with transaction(engine) as session:
        # Somebody else holds what every delivery needs.
        held = session.connection()
        if engine.dialect.name == "postgresql":
            held.exec_driver_sql("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")

        async def scene(doors: Doors) -> None:
            assert await doors.delivers(sealed(wecom.text("a", now(), "x", 88), now())) == 200
            assert len(spooled(tmp_path)) == 1
            session.rollback()
            while (tmp_path / "wecom.spool").exists() or (tmp_path / "wecom.draining").exists():
                await asyncio.sleep(0.05)

        play(engine, tmp_path, scene)
    assert keys(engine) == ["88"]
