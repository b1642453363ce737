"""What WeCom delivers (企业微信的消息和事件): one recorded shape a type, as its documents and consoles show them."""

import re
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

from wecom_seal import CORP

_ids = count(7_000_000_000_000_001)


def message(kind: str, sender: str, at: int, msg_id: int | None = None, **fields: Any) -> str:
    """A message of a member."""
    return _xml(sender, at, kind, {**fields, "MsgId": msg_id or next(_ids), "AgentID": 1000002})


def event(name: str, sender: str, at: int, **fields: Any) -> str:
    """An event of a member; `sys` sends those of the directory."""
    return _xml(sender, at, "event", {"Event": name, **fields, "AgentID": 1000002})


def text(sender: str, at: int, said: str, msg_id: int | None = None) -> str:
    return message("text", sender, at, msg_id, Content=said)


def image(sender: str, at: int, media_id: str, msg_id: int | None = None) -> str:
    return message("image", sender, at, msg_id, PicUrl="http://127.0.0.1:1/never", MediaId=media_id)


def location(sender: str, at: int, lon: str, lat: str, msg_id: int | None = None) -> str:
    """A place picked on the map; X is the latitude."""
    place = {"Location_X": lat, "Location_Y": lon, "Scale": 16, "Label": "北京市西城区"}
    return message("location", sender, at, msg_id, **place, AppType="wxwork")


def in_wechat(xml: str) -> str:
    """The same from WeChat with its plug-in, which leaves this field out."""
    assert "AppType" in xml
    return re.sub(r"<AppType>.*?</AppType>", "", xml)


def location_select(sender: str, at: int, lon: str, lat: str) -> str:
    """The menu's picker."""
    info = {"Location_X": lat, "Location_Y": lon, "Scale": 16, "Label": "德胜街道", "Poiname": ""}
    return event("location_select", sender, at, EventKey="location", SendLocationInfo=info, AppType="wxwork")


def app_event(name: str, at: int, effect_at: int | None = None) -> str:
    """What WeCom says of the app itself."""
    return event(name, "sys", at, **({"EffectTime": effect_at} if effect_at else {}))


def click(sender: str, at: int, key: str) -> str:
    return event("click", sender, at, EventKey=key)


def card_click(sender: str, at: int, key: str, code: str) -> str:
    """A button of a card."""
    return event(
        "template_card_event", sender, at, EventKey=key, TaskId="1-1-0", CardType="button_interaction",
        ResponseCode=code,
    )  # fmt: skip


def pictures(name: str, sender: str, at: int, *md5: str) -> str:
    """Photos that follow as messages of their own."""
    items = [{"PicMd5Sum": one} for one in md5]
    return event(name, sender, at, EventKey="photo", SendPicsInfo={"Count": len(md5), "PicList": {"item": items}})


def device(sender: str, at: int, lon: str, lat: str) -> str:
    """A position that the phone tells by itself."""
    return event("LOCATION", sender, at, Latitude=lat, Longitude=lon, Precision="65.000", AppType="wxwork")


def changed(change: str, user: str, at: int, **fields: Any) -> str:
    """A change of the directory."""
    return event("change_contact", "sys", at, ChangeType=change, UserID=user, **fields)


def _xml(sender: str, at: int, kind: str, fields: dict[str, Any]) -> str:
    head = {"ToUserName": CORP, "FromUserName": sender, "CreateTime": at, "MsgType": kind}
    return f"<xml>{_inner({**head, **fields})}</xml>"


def _inner(fields: dict[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        return f"<{name}>{_inner(value)}</{name}>"
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    return (
        f"<{name}><![CDATA[{value}]]></{name}>" if "]]>" not in str(value) else f"<{name}>{escape(str(value))}</{name}>"
    )
