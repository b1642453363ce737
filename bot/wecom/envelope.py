"""The envelopes of WeCom (信封): XML with a limit, without DTD and entities; and what makes two deliveries the same."""

import hashlib
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.wecom.crypto import BadCallbackError

MAX_BYTES = 64 * 1024
_DEEPEST = 8
_PLATFORM = "sys"
_LONGEST_ID = 64
"""WeCom's ids have 64 bytes at most."""


def encrypted_of(body: bytes) -> str:
    """The ciphertext in a callback's body; raises `BadCallbackError`."""
    if len(body) > MAX_BYTES:
        raise BadCallbackError("size", 413)
    return text_of(_parsed(body).get("Encrypt")) or _lacking("Encrypt")


def fields_of(xml: str) -> dict[str, Any]:
    """The fields of a decrypted message; a field that comes several times is a list; raises `BadCallbackError`."""
    return _parsed(xml.encode("utf-8"))


def text_of(value: Any) -> str:
    """A field as one text; empty where it is missing or holds others."""
    return value.strip() if isinstance(value, str) else ""


def sender_of(fields: dict[str, Any]) -> str:
    """Whose message it is, in lower case: WeCom does not tell `ZhangSan` from `zhangsan`."""
    # A change of the directory is sent by `sys` about a member; what is said of the app itself may name nobody.
    sender = text_of(fields.get("UserID")) or text_of(fields.get("FromUserName"))
    if not sender:
        sender = _PLATFORM if text_of(fields.get("Event")) else _lacking("FromUserName")
    if len(sender) > _LONGEST_ID:
        raise BadCallbackError("sender")
    return sender.lower()


def key_of(fields: dict[str, Any], xml: str) -> str:
    """What makes two deliveries the same one: MsgId; for an event sender, time, event, key and the hash of it all."""
    msg_id = text_of(fields.get("MsgId"))
    if msg_id and len(msg_id) <= _LONGEST_ID:
        return msg_id
    digest = hashlib.sha256(xml.encode("utf-8")).hexdigest()[:32]
    parts = (
        sender_of(fields),
        *(text_of(fields.get(name))[:_LONGEST_ID] for name in ("CreateTime", "Event", "EventKey")),
    )
    return ":".join((*parts, digest))


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        root = fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadCallbackError("xml") from None
    found = _value(root, 0)
    return found if isinstance(found, dict) else {}


def _value(element: Element, depth: int) -> Any:
    if depth > _DEEPEST:
        raise BadCallbackError("xml")
    if not len(element):
        return element.text or ""
    fields: dict[str, Any] = {}
    for child in element:
        value = _value(child, depth + 1)
        if child.tag not in fields:
            fields[child.tag] = value
        elif isinstance(fields[child.tag], list):
            fields[child.tag].append(value)
        else:
            fields[child.tag] = [fields[child.tag], value]
    return fields


def _lacking(name: str) -> str:
    raise BadCallbackError(f"no_{name}")
