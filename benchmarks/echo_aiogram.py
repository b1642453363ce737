"""A bare echo bot on aiogram (对照机器人): `PYTHON benchmarks/echo_aiogram.py ADDRESS TOKEN`, where PYTHON has aiogram.

Aiogram is no dependency of ours: it runs in an environment of its own.
"""

import asyncio
import sys
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer


async def main() -> None:
    """Poll and echo until killed."""
    address, token = sys.argv[1:3]
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(address)))
    dispatcher = Dispatcher()

    @dispatcher.message()  # type: ignore[untyped-decorator]
    async def echo(message: Any) -> None:
        await bot.send_message(message.chat.id, message.text)

    await dispatcher.start_polling(bot, allowed_updates=["message"])


if __name__ == "__main__":
    asyncio.run(main())
