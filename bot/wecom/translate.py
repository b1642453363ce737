"""Turns what WeCom delivered into a neutral message (翻译): every type known, or survived."""

import json
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.wecom.envelope import fields_of, sender_of, text_of
from models.message import Kind, Location, Message, PhotoRef, Press
from rules.coordinates import wgs84_of_gcj02
from services.inbox import Waiting

Fields = dict[str, Any]
_CHOICE = re.compile(r"\d{1,2}")
_KEY = re.compile(r"(\d{1,18}):(\d{1,3}):(\d{1,11})")
_MD5 = re.compile(r"[0-9a-f]{32}")
_LONGEST_TEXT, _MOST_PICTURES = 4000, 50


def translate(waiting: Waiting) -> Message:
    """The message of a delivery; raises `ValueError` for one that cannot be understood."""
    raw = json.loads(waiting.raw)
    if upload := raw.get("upload"):
        return _upload(waiting, upload)
    fields = fields_of(raw["xml"])
    sender = sender_of(fields)
    blank = Message(
        channel="wecom", chat_id=sender, sender_id=sender, inbox_id=waiting.id, kind=Kind.UNKNOWN,
        sent_at=_sent_at(fields, waiting), received_at=waiting.received_at,
    )  # fmt: skip
    make = _EVENTS.get(text_of(fields.get("Event")).casefold(), _noted) if _is_event(fields) else _MESSAGES.get(
        text_of(fields.get("MsgType")).casefold(), _unknown
    )  # fmt: skip
    return make(blank, fields, raw)


def _is_event(fields: Fields) -> bool:
    return text_of(fields.get("MsgType")).casefold() == "event"


def _sent_at(fields: Fields, waiting: Waiting) -> datetime:
    # A time that cannot be is no reason to lose what somebody sent.
    said = text_of(fields.get("CreateTime"))
    if not (said.isascii() and said.isdigit()) or len(said) > 11:
        return waiting.received_at
    return datetime.fromtimestamp(int(said), UTC)


def _text(blank: Message, fields: Fields, raw: Fields) -> Message:
    text = text_of(fields.get("Content"))[:_LONGEST_TEXT]
    typed = unicodedata.normalize("NFKC", text)
    choice = int(typed) if _CHOICE.fullmatch(typed) else None
    return replace(blank, kind=Kind.TEXT if text else Kind.UNKNOWN, text=text, choice=choice)


def _link(blank: Message, fields: Fields, raw: Fields) -> Message:
    said = [text_of(fields.get(name)) for name in ("Title", "Url")]
    text = "\n".join(one for one in said if one)[:_LONGEST_TEXT]
    return replace(blank, kind=Kind.TEXT if text else Kind.UNKNOWN, text=text)


def _image(blank: Message, fields: Fields, raw: Fields) -> Message:
    # By its id only: PicUrl is an address that anybody could have written.
    ref = text_of(fields.get("MediaId"))
    return replace(blank, kind=Kind.PHOTO, photos=(PhotoRef(ref),)) if ref else blank


def _recording(blank: Message, fields: Fields, raw: Fields) -> Message:
    data = {"recording": text_of(fields.get("MsgType")).casefold(), "ref": text_of(fields.get("MediaId"))}
    return replace(blank, kind=Kind.RECORDING, data=data) if data["ref"] else blank


def _location(blank: Message, fields: Fields, raw: Fields) -> Message:
    place = _position(fields.get("Location_Y"), fields.get("Location_X"), raw["datum"]["location"], "picked")
    return replace(blank, kind=Kind.LOCATION, location=place, shows_buttons=_in_wecom(fields)) if place else blank


def _location_select(blank: Message, fields: Fields, raw: Fields) -> Message:
    said = _inner(fields, "SendLocationInfo")
    place = _position(said.get("Location_Y"), said.get("Location_X"), raw["datum"]["location"], "menu")
    if place is None:
        return _noted(blank, fields, raw)
    return replace(blank, kind=Kind.LOCATION, location=place, shows_buttons=_in_wecom(fields) or _in_wecom(said))


def _device(blank: Message, fields: Fields, raw: Fields) -> Message:
    place = _position(
        fields.get("Longitude"), fields.get("Latitude"), raw["datum"]["event"], "device", fields.get("Precision")
    )
    return replace(_noted(blank, fields, raw), location=place, shows_buttons=_in_wecom(fields))


def _in_wecom(fields: Fields) -> bool:
    # Positions alone tell the app: `wxwork`, and nothing where it is WeChat with its plug-in, which shows no cards.
    return text_of(fields.get("AppType")).casefold() == "wxwork"


def _position(lon: Any, lat: Any, datum: str, source: str, accuracy: Any = None) -> Location | None:
    digits = text_of(lon), text_of(lat)
    try:
        x, y = float(digits[0]), float(digits[1])
    except ValueError:
        return None
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    x, y = wgs84_of_gcj02(x, y) if datum == "gcj02" else (x, y)
    return Location(x, y, _metres(accuracy), source=source, datum=datum, raw=",".join(digits))


def _metres(said: Any) -> float | None:
    try:
        value = float(text_of(said))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _click(blank: Message, fields: Fields, raw: Fields) -> Message:
    # Menu keys are the command names without the slash.
    return replace(blank, kind=Kind.TEXT, text=f"/{text_of(fields.get('EventKey'))[:64]}")


def _card(blank: Message, fields: Fields, raw: Fields) -> Message:
    key = _KEY.fullmatch(text_of(fields.get("EventKey")))
    press = Press(int(key[1]), int(key[2]), int(key[3])) if key else None
    return replace(blank, kind=Kind.PRESS, press=press, shows_buttons=True)


def _pictures(blank: Message, fields: Fields, raw: Fields) -> Message:
    # The photos follow as messages of their own; here come only their MD5 sums.
    items = _inner(_inner(fields, "SendPicsInfo"), "PicList").get("item", [])
    told = [_inner({"one": one}, "one") for one in (items if isinstance(items, list) else [items])]
    sums = [md5 for one in told if _MD5.fullmatch(md5 := text_of(one.get("PicMd5Sum")).lower())][:_MOST_PICTURES]
    return replace(blank, kind=Kind.ANNOUNCED, data={"md5": sums}) if sums else _noted(blank, fields, raw)


def _directory(blank: Message, fields: Fields, raw: Fields) -> Message:
    change = text_of(fields.get("ChangeType")).casefold()
    if change == "delete_user":
        return replace(blank, kind=Kind.LEFT)
    new_id = text_of(fields.get("NewUserID")).lower()
    if change == "update_user" and new_id and new_id != blank.sender_id:
        return replace(blank, kind=Kind.RENAMED, data={"new_id": new_id})
    return _noted(blank, fields, raw)


def _app(blank: Message, fields: Fields, raw: Fields) -> Message:
    at = text_of(fields.get("EffectTime"))
    known = at.isascii() and at.isdigit() and len(at) <= 11
    effect_at = datetime.fromtimestamp(int(at), UTC).isoformat() if known else None
    data = {"event": text_of(fields.get("Event")).casefold(), "effect_at": effect_at}
    return replace(blank, kind=Kind.PLATFORM, data=data)


def _noted(blank: Message, fields: Fields, raw: Fields) -> Message:
    return replace(blank, kind=Kind.NOTED, data={"event": text_of(fields.get("Event"))[:64]})


def _arrived(blank: Message, fields: Fields, raw: Fields) -> Message:
    return replace(blank, kind=Kind.ARRIVED)


def _left(blank: Message, fields: Fields, raw: Fields) -> Message:
    return replace(blank, kind=Kind.LEFT)


def _unknown(blank: Message, fields: Fields, raw: Fields) -> Message:
    return blank


def _inner(fields: Fields, name: str) -> Fields:
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def _upload(waiting: Waiting, upload: Fields) -> Message:
    """Original photos that came over the upload page."""
    photos = tuple(
        PhotoRef(p["sha256"], p["sha256"], p["size"], p.get("name"), original=True) for p in upload["photos"]
    )
    return Message(
        channel="wecom", chat_id=upload["user"], sender_id=upload["user"], inbox_id=waiting.id, kind=Kind.PHOTO,
        sent_at=datetime.fromisoformat(upload["at"]), received_at=waiting.received_at, photos=photos,
    )  # fmt: skip


_Make = Callable[[Message, Fields, Fields], Message]

APP_EVENTS = frozenset(
    ("inactive_alert", "close_inactive_agent", "low_active_alert", "low_active", "reopen_inactive_agent",
     "active_restored")
)  # fmt: skip
"""What WeCom says of the app itself: unused for long it is switched off, after a warning."""

_MESSAGES: dict[str, _Make] = {
    "text": _text, "image": _image, "voice": _recording, "video": _recording, "location": _location, "link": _link,
}  # fmt: skip

_EVENTS: dict[str, _Make] = {
    "subscribe": _arrived,
    "unsubscribe": _left,
    "location": _device,
    "click": _click,
    "location_select": _location_select,
    "pic_sysphoto": _pictures,
    "pic_photo_or_album": _pictures,
    "pic_weixin": _pictures,
    "template_card_event": _card,
    "template_card_menu_event": _card,
    "change_contact": _directory,
    **dict.fromkeys(APP_EVENTS, _app),
}
"""Events that do something; `enter_agent`, `view` and whatever comes new are noted."""
