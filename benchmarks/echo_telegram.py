"""Bare echo bots to compare with (对照机器人): `python -m benchmarks.echo_telegram ptb|ptb-aiohttp ADDRESS TOKEN`.

They store nothing and promise nothing: they say what any bot on the library costs at least.
"""

import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot.telegram.request import AiohttpRequest


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Say again what was said."""
    if update.effective_chat and update.message:
        await context.bot.send_message(update.effective_chat.id, update.message.text or "")


def main() -> None:
    """Poll and echo until killed."""
    transport, address, token = sys.argv[1:4]
    builder = Application.builder().token(token).base_url(f"{address}/bot").base_file_url(f"{address}/file/bot")
    builder = builder.concurrent_updates(True)
    if transport == "ptb-aiohttp":
        builder = builder.request(AiohttpRequest(512)).get_updates_request(AiohttpRequest(2))
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    main()
