"""The bot behind a token (机器人): python-telegram-bot's `Bot` on our transport, and updates as they came."""

from typing import Any

from telegram import Bot, Update
from telegram.constants import ParseMode

from bot.telegram.request import AiohttpRequest

ALLOWED_UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
"""What we ask for, in words: Telegram remembers what was asked for last."""
SENDING, POLLING = 512, 8
"""Connections: the end that polls has its own pool, so that a hanging poll holds up no answer."""


class Client(Bot):
    """One of the two ends of our bot: the one that polls, or the one that sends."""

    def __init__(self, token: str, api_url: str, connections: int) -> None:
        address = api_url.rstrip("/")
        # One pool for all that this end does: the other end of the bot has its own.
        self._pool = AiohttpRequest(connections)
        super().__init__(
            token, base_url=f"{address}/bot", base_file_url=f"{address}/file/bot", request=self._pool,
            get_updates_request=self._pool,
        )  # fmt: skip

    async def open(self) -> None:
        """Open the pool; nothing is asked of Telegram yet."""
        await self._pool.initialize()

    async def close_pool(self) -> None:
        """Close the pool."""
        await self._pool.shutdown()

    async def raw_updates(self, offset: int | None, limit: int, wait_s: int) -> list[dict[str, Any]]:
        """The next updates as they came; raises `TelegramError`."""
        # `get_updates` would parse the whole batch: one update that it does not understand would cost the others.
        asked = {"offset": offset, "limit": limit, "timeout": wait_s, "allowed_updates": ALLOWED_UPDATES}
        updates: Any = await self._post("getUpdates", asked, read_timeout=wait_s + 10)
        return [update for update in updates if isinstance(update, dict)]

    async def say(self, chat_id: str, html: str, markup: dict[str, Any] | None) -> str:
        """Send a text and give what Telegram calls the message; raises `TelegramError`."""
        # `send_message` would make objects of the buttons and of the whole answer, of which we want one number.
        asked = {"chat_id": chat_id, "text": html, "parse_mode": ParseMode.HTML, "reply_markup": markup}
        said: Any = await self._post("sendMessage", asked)
        return str(said["message_id"])

    async def file_bytes(self, file_id: str, most_bytes: int, within_s: float) -> bytes:
        """A file that Telegram keeps, whole; raises `TelegramError`, `ValueError` where its size is another."""
        file = await self.get_file(file_id)
        if (file.file_size or 0) > most_bytes:
            raise ValueError("too large")
        data = await self._pool.download(file.file_path or "", most_bytes, within_s)
        if file.file_size is not None and len(data) != file.file_size:
            raise ValueError("cut short")
        return data
