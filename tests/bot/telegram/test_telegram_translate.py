"""Updates into messages (电报翻译): a table of what Telegram writes and what we read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram_standin import StandIn

from bot.telegram.keys import chat_of, key_of
from bot.telegram.translate import translate
from models.message import Kind, Message
from services.inbox import Waiting

NOW = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)
SENT = int(datetime(2026, 11, 24, 2, tzinfo=UTC).timestamp())
HU = {"id": 7001, "is_bot": False, "first_name": "胡"}
US = {"id": 1, "is_bot": True, "first_name": "b"}
PRIVATE = {"id": 7001, "type": "private", "first_name": "胡"}
GROUP = {"id": -100200, "type": "supergroup", "title": "林长办"}
PLACE = {"longitude": 116.385325, "latitude": 39.949052}


def said(**what: Any) -> dict[str, Any]:
    return {"update_id": 9, "message": {"message_id": 31, "date": SENT, "from": HU, "chat": PRIVATE, **what}}


def read(update: dict[str, Any], bot: str = "xunlin_test_bot") -> Message:
    raw = json.dumps({"bot": bot, "update": update})
    return translate(Waiting(5, "telegram", "k", "telegram:7001", raw, NOW, 0))


SIZES = [
    {"file_id": "s", "file_unique_id": "us", "width": 90, "height": 67, "file_size": 1000},
    {"file_id": "l", "file_unique_id": "ul", "width": 1280, "height": 960, "file_size": 90000},
    {"file_id": "m", "file_unique_id": "um", "width": 320, "height": 240, "file_size": 9000},
]
ORIGIN = {"type": "user", "date": SENT - 500, "sender_user": HU}
DOCUMENT = {"file_id": "d", "file_unique_id": "ud", "mime_type": "image/jpeg", "file_name": "IMG.JPG", "file_size": 12}

TABLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "words": (said(text="今天正常"), {"kind": Kind.TEXT, "text": "今天正常", "message_ref": "telegram:7001:31"}),
    "a command": (said(text="/count 2023"), {"kind": Kind.TEXT, "text": "/count 2023"}),
    "a location": (said(location={**PLACE, "horizontal_accuracy": 12.5}), {"kind": Kind.LOCATION, "live_until": None}),
    "a venue": (said(venue={"location": PLACE, "title": "公园", "address": "x"}), {"kind": Kind.LOCATION}),
    "a photo": (said(photo=SIZES, caption="倒了一棵"), {"kind": Kind.PHOTO, "text": "倒了一棵"}),
    "an album": (said(photo=SIZES, media_group_id="88"), {"kind": Kind.PHOTO, "group_id": "7001:88"}),
    "a picture as a file": (said(document=DOCUMENT), {"kind": Kind.PHOTO, "file": None}),
    "a sheet": (said(document={**DOCUMENT, "mime_type": "text/csv"}), {"kind": Kind.FILE, "photos": ()}),
    "a forwarded text": (said(text="x", forward_origin=ORIGIN), {"kind": Kind.TEXT, "forwarded": True}),
    "an answer": (said(text="x", reply_to_message=said()["message"]), {"reply_to_platform": "31"}),
    "the own card": (
        said(contact={"phone_number": "+8615400000001", "first_name": "胡", "user_id": 7001}),
        {"kind": Kind.CONTACT, "data": {"phone": "+8615400000001", "own": True}},
    ),
    "another's card": (
        said(contact={"phone_number": "15400000002", "first_name": "万", "user_id": 7002}),
        {"kind": Kind.CONTACT, "data": {"phone": "15400000002", "own": False}},
    ),
    "the own card, forwarded": (
        said(contact={"phone_number": "15400000001", "first_name": "胡", "user_id": 7001}, forward_origin=ORIGIN),
        {"kind": Kind.CONTACT, "data": {"phone": "15400000001", "own": False}},
    ),
    "a sticker": (said(sticker={"file_id": "s", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1,
                                "is_animated": False, "is_video": False}), {"kind": Kind.UNKNOWN}),
    "a group's command": (
        said(text="/count@xunlin_test_bot 2023", chat=GROUP),
        {"text": "/count 2023", "in_group": True, "named_us": True, "own_chat": "7001", "chat_id": "-100200"},
    ),
    "a command for another bot": (
        said(text="/count@other_bot", chat=GROUP), {"text": "/count@other_bot", "named_us": False},
    ),
    "a group's talk": (said(text="天气不错", chat=GROUP), {"in_group": True, "named_us": False}),
    "blocked": (
        {"update_id": 9, "my_chat_member": {
            "chat": PRIVATE, "from": HU, "date": SENT,
            "old_chat_member": {"status": "member", "user": US},
            "new_chat_member": {"status": "kicked", "until_date": 0, "user": US},
        }},
        {"kind": Kind.MEMBER, "data": {"away": True}},
    ),
    "a press": (
        {"update_id": 9, "callback_query": {"id": "77", "from": HU, "chat_instance": "1", "data": "2s.1.t4000",
                                            "message": said()["message"]}},
        {"kind": Kind.PRESS},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("update", "expected"), TABLE.values(), ids=TABLE.keys())
def test_what_telegram_writes_is_read(update: dict[str, Any], expected: dict[str, Any]) -> None:
    message = read(update)
    assert {name: getattr(message, name) for name in expected} == expected
    assert message.sender_id == "7001"


def test_the_time_is_telegrams_and_the_position_is_wgs84() -> None:
    message = read(said(location={**PLACE, "horizontal_accuracy": 12.5}))
    assert message.sent_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert message.location
    assert (message.location.lon, message.location.lat, message.location.accuracy_m) == (116.385325, 39.949052, 12.5)
    assert (message.location.datum, message.location.forwarded) == ("wgs84", False)


def test_the_largest_size_of_a_photo_is_taken() -> None:
    (photo,) = read(said(photo=SIZES)).photos
    assert (photo.ref, photo.unique, photo.original) == ("l", "ul", False)


def test_a_picture_sent_as_a_file_is_an_original() -> None:
    (photo,) = read(said(document=DOCUMENT)).photos
    assert (photo.ref, photo.original, photo.name) == ("d", True, "IMG.JPG")


def test_a_live_location_has_its_end_and_its_ticks_are_no_locations() -> None:
    start = read(said(location={**PLACE, "live_period": 900}))
    assert start.live_until == datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
    edit = said(location=PLACE, edit_date=SENT + 60)
    tick = read({"update_id": 10, "edited_message": edit["message"]})
    assert (tick.kind, tick.message_ref, tick.sent_at) == (
        Kind.TICK, start.message_ref, datetime(2026, 11, 24, 2, 1, tzinfo=UTC),
    )  # fmt: skip
    for_ever = read(said(location={**PLACE, "live_period": 0x7FFFFFFF}))
    assert for_ever.live_until == datetime(2026, 11, 24, 2, tzinfo=UTC) + timedelta(days=1)


@pytest.mark.parametrize("data", ["", "x", "1.2", "1.2.zz!", "1.-2.3.4", "é.1.2"])
def test_made_up_button_data_names_no_button(data: str) -> None:
    query = {"id": "77", "from": HU, "chat_instance": "1", "data": data, "message": said()["message"]}
    press = read({"update_id": 9, "callback_query": query}).press
    assert press
    assert (press.outbox_id, press.stamp) == (0, None)


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": 9},
        {"update_id": 9, "poll": {}},
        {"unreadable": "<html>"},
        {"update_id": 9, "message": {"x": 1}},
    ],
)
def test_what_holds_nothing_readable_is_refused_for_the_worker_to_park(update: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read(update)


def test_the_same_message_under_another_update_number_has_the_same_key() -> None:
    first, again = said(text="x"), {**said(text="x"), "update_id": 70001}
    assert key_of("4242", first) == key_of("4242", again)
    assert key_of("4242", first) != key_of("4343", first)


def test_an_edit_a_press_and_a_change_have_keys_of_their_own() -> None:
    edit = {"update_id": 1, "edited_message": {**said(text="x")["message"], "edit_date": SENT + 5}}
    keys = {key_of("1", one) for one in (said(text="x"), edit, TABLE["a press"][0], TABLE["blocked"][0], {"a": 1})}
    assert len(keys) == 5


def test_the_order_is_kept_by_chat_even_of_what_cannot_be_read() -> None:
    assert chat_of(said(text="x")) == "telegram:7001"
    assert chat_of(TABLE["a press"][0]) == "telegram:7001"
    assert chat_of(TABLE["blocked"][0]) == "telegram:7001"
    assert chat_of({"unreadable": "…"}) == "telegram:none"


def test_the_stand_in_writes_what_the_table_reads() -> None:
    update = StandIn().says(7001, text="今天正常")
    assert read(update).text == "今天正常"
