"""Says a message of ours in Telegram (发送): text, table, picture, document, buttons, keyboard."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from telegram import InputFile, Message, PhotoSize
from telegram.error import BadRequest, TelegramError

from bot import store
from bot.telegram.client import Client
from bot.telegram.errors import meaning_of
from bot.telegram.words import LONGEST_CAPTION, cut, parts_of
from models.engine import reading, transaction
from services import platform_file
from services.outbox import Leased

_IN_A_ROW = 3
_ASKED_OF_THE_PHONE = ("location", "contact")
Markup = dict[str, Any] | None
"""Buttons or a keyboard as the Bot API writes them."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says messages as one bot."""

    client: Client
    engine: Engine
    data_dir: Path
    greet: Callable[[Leased], Awaitable[None]]
    """Called for a message that brings a keyboard: the chat's command list follows it."""

    async def post(self, leased: Leased) -> str | None:
        """Send a message and give what Telegram calls its last part; raises `ChannelError`."""
        try:
            said = await self._say(leased)
        except TelegramError as error:
            raise meaning_of(error) from None
        if leased.body.get("role") and not _is_group(leased.chat_id):
            await self.greet(leased)
        return said

    async def _say(self, leased: Leased) -> str | None:
        body, markup = leased.body, _markup(leased)
        if files := (body.get("pictures") or body.get("documents")):
            return await self._say_with_file(leased, files[0], markup)
        parts = parts_of(body.get("text") or "", body.get("table"))
        said = None
        for number, part in enumerate(parts, 1):
            last = markup if number == len(parts) else None
            said = await self.client.say(leased.chat_id, part, last)
        return said

    async def _say_with_file(self, leased: Leased, file: dict[str, Any], markup: Markup) -> str:
        caption, *rest = list(cut(leased.body.get("text") or "", LONGEST_CAPTION)) or [""]
        kept = await asyncio.to_thread(self._known, file["sha256"])
        try:
            said = await self._send_file(leased, file, kept or self._bytes(file), caption, markup)
        except BadRequest:
            if kept is None:
                raise
            # Telegram forgot the file, or another bot's token is in use now: it gets the bytes again.
            said = await self._send_file(leased, file, self._bytes(file), caption, markup)
        await asyncio.to_thread(self._remember, file["sha256"], said)
        for part in rest:
            await self.client.send_message(leased.chat_id, part)
        return str(said.message_id)

    async def _send_file(
        self, leased: Leased, file: dict[str, Any], what: str | InputFile, caption: str, markup: Markup
    ) -> Message:
        buttons: Any = markup  # the library hands on what is written out already
        if leased.body.get("pictures"):
            return await self.client.send_photo(leased.chat_id, what, caption=caption, reply_markup=buttons)
        return await self.client.send_document(
            leased.chat_id, what, caption=caption, reply_markup=buttons, filename=file["name"]
        )

    def _bytes(self, file: dict[str, Any]) -> InputFile:
        path = store.path_of(self.data_dir, file["sha256"], Path(file["file"]).suffix)
        return InputFile(path.read_bytes(), filename=file["name"])

    def _known(self, sha256: str) -> str | None:
        with reading(self.engine) as session:
            return platform_file.known(session, "telegram", sha256)

    def _remember(self, sha256: str, said: Message) -> None:
        if (ref := _file_id(said)) is not None:
            with transaction(self.engine) as session:
                platform_file.remember(session, "telegram", sha256, ref, said.date)


def _file_id(said: Message) -> str | None:
    sizes: tuple[PhotoSize, ...] = said.photo
    if sizes:
        return max(sizes, key=lambda size: size.width * size.height).file_id
    return said.document.file_id if said.document else None


def _markup(leased: Leased) -> Markup:
    # In a group nobody's buttons are anybody's: what needs one is done in the chat with us alone.
    if _is_group(leased.chat_id):
        return None
    if rows := leased.body.get("buttons"):
        return _inline(rows, leased)
    if menu := leased.body.get("menu"):
        return _keyboard(menu)
    return None


def _inline(rows: list[list[dict[str, str]]], leased: Leased) -> dict[str, Any]:
    place = count()
    keyboard = [
        [{"text": button["label"], "callback_data": press_data(leased, next(place))} for button in row] for row in rows
    ]
    return {"inline_keyboard": keyboard}


def press_data(leased: Leased, place: int) -> str:
    """What a button carries: our message, its place, and when the message was made; it fits into 64 bytes."""
    # With the moment no number of a database that was replaced names a button of the new one.
    stamp = int(leased.created_at.timestamp())
    return ".".join(_base36(number) for number in (leased.id, place, stamp))


def _base36(number: int) -> str:
    signs = ""
    while number or not signs:
        number, rest = divmod(number, 36)
        signs = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + signs
    return signs


def _keyboard(menu: list[list[str]]) -> dict[str, Any]:
    buttons = [
        {"text": label, **({f"request_{send}": True} if send in _ASKED_OF_THE_PHONE else {})}
        for label, send, _ in menu
        if send != "photo"  # a keyboard of Telegram cannot open the camera: the paper clip does
    ]
    rows = [buttons[n : n + _IN_A_ROW] for n in range(0, len(buttons), _IN_A_ROW)]
    return {"keyboard": rows, "resize_keyboard": True, "is_persistent": True}


def _is_group(chat_id: str) -> bool:
    return chat_id.startswith("-")
