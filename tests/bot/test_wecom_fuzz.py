"""Anything may arrive at WeCom's callback (企业微信模糊测试): envelopes, XML, ciphertexts; no 5xx, flat memory."""

import asyncio
import base64
import gc
import os
import random
import re
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import time
from xml.sax.saxutils import escape

import pytest
import wecom_payloads as wecom
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from wecom_house import Doors, wecom_doors, wecom_settings
from wecom_seal import AES_KEY, CORP, TOKEN, Sealed, encrypted, framed, padded, sealed, signed

from bot.settings import read_settings
from bot.wecom.crypto import BadCallbackError, Keys, decrypt
from bot.wecom.crypto import key_of as key_of_aes
from bot.wecom.envelope import encrypted_of, fields_of, key_of, sender_of
from bot.worker import Worker
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox

NOW = int(datetime.now(UTC).timestamp())
XML = st.recursive(
    st.text(max_size=30).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.tuples(
        st.sampled_from(("MsgType", "Event", "FromUserName", "SendPicsInfo", "item", "x")), inner
    ).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"),
    max_leaves=6,
).map(lambda inner: f"<xml>{inner}</xml>")


@pytest.fixture
def engine(tmp_path: Path, migrated_file: Path) -> Iterator[Engine]:
    (tmp_path / "fuzz.db").write_bytes(migrated_file.read_bytes())
    made = open_engine(f"sqlite:///{tmp_path}/fuzz.db")
    yield made
    made.dispose()


@given(st.one_of(XML, st.text(max_size=200), st.binary(max_size=200).map(lambda data: data.decode("latin-1"))))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_xml_is_read_or_refused(xml: str) -> None:
    for read in (lambda: fields_of(xml), lambda: encrypted_of(xml.encode("utf-8", "surrogatepass"))):
        with suppress(BadCallbackError):
            read()


CIPHERTEXTS = st.one_of(
    st.text(max_size=80),
    st.binary(max_size=120).map(lambda data: base64.b64encode(data).decode()),
    st.integers(1, 6).flatmap(lambda n: st.binary(min_size=16 * n, max_size=16 * n)).map(encrypted),
    st.binary(max_size=120).map(lambda data: encrypted(padded(data))),
    st.tuples(st.binary(max_size=120), st.integers(0, 2**32 - 1)).map(
        lambda made: encrypted(padded(framed(made[0], length=made[1])))
    ),
    st.one_of(XML, st.text(max_size=120)).map(lambda xml: encrypted(padded(framed(xml.encode("utf-8", "replace"))))),
)
ENVELOPES = st.one_of(
    CIPHERTEXTS.map(lambda text: f"<xml><Encrypt>{escape(text)}</Encrypt></xml>".encode("utf-8", "replace")),
    XML.map(lambda xml: xml.encode("utf-8", "replace")),
    st.binary(max_size=200),
)


def test_every_storey_reads_or_refuses_whatever_hypothesis_finds(long: bool) -> None:
    keys, seen = Keys((TOKEN,), (key_of_aes(AES_KEY),), CORP), Counter[str]()

    @given(ENVELOPES)
    @settings(max_examples=20_000 if long else 300, suppress_health_check=[HealthCheck.too_slow], database=None)
    def reads(body: bytes) -> None:
        seen["inputs"] += 1
        try:
            xml = decrypt(keys, encrypted_of(body))
            fields = fields_of(xml)
            assert sender_of(fields)
            assert key_of(fields, xml)
            seen["taken"] += 1
        except BadCallbackError as refused:
            seen[refused.why if 400 <= refused.status < 500 else "5xx"] += 1

    reads()
    print("hypothesis:", dict(seen.most_common()))
    assert seen["inputs"] >= (20_000 if long else 300)
    # It comes as far as the innermost storey.
    assert {"length", "padding", "xml", "no_Encrypt"} <= set(seen)
    assert seen["5xx"] == 0


PAYLOADS = [
    wecom.text("a", NOW, "树"), wecom.image("a", NOW, "m"), wecom.location("a", NOW, "116.39", "39.95"),
    wecom.location_select("a", NOW, "116.39", "39.95"), wecom.click("a", NOW, "mine"), wecom.device("a", NOW, "1", "2"),
    wecom.card_click("a", NOW, "1:0:1", "c"), wecom.pictures("pic_weixin", "a", NOW, "aa" * 16, "bb" * 16),
    wecom.changed("update_user", "a", NOW, NewUserID="b"), wecom.message("voice", "a", NOW, MediaId="v"),
]  # fmt: skip


def spoiled(chance: random.Random, data: bytes) -> bytes:
    """Some bytes changed, cut out, doubled, or put in."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(spoilt) + 1)
        how = chance.randrange(4)
        if how == 0 and at < len(spoilt):
            spoilt[at] = chance.randrange(256)
        elif how == 1:
            del spoilt[at : at + chance.randint(1, 20)]
        elif how == 2:
            spoilt[at:at] = spoilt[at : at + chance.randint(1, 60)]
        else:
            spoilt[at:at] = chance.choice(
                [b"<", b"]]>", b"&#0;", b"\xff", b"9" * 30, "林".encode(), b"\0", b"-1", b"nan"]
            )
    return bytes(spoilt)


ODD = [
    "", " ", "0", "-1", "9" * 30, "nan", "inf", "-inf", "1e400", "１２", "林" * 20, "a" * 64, "a" * 65, "1:0:1",
    "1:99:1", "999999999999999999:1:1", "<x/>", "<x><y>1</y></x>", "<item>1</item><item>2</item>", "&lt;b&gt;",
    "subscribe", "LOCATION", "text", "location", "delete_user", "2", "0", "/help", "统计 今年", "校准 1,2",
]  # fmt: skip
_FIELD = re.compile(r"<(\w+)>(?:<!\[CDATA\[[^]]*\]\]>|[^<]*)</\1>")


def odd(chance: random.Random, xml: str) -> str:
    """A message of good form whose fields are odd, doubled or missing."""
    for _ in range(chance.randint(1, 3)):
        fields = list(_FIELD.finditer(xml))
        if not fields:
            break
        one = chance.choice(fields)
        made = f"<{one[1]}>{chance.choice(ODD)}</{one[1]}>"
        made = chance.choice([made, made, made, one[0] + made, ""])
        xml = xml[: one.start()] + made + xml[one.end() :]
    return xml


def anything(chance: random.Random) -> Sealed:
    """A callback that is spoilt in one of its storeys: envelope, ciphertext, frame, message."""
    xml = chance.choice(PAYLOADS).encode()
    now = int(time())
    good = sealed(xml.decode(), now)
    how = chance.randrange(9)
    if how == 0:
        return Sealed(good.query, spoiled(chance, good.body))
    if how == 1:
        name = chance.choice(sorted(good.query))
        return Sealed({**good.query, name: chance.choice(["", "x", "9" * 400, "林", "-1", "1e9", "\0"])}, good.body)
    if how == 2:
        return signed(chance.choice(["", "====", "A" * 7, os.urandom(48).hex()]), now)
    if how == 3:
        return signed(encrypted(os.urandom(chance.choice([16, 32, 64, 1600]))), now)
    if how == 4:
        frame = padded(spoiled(chance, framed(xml)))
        return signed(encrypted(frame), now)
    if how == 5:
        return signed(encrypted(padded(framed(spoiled(chance, xml)))), now)
    return sealed(odd(chance, xml.decode()), now)


def test_any_callback_gets_200_or_is_refused_and_memory_stays_flat(engine: Engine, tmp_path: Path, long: bool) -> None:
    chance, statuses, sizes = random.Random(7), Counter[int](), list[int]()
    number = 20_000 if long else 600

    async def scene(doors: Doors) -> None:
        tracemalloc.start()
        for n in range(number):
            statuses[await doors.delivers(anything(chance))] += 1
            if n % (number // 4) == number // 4 - 1:
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()

    play(engine, tmp_path, scene)
    print("callbacks:", dict(statuses), "traced bytes:", sizes)
    assert set(statuses) <= {200, 400, 403, 413}
    assert statuses[200] > number // 10
    assert statuses[400] > number // 5
    assert sizes[-1] < sizes[1] + 3_000_000


def test_what_was_taken_of_it_is_worked_on_or_parked_and_stops_nobody(
    engine: Engine, tmp_path: Path, long: bool
) -> None:
    chance = random.Random(11)

    async def scene(doors: Doors) -> None:
        for _ in range(3_000 if long else 200):
            await doors.delivers(sealed(odd(chance, chance.choice(PAYLOADS)), int(time())))

    play(engine, tmp_path, scene)
    worker = Worker(engine, read_settings(database_url=str(engine.url), data_dir=tmp_path))
    for _ in range(2_000):
        with transaction(engine) as session:
            session.execute(update(Inbox).values(next_try_at=None))
        if not worker.work_once(datetime.now(UTC)):
            break
    with reading(engine) as session:
        states = Counter(session.scalars(select(Inbox.state)))
    assert states["waiting"] == 0
    assert states["done"] > 50
    # What the translation does not understand is answered, not parked.
    assert states["parked"] == 0


def play(engine: Engine, folder: Path, scene: Callable[[Doors], Awaitable[None]]) -> None:
    async def run() -> None:
        async with wecom_doors(engine, wecom_settings(str(engine.url), folder)) as doors:
            await scene(doors)

    asyncio.run(run())
