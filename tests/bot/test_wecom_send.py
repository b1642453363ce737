"""Sending by WeCom (企业微信发送): over real HTTP against the stand-in, with its errcodes, limits and bad days."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from wecom_house import wecom_doors, wecom_settings
from wecom_server import WecomServer, wecom_server

from bot import store
from bot.channel_error import ChannelError
from bot.network import NetworkChannel
from bot.network_sender import NetworkSender
from bot.wecom.api import FAULT, Api
from bot.wecom.cards import CardUpdate
from bot.wecom.errcode import BUSY, CONFIGURATION, GONE, RENEW, WAIT
from bot.wecom.pieces import MOST_BYTES, split
from models.account import Account
from models.engine import open_engine, reading, transaction
from models.message import Button, Reply, Table
from models.outbox import Outbox
from models.pace import Pace
from models.wecom import WecomToken
from services import alarm, outbox, wecom
from services.outbox import Said

Scene = Callable[[NetworkChannel, NetworkSender], Awaitable[None]]
USER = "zhangsan"
BUTTONS = (
    (Button("✅ 一切正常，提交", "patrol.submit", "1", "primary"), Button("取消", "patrol.cancel", "1", "danger")),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def server() -> Iterator[WecomServer]:
    with wecom_server() as made:
        yield made


def says(engine: Engine, *replies: Reply, user: str = USER) -> list[int]:
    """Put what is to be said into the outbox."""
    now = datetime.now(UTC)
    with transaction(engine) as session:
        outbox.put(session, [Said("wecom", user, reply, now) for reply in replies])
        rows = session.scalars(select(Outbox.id).where(Outbox.chat_id == user).order_by(Outbox.id)).all()
    return list(rows[-len(replies) :])


def play(engine: Engine, server: WecomServer, folder: Path, scene: Scene | None = None) -> None:
    """Send until nothing may go any more, or let a scene happen."""

    async def run() -> None:
        settings = wecom_settings(engine.url.render_as_string(hide_password=False), folder, server.url)
        async with wecom_doors(engine, settings) as doors:
            from bot.bell import Bell

            sender = NetworkSender(engine, "wecom", doors.channel.post, doors.channel.limits, folder, Bell())
            await (scene(doors.channel, sender) if scene else drained(sender))
            await sender.finish()

    asyncio.run(run())


async def drained(sender: NetworkSender) -> None:
    """Rounds until three in a row did nothing."""
    quiet = 0
    while quiet < 3:
        did = await sender.send_once(datetime.now(UTC))
        quiet = 0 if did or sender._under_way or sender._came_back else quiet + 1
        await asyncio.sleep(0.02)


def rows(engine: Engine) -> list[Outbox]:
    with reading(engine) as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def ready_again(engine: Engine) -> None:
    """Let the time pass that a message or a chat must wait."""
    with transaction(engine) as session:
        session.execute(update(Outbox).values(lease_until=None))
        session.execute(update(Pace).values(next_at=datetime.now(UTC) - timedelta(seconds=10)))


def test_words_arrive_as_a_text_for_one_member(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    says(engine, Reply("✅ 已登记 XL-2026-000001"))
    play(engine, server, tmp_path)
    assert server.sent == [
        {"touser": USER, "msgtype": "text", "agentid": 1000002, "text": {"content": "✅ 已登记 XL-2026-000001"}}
    ]
    (row,) = rows(engine)
    assert (row.state, row.platform_id) == ("sent", "m1")


def test_choices_are_buttons_of_a_card_named_by_message_and_place(
    engine: Engine, server: WecomServer, tmp_path: Path
) -> None:
    (outbox_id,) = says(engine, Reply("已定位：德胜街道 · 双秀社区。\n请发现场照片。", BUTTONS))
    play(engine, server, tmp_path)
    card, stamp = server.sent[0]["template_card"], int(rows(engine)[0].created_at.timestamp())
    assert (card["card_type"], card["main_title"]) == ("button_interaction", {"title": "已定位：德胜街道 · 双秀社区。"})
    assert card["sub_title_text"] == "请发现场照片。"
    assert [(one["text"], one["key"]) for one in card["button_list"]] == [
        ("✅ 一切正常，提交", f"{outbox_id}:0:{stamp}"), ("取消", f"{outbox_id}:1:{stamp}"),
    ]  # fmt: skip


def test_a_card_says_after_the_click_what_was_chosen(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    (outbox_id,) = says(engine, Reply("要提交吗？", BUTTONS))
    stamp = int(rows(engine)[0].created_at.timestamp())
    says(engine, CardUpdate(code="code-1", outbox_id=outbox_id, place=1, stamp=stamp))
    play(engine, server, tmp_path)
    assert server.updates == [
        {"userids": [USER], "agentid": 1000002, "response_code": "code-1", "button": {"replace_name": "已选 取消"}}
    ]


def test_where_no_cards_show_choices_are_numbers(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    with transaction(engine) as session:
        session.add(
            Account(channel="wecom", user_id=USER, chat_id=USER, created_at=datetime.now(UTC), plain_choices=True)
        )
    says(engine, Reply("要提交吗？", BUTTONS))
    play(engine, server, tmp_path)
    assert server.sent[0]["text"]["content"] == "要提交吗？\n1 ✅ 一切正常，提交\n2 取消\n请回复数字选择。"


def test_more_choices_than_a_card_has_are_numbers(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    says(engine, Reply("哪个网格？", tuple((Button(f"第{n}网格", "patrol.grid", str(n)),) for n in range(1, 31))))
    play(engine, server, tmp_path)
    assert "\n30 第30网格\n" in server.sent[0]["text"]["content"]


def test_a_long_text_goes_before_its_card(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    says(engine, Reply("巡林" * 100, BUTTONS))
    play(engine, server, tmp_path)
    assert [one["msgtype"] for one in server.sent] == ["text", "template_card"]
    assert server.sent[1]["template_card"]["main_title"] == {"title": "请选择"}


def test_a_table_is_lines_within_the_bytes(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    lines = tuple((f"第{n}社区居民委员会", str(n)) for n in range(200))
    says(engine, Reply("统计", table=Table("按社区", ("社区", "次数"), lines)))
    play(engine, server, tmp_path)
    texts = [one["text"]["content"] for one in server.sent]
    assert len(texts) > 2
    assert all(len(text.encode()) <= MOST_BYTES for text in texts)
    assert "\n".join(texts).splitlines() == ["统计", "按社区", "社区  次数", *("  ".join(line) for line in lines)]


@given(st.text(max_size=900), st.integers(8, 60))
def test_a_split_text_loses_nothing_and_cuts_no_sign(text: str, most: int) -> None:
    parts = list(split(text, most))
    assert all(len(part.encode()) <= most for part in parts)
    # A part of blanks alone is nothing to send.
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_picture_is_uploaded_once_in_three_days(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    kept = store.put(tmp_path, b"\x89PNG a chart", ".png")
    file = {"file": f"{kept.sha256}.png", "sha256": kept.sha256, "name": "图.png", "size": kept.size}
    for body in ({"pictures": [file]}, {"text": "again", "pictures": [file]}, {"documents": [file]}):
        (row,) = says(engine, Reply("x"))
        with transaction(engine) as session:
            session.execute(update(Outbox).where(Outbox.id == row).values(body=body))
    play(engine, server, tmp_path)
    assert [one["msgtype"] for one in server.sent] == ["image", "text", "image", "file"]
    assert list(server.uploads.values()) == [b"\x89PNG a chart"] * 2
    assert server.sent[0]["image"] == server.sent[2]["image"] == {"media_id": "up-0"}


def test_a_piece_that_arrived_is_not_sent_again_with_the_rest(
    engine: Engine, server: WecomServer, tmp_path: Path
) -> None:
    says(engine, Reply("甲" * 600 + "\n" + "乙" * 600))
    server.says["message/send"].extend([0, "cut"])
    # An errcode of 0 is said without being kept by the stand-in: the first piece arrived.
    play(engine, server, tmp_path)
    ready_again(engine)
    play(engine, server, tmp_path)
    assert [one["text"]["content"][0] for one in server.sent] == ["乙"]
    assert rows(engine)[0].state == "sent"


def test_thirty_a_minute_reach_a_member_and_the_rest_waits(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    says(engine, *(Reply(f"{n}") for n in range(40)))
    play(engine, server, tmp_path)
    assert [one["text"]["content"] for one in server.sent] == [str(n) for n in range(30)]
    assert server.dropped == []
    states = [row.state for row in rows(engine)]
    assert states == ["sent"] * 30 + ["waiting"] * 10
    with reading(engine) as session:
        held = session.get_one(Pace, ("wecom", USER)).next_at - datetime.now(UTC)
        assert timedelta(seconds=20) < held <= timedelta(seconds=60)
        assert rows(engine)[30].tries == 0


def test_control_without_our_counting_the_surplus_vanishes(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    async def scene(channel: NetworkChannel, sender: NetworkSender) -> None:
        api = Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret")
        for n in range(40):
            said = {"touser": USER, "msgtype": "text", "agentid": 1000002, "text": {"content": f"{n}"}}
            assert (await api.post("message/send", said))["errcode"] == 0
        await api.close()

    play(engine, server, tmp_path, scene)
    assert len(server.dropped) == 10


def test_a_thousand_an_hour_is_the_other_limit(engine: Engine) -> None:
    start = datetime.now(UTC)
    with transaction(engine) as session:
        for n in range(1000):
            assert wecom.begin_sending(session, USER, n, 0, start + timedelta(seconds=3 * n)) is None
        wait = wecom.begin_sending(session, USER, 1000, 0, start + timedelta(seconds=3000))
        assert wait == timedelta(seconds=600)
        assert wecom.begin_sending(session, "lisi", 1000, 0, start + timedelta(seconds=3000)) is None
        assert wecom.begin_sending(session, USER, 1000, 0, start + timedelta(seconds=3600)) is None


def test_one_process_fetches_the_token_for_all(engine: Engine, server: WecomServer) -> None:
    async def run() -> None:
        apis = [Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret") for _ in range(4)]
        server.says["gettoken"].append("slow")
        asked = [api.post("menu/create", {"n": n}) for n in range(5) for api in apis]
        await asyncio.gather(*asked)
        assert server.calls["gettoken"] == 1
        server.expire()
        await asyncio.gather(*(api.post("menu/create", {"n": n}) for n in range(5) for api in apis))
        for api in apis:
            await api.close()

    asyncio.run(run())
    assert server.calls["gettoken"] == 2
    assert len(server.menus) == 40


def test_the_token_is_renewed_at_four_fifths_of_its_life(engine: Engine, server: WecomServer) -> None:
    async def run() -> None:
        api = Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret")
        before = datetime.now(UTC)
        await api.tokens.get()
        with reading(engine) as session:
            kept = session.scalars(select(WecomToken)).one()
        assert timedelta(seconds=5750) < kept.renew_at - before < timedelta(seconds=5770)
        with transaction(engine) as session:
            session.execute(update(WecomToken).values(renew_at=before))
        api.tokens._known = None
        assert await api.tokens.get() == "token-1"
        await api.close()

    asyncio.run(run())
    assert server.calls["gettoken"] == 2


def test_a_process_that_died_while_fetching_is_waited_for_and_replaced(engine: Engine, server: WecomServer) -> None:
    from services import lease

    with transaction(engine) as session:
        lease.take(session, "wecom.token.ww1234567890abcdef:1000002", "dead", datetime.now(UTC), timedelta(seconds=1))

    async def run() -> str:
        api = Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret")
        token = await api.tokens.get()
        await api.close()
        return token

    assert asyncio.run(run()) == "token-0"


def outcome(engine: Engine, server: WecomServer, folder: Path, errcode: Any) -> Outbox:
    """What becomes of a message that meets an errcode first."""
    says(engine, Reply("x"))
    server.says["message/send"].append(errcode)
    play(engine, server, folder)
    return rows(engine)[0]


@pytest.mark.parametrize("errcode", sorted(RENEW))
def test_a_stale_token_is_renewed_and_the_message_goes(
    engine: Engine, server: WecomServer, tmp_path: Path, errcode: int
) -> None:
    assert outcome(engine, server, tmp_path, errcode).state == "sent"
    assert server.calls["gettoken"] == 2


@pytest.mark.parametrize("errcode", sorted(WAIT))
def test_too_fast_is_waited_out_on_the_whole_channel_and_counts_no_try(
    engine: Engine, server: WecomServer, tmp_path: Path, errcode: int
) -> None:
    row = outcome(engine, server, tmp_path, errcode)
    assert (row.state, row.tries) == ("waiting", 0)
    with reading(engine) as session:
        assert session.get_one(Pace, ("wecom", "")).next_at > datetime.now(UTC)
    ready_again(engine)
    play(engine, server, tmp_path)
    assert rows(engine)[0].state == "sent"


@pytest.mark.parametrize("errcode", sorted(CONFIGURATION))
def test_a_wrong_console_loses_nothing_and_is_told_to_the_doctor(
    engine: Engine, server: WecomServer, tmp_path: Path, errcode: int
) -> None:
    assert outcome(engine, server, tmp_path, errcode).state == "waiting"
    with reading(engine) as session:
        (fault,) = alarm.sounding(session).items()
    assert fault[0] == f"{FAULT}.message/send"
    assert fault[1].startswith(f"{errcode} message/send: more info at")
    ready_again(engine)
    play(engine, server, tmp_path)
    assert rows(engine)[0].state == "sent"
    with reading(engine) as session:
        assert alarm.sounding(session) == {}


def test_one_interface_that_is_refused_and_one_that_works_do_not_take_turns(
    engine: Engine, server: WecomServer
) -> None:
    async def run() -> None:
        api = Api(engine, server.url, "ww1234567890abcdef", 1000002, "app-secret")
        for _ in range(3):
            server.says["user/getuserid"].append(60011)
            with pytest.raises(ChannelError):
                await api.post("user/getuserid", {"mobile": "1"})
            await api.post("menu/create", {})
        await api.close()

    with structlog.testing.capture_logs() as logs:
        asyncio.run(run())
    assert [line["event"] for line in logs] == ["wecom_configuration"]
    with reading(engine) as session:
        assert list(alarm.sounding(session)) == [f"{FAULT}.user/getuserid"]


def test_a_member_without_a_licence_gets_nothing_and_it_is_said(
    engine: Engine, server: WecomServer, tmp_path: Path
) -> None:
    server.unlicensed.add(USER)
    says(engine, Reply("x"))
    play(engine, server, tmp_path)
    (row,) = rows(engine)
    assert (row.state, row.error) == ("failed", "unlicenseduser")


@pytest.mark.parametrize("how", [*sorted(BUSY), "cut", "html", "page", "elsewhere"])
def test_a_bad_day_of_wecom_passes(engine: Engine, server: WecomServer, tmp_path: Path, how: Any) -> None:
    row = outcome(engine, server, tmp_path, how)
    assert (row.state, row.tries) == ("waiting", 1)
    ready_again(engine)
    play(engine, server, tmp_path)
    assert rows(engine)[0].state == "sent"
    assert len(server.sent) == 1
    assert server.calls["stolen"] == 0


def test_a_slow_answer_holds_up_nobody_else(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    server.says["message/send"].append("slow")
    says(engine, Reply("slow"), user="a")

    async def scene(channel: NetworkChannel, sender: NetworkSender) -> None:
        while not server.calls["message/send"]:
            await sender.send_once(datetime.now(UTC))
            await asyncio.sleep(0.01)
        says(engine, Reply("quick"), user="b")
        await drained(sender)

    play(engine, server, tmp_path, scene)
    assert [one["text"]["content"] for one in server.sent] == ["quick", "slow"]


@pytest.mark.parametrize("errcode", [*sorted(GONE), "invaliduser"])
def test_a_member_who_is_gone_is_written_to_no_more(
    engine: Engine, server: WecomServer, tmp_path: Path, errcode: Any
) -> None:
    with transaction(engine) as session:
        session.add(Account(channel="wecom", user_id=USER, chat_id=USER, created_at=datetime.now(UTC)))
    if errcode == "invaliduser":
        server.gone.add(USER)
    else:
        server.says["message/send"].append(errcode)
    says(engine, Reply("x"), Reply("y"))
    play(engine, server, tmp_path)
    assert [row.state for row in rows(engine)] == ["failed", "failed"]
    with reading(engine) as session:
        assert session.scalars(select(Account.blocked_at)).one() is not None


def test_our_own_fault_is_not_tried_for_ever(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        row = outcome(engine, server, tmp_path, 44004)
    assert (row.state, row.error) == ("failed", "errcode 44004")
    # What was sent can be seen, and not to whom or what it said.
    (line,) = [line for line in logs if line["event"] == "wecom_refused_ours"]
    assert line["request"] == {"touser": 8, "msgtype": "text", "agentid": 1000002, "text": {"content": 1}}


def test_an_error_names_no_token(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    assert "token-" not in (outcome(engine, server, tmp_path, "cut").error or "token-")


def test_a_photo_is_fetched_by_its_id_while_wecom_keeps_it(engine: Engine, server: WecomServer, tmp_path: Path) -> None:
    server.media["media-1"] = b"\xff\xd8\xff a photo"

    async def scene(channel: NetworkChannel, sender: NetworkSender) -> None:
        assert await channel.fetch("media-1") == b"\xff\xd8\xff a photo"
        with pytest.raises(ChannelError) as gone:
            await channel.fetch("media-2")
        assert not gone.value.retryable
        server.says["media/get"].append("page")
        with pytest.raises(ChannelError) as page:
            await channel.fetch("media-1")
        assert page.value.retryable
        server.says["media/get"].extend(["cut", "cut"])  # the client itself asks a second time
        with pytest.raises(ChannelError) as cut:
            await channel.fetch("media-1")
        assert cut.value.retryable

    play(engine, server, tmp_path, scene)
