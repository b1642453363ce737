"""What WeCom delivers, in neutral words (企业微信翻译): every recorded message and event, the known and the new."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import wecom_payloads as wecom
from geocoordinates_ffi import geocoordinates_ffi as oracle
from hypothesis import given
from hypothesis import strategies as st

from bot.wecom.envelope import fields_of, key_of, sender_of
from bot.wecom.translate import APP_EVENTS, translate
from models.message import Kind, Message
from rules.geometry import distance_between_m
from services.inbox import Waiting

AT = 1_795_485_600
NOW = datetime(2026, 11, 24, 2, 0, 1, tzinfo=UTC)
PAIRS = Path(__file__).parents[2] / "demo" / "xicheng" / "geo" / "wgs84_gcj02_pairs.csv"
GCJ02 = {"location": "gcj02", "event": "gcj02"}


def message_of(xml: str, datum: dict[str, str] | None = None) -> Message:
    raw = json.dumps({"xml": xml, "datum": datum or GCJ02})
    return translate(Waiting(1, "wecom", "k", "wecom:zhangsan", raw, NOW, 0))


KNOWN: dict[str, tuple[str, Kind, dict[str, Any]]] = {
    "text": (wecom.text("ZhangSan", AT, "树都好"), Kind.TEXT, {"text": "树都好", "choice": None}),
    "number": (wecom.text("ZhangSan", AT, "2"), Kind.TEXT, {"text": "2", "choice": 2}),
    "wide number": (wecom.text("ZhangSan", AT, "１２"), Kind.TEXT, {"choice": 12}),
    "year": (wecom.text("ZhangSan", AT, "2023"), Kind.TEXT, {"choice": None}),
    "image": (wecom.image("ZhangSan", AT, "media-1"), Kind.PHOTO, {"photos_sent": 1}),
    "image without id": (wecom.image("ZhangSan", AT, ""), Kind.UNKNOWN, {}),
    "voice": (wecom.message("voice", "ZhangSan", AT, MediaId="v", Format="amr"), Kind.RECORDING,
              {"data": {"recording": "voice", "ref": "v"}}),
    "video": (wecom.message("video", "ZhangSan", AT, MediaId="w", ThumbMediaId="t"), Kind.RECORDING,
              {"data": {"recording": "video", "ref": "w"}}),
    "location": (wecom.location("ZhangSan", AT, "116.391575", "39.950455"), Kind.LOCATION, {}),
    "location without digits": (wecom.location("ZhangSan", AT, "", "x"), Kind.UNKNOWN, {"location": None}),
    "link": (wecom.message("link", "ZhangSan", AT, Title="通知", Description="d", Url="https://e.cn/", PicUrl="p"),
             Kind.TEXT, {"text": "通知\nhttps://e.cn/"}),
    "something new": (wecom.message("hologram", "ZhangSan", AT), Kind.UNKNOWN, {}),
    "subscribe": (wecom.event("subscribe", "ZhangSan", AT), Kind.ARRIVED, {}),
    "unsubscribe": (wecom.event("unsubscribe", "ZhangSan", AT), Kind.LEFT, {}),
    "enter_agent": (wecom.event("enter_agent", "ZhangSan", AT, EventKey=""), Kind.NOTED, {}),
    "LOCATION": (wecom.device("ZhangSan", AT, "116.391575", "39.950455"), Kind.NOTED, {}),
    "click": (wecom.click("ZhangSan", AT, "mine"), Kind.TEXT, {"text": "/mine"}),
    "view": (wecom.event("view", "ZhangSan", AT, EventKey="https://e.cn/"), Kind.NOTED, {}),
    "location_select": (wecom.location_select("ZhangSan", AT, "116.391575", "39.950455"), Kind.LOCATION, {}),
    "location_select without place": (wecom.event("location_select", "ZhangSan", AT), Kind.NOTED, {}),
    "pic_sysphoto": (wecom.pictures("pic_sysphoto", "ZhangSan", AT, "AA" * 16), Kind.ANNOUNCED,
                     {"data": {"md5": ["aa" * 16]}}),
    "pic_photo_or_album": (wecom.pictures("pic_photo_or_album", "ZhangSan", AT, "aa" * 16, "x", "bb" * 16),
                           Kind.ANNOUNCED, {"data": {"md5": ["aa" * 16, "bb" * 16]}}),
    "pic_weixin": (wecom.pictures("pic_weixin", "ZhangSan", AT), Kind.NOTED, {"data": {"event": "pic_weixin"}}),
    "template_card_event": (wecom.card_click("ZhangSan", AT, "41:2:1700000000", "c"), Kind.PRESS, {}),
    "template_card_event of others": (wecom.card_click("ZhangSan", AT, "other", "c"), Kind.PRESS, {"press": None}),
    "template_card_menu_event": (wecom.event("template_card_menu_event", "ZhangSan", AT, EventKey="1:0:1"),
                                 Kind.PRESS, {}),
    "member deleted": (wecom.changed("delete_user", "ZhangSan", AT), Kind.LEFT, {}),
    "member renamed": (wecom.changed("update_user", "ZhangSan", AT, NewUserID="LiSi"), Kind.RENAMED,
                       {"data": {"new_id": "lisi"}}),
    "member changed": (wecom.changed("update_user", "ZhangSan", AT, Name="张三"), Kind.NOTED, {}),
    "member made": (wecom.changed("create_user", "ZhangSan", AT), Kind.NOTED, {}),
    "inactive_alert": (wecom.event("inactive_alert", "ZhangSan", AT, EffectTime=AT), Kind.PLATFORM,
                       {"data": {"event": "inactive_alert", "effect_at": "2026-11-24T02:00:00+00:00"}}),
    "close_inactive_agent": (wecom.event("close_inactive_agent", "ZhangSan", AT), Kind.PLATFORM,
                             {"data": {"event": "close_inactive_agent", "effect_at": None}}),
    **{
        name: (wecom.event(name, "ZhangSan", AT), Kind.PLATFORM, {})
        for name in ("low_active_alert", "low_active", "reopen_inactive_agent", "active_restored")
    },
    "open_approval_change": (wecom.event("open_approval_change", "ZhangSan", AT), Kind.NOTED, {}),
    "an event that is new": (wecom.event("teleport", "ZhangSan", AT, Where={"X": {"Y": "1"}}), Kind.NOTED, {}),
}  # fmt: skip


def test_every_type_that_wecom_documents_is_recorded() -> None:
    recorded = [fields_of(xml) for xml, _, _ in KNOWN.values()]
    assert {one["MsgType"] for one in recorded} >= {
        "text", "image", "voice", "video", "location", "link", "event",
    }  # fmt: skip
    assert {one["Event"] for one in recorded if one["MsgType"] == "event"} >= {
        "subscribe", "unsubscribe", "enter_agent", "LOCATION", "click", "view", "location_select", "pic_sysphoto",
        "pic_photo_or_album", "pic_weixin", "template_card_event", "template_card_menu_event", "change_contact",
        *APP_EVENTS,
    }  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_every_recorded_payload_has_its_meaning(name: str) -> None:
    xml, kind, more = KNOWN[name]
    said = message_of(xml)
    assert (said.kind, said.sender_id, said.chat_id) == (kind, "zhangsan", "zhangsan")
    assert said.sent_at == datetime.fromtimestamp(AT, UTC)
    assert {name: getattr(said, name) for name in more} == more


def test_a_press_names_the_message_and_the_place() -> None:
    press = message_of(wecom.card_click("ZhangSan", AT, "41:2:1700000000", "c")).press
    assert press is not None
    assert (press.outbox_id, press.button, press.stamp) == (41, 2, 1_700_000_000)


@pytest.mark.parametrize(
    "xml",
    [
        wecom.location("a", AT, "116.39", "39.95"), wecom.location_select("a", AT, "116.39", "39.95"),
        wecom.device("a", AT, "116.39", "39.95"),
    ],
)  # fmt: skip
def test_a_position_tells_whether_its_app_shows_cards(xml: str) -> None:
    assert message_of(xml).shows_buttons is True
    assert message_of(wecom.in_wechat(xml)).shows_buttons is False
    assert message_of(wecom.text("a", AT, "x")).shows_buttons is None
    assert message_of(wecom.card_click("a", AT, "41:2:1", "c")).shows_buttons is True


def test_what_is_said_of_the_app_may_name_nobody() -> None:
    assert sender_of(fields_of("<xml><MsgType>event</MsgType><Event>inactive_alert</Event></xml>")) == "sys"


def test_the_address_of_a_picture_is_no_way_to_it() -> None:
    (photo,) = message_of(wecom.image("ZhangSan", AT, "media-1")).photos
    assert (photo.ref, photo.sha256, photo.original) == ("media-1", None, False)


@pytest.mark.parametrize(
    ("xml", "source", "accuracy"),
    [
        (wecom.location("a", AT, "116.3915750", "39.950455"), "picked", None),
        (wecom.location_select("a", AT, "116.3915750", "39.950455"), "menu", None),
        (wecom.device("a", AT, "116.3915750", "39.950455"), "device", 65.0),
    ],
)
def test_every_position_carries_source_datum_digits_and_accuracy(xml: str, source: str, accuracy: float | None) -> None:
    place = message_of(xml).location
    assert place is not None
    assert (place.source, place.datum, place.raw, place.accuracy_m) == (
        source, "gcj02", "116.3915750,39.950455", accuracy,
    )  # fmt: skip
    as_sent = message_of(xml, {"location": "wgs84", "event": "wgs84"}).location
    assert as_sent is not None
    assert (as_sent.lon, as_sent.lat, as_sent.datum) == (116.391575, 39.950455, "wgs84")
    assert 450 < distance_between_m(place.lon, place.lat, as_sent.lon, as_sent.lat) < 650


def test_the_two_settings_of_the_datum_are_apart() -> None:
    mixed = {"location": "gcj02", "event": "wgs84"}
    device = message_of(wecom.device("a", AT, "116.391575", "39.950455"), mixed).location
    picked = message_of(wecom.location("a", AT, "116.391575", "39.950455"), mixed).location
    assert device is not None
    assert picked is not None
    assert (device.datum, picked.datum) == ("wgs84", "gcj02")


def places() -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("pair", places(), ids=lambda pair: pair["label"])
def test_known_places_of_xicheng_arrive_where_they_are(pair: dict[str, str]) -> None:
    place = message_of(wecom.location("a", AT, pair["gcj02_lon"], pair["gcj02_lat"])).location
    assert place is not None
    assert distance_between_m(float(pair["wgs84_lon"]), float(pair["wgs84_lat"]), place.lon, place.lat) < 0.2


@given(st.floats(75.0, 134.0), st.floats(18.5, 53.0))
def test_an_independent_library_agrees_to_a_millimetre(lon: float, lat: float) -> None:
    from rules.coordinates import gcj02_of_wgs84, wgs84_of_gcj02

    shifted = oracle.wgs84_to_gcj02(oracle.Wgs84(lat=lat, lon=lon))
    if (shifted.lon, shifted.lat) != (lon, lat):  # it draws China by its border, we by the rectangle around it
        assert distance_between_m(*gcj02_of_wgs84(lon, lat), shifted.lon, shifted.lat) < 0.001
        assert distance_between_m(*wgs84_of_gcj02(shifted.lon, shifted.lat), lon, lat) < 0.001


def test_events_are_the_same_only_when_everything_in_them_is() -> None:
    def key(xml: str) -> str:
        return key_of(fields_of(xml), xml)

    first = wecom.click("ZhangSan", AT, "mine")
    assert key(first) == key(wecom.click("ZhangSan", AT, "mine"))
    assert len({key(first), *map(key, (
        wecom.click("LiSi", AT, "mine"), wecom.click("ZhangSan", AT + 1, "mine"), wecom.click("ZhangSan", AT, "help"),
        wecom.location_select("ZhangSan", AT, "1", "2"), wecom.location_select("ZhangSan", AT, "1", "3"),
    ))}) == 6  # fmt: skip
    assert key(wecom.text("a", AT, "x", 99)) == "99"


@pytest.mark.parametrize("time", ["", "x", "-5", "99999999999999999999", "１２"])
def test_a_time_that_cannot_be_loses_nothing(time: str) -> None:
    assert message_of(wecom.text("a", time, "x")).sent_at == NOW  # type: ignore[arg-type]
