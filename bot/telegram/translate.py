"""Turns an update into a neutral message (翻译); each is parsed alone, the worker parks one that cannot be."""

import json
from datetime import datetime, timedelta
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Location, Update
from telegram import Message as Said

from models.message import FileRef, Kind, Message, PhotoRef, Press
from models.message import Location as Position
from services.inbox import Waiting

_FOR_EVER = timedelta(seconds=0x7FFFFFFF)
_AWAY = {ChatMember.BANNED, ChatMember.LEFT}
_LONGEST_LIVE = timedelta(days=1)


def translate(waiting: Waiting) -> Message:
    """The message of an update; raises `ValueError` for one that holds nothing we asked for."""
    raw = json.loads(waiting.raw)
    update = Update.de_json(raw["update"], None)
    if update.callback_query:
        return _press(waiting, update.callback_query)
    if update.my_chat_member:
        return _member(waiting, update.my_chat_member)
    if update.message:
        return _message(waiting, update.message, raw.get("bot") or "")
    if update.edited_message:
        return _edit(waiting, update.edited_message, raw.get("bot") or "")
    raise ValueError("an update of a kind that was not asked for")


def _message(waiting: Waiting, said: Said, bot: str) -> Message:
    photos = _photos(said)
    position = said.location or (said.venue.location if said.venue else None)
    kind = _kind(said, photos, position)
    return _common(
        waiting, said, kind, bot,
        text=said.text or said.caption or "", location=_position(said, position), photos=photos, file=_file(said),
        group_id=f"{said.chat.id}:{said.media_group_id}" if said.media_group_id else None,
        live_until=_live_until(said), data=_contact(said) if kind is Kind.CONTACT else _recording(said),
    )  # fmt: skip


def _edit(waiting: Waiting, said: Said, bot: str) -> Message:
    if said.location:
        return _common(waiting, said, Kind.TICK, bot, location=_position(said, said.location))
    return _common(waiting, said, Kind.EDIT, bot, text=said.text or said.caption or "")


def _common(waiting: Waiting, said: Said, kind: Kind, bot: str, **more: Any) -> Message:
    in_group = said.chat.type != Chat.PRIVATE
    text = more.pop("text", "")
    sender = said.from_user.id if said.from_user else said.chat.id
    answered = said.reply_to_message.message_id if said.reply_to_message else None
    return Message(
        channel="telegram", chat_id=str(said.chat.id), sender_id=str(sender), inbox_id=waiting.id, kind=kind,
        sent_at=said.edit_date or said.date, received_at=waiting.received_at, text=_for_us(text, bot),
        reply_to_platform=str(answered) if answered else None, forwarded=said.forward_origin is not None,
        in_group=in_group, named_us=f"@{bot}".casefold() in text.casefold() if in_group and bot else False,
        message_ref=f"telegram:{said.chat.id}:{said.message_id}", **more,
    )  # fmt: skip


def _for_us(text: str, bot: str) -> str:
    # "/count@our_bot 2023" is "/count 2023"; a command for another bot keeps its name and is nobody's word here.
    head, space, rest = text.partition(" ")
    name, at, whose = head.partition("@")
    return f"{name}{space}{rest}" if at and name.startswith("/") and whose.casefold() == bot.casefold() else text


def _kind(said: Said, photos: tuple[PhotoRef, ...], position: Location | None) -> Kind:
    if said.contact:
        return Kind.CONTACT
    if photos:
        return Kind.PHOTO
    if position:
        return Kind.LOCATION
    if _recording(said):
        return Kind.RECORDING
    if said.document:
        return Kind.FILE
    return Kind.TEXT if said.text else Kind.UNKNOWN


def _recording(said: Said) -> dict[str, str]:
    voice, video = said.voice or said.audio, said.video or said.video_note
    kept = voice or video
    return {"recording": "voice" if voice else "video", "ref": kept.file_id} if kept else {}


def _photos(said: Said) -> tuple[PhotoRef, ...]:
    if said.photo:
        largest = max(said.photo, key=lambda size: size.width * size.height)
        return (PhotoRef(largest.file_id, size=largest.file_size, unique=largest.file_unique_id),)
    document = said.document
    if document and (document.mime_type or "").startswith("image/"):
        # Sent as a file the bytes are the camera's: place and time are still in them.
        return (PhotoRef(document.file_id, size=document.file_size, name=document.file_name, original=True,
                         unique=document.file_unique_id),)  # fmt: skip
    return ()


def _file(said: Said) -> FileRef | None:
    document = said.document
    if document is None or (document.mime_type or "").startswith("image/"):
        return None
    return FileRef(None, document.file_name or "", document.file_size or 0, ref=document.file_id)


def _position(said: Said, at: Location | None) -> Position | None:
    if at is None:
        return None
    source = "picked" if said.venue else "live" if at.live_period else None
    return Position(
        at.longitude, at.latitude, at.horizontal_accuracy, said.forward_origin is not None, source=source,
        datum="wgs84",
    )  # fmt: skip


def _live_until(said: Said) -> datetime | None:
    period = said.location.live_period if said.location else None
    if not period:
        return None
    span = period if isinstance(period, timedelta) else timedelta(seconds=period)
    return said.date + (_LONGEST_LIVE if span >= _FOR_EVER else span)


def _contact(said: Said) -> dict[str, Any]:
    contact = said.contact
    own = contact is not None and said.from_user is not None and contact.user_id == said.from_user.id
    return {"phone": contact.phone_number if contact else "", "own": own and said.forward_origin is None}


def _press(waiting: Waiting, query: CallbackQuery) -> Message:
    chat = query.message.chat if query.message else None
    return Message(
        channel="telegram", chat_id=str(chat.id if chat else query.from_user.id), sender_id=str(query.from_user.id),
        inbox_id=waiting.id, kind=Kind.PRESS, sent_at=waiting.received_at, received_at=waiting.received_at,
        press=_pressed(query.data or ""), in_group=chat is not None and chat.type != Chat.PRIVATE,
    )  # fmt: skip


def _pressed(data: str) -> Press:
    # Whatever a client made up names no button of ours, and is answered so.
    try:
        outbox_id, place, stamp = (int(part, 36) for part in data.split("."))
    except ValueError:
        return Press(0, 0)
    return Press(outbox_id, place, stamp)


def _member(waiting: Waiting, changed: ChatMemberUpdated) -> Message:
    away = changed.new_chat_member.status in _AWAY
    return Message(
        channel="telegram", chat_id=str(changed.chat.id), sender_id=str(changed.from_user.id), inbox_id=waiting.id,
        kind=Kind.MEMBER, sent_at=changed.date, received_at=waiting.received_at,
        in_group=changed.chat.type != Chat.PRIVATE, data={"away": away},
    )  # fmt: skip
