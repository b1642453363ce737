"""The command list that Telegram shows beside the input (命令列表): by role and language, in each chat its own."""

import structlog
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import TelegramError

from bot.telegram.client import Client
from locales import LANGUAGES, say, words
from services.outbox import Leased

_TELEGRAMS_NAME = {"zh_CN": "zh", "en": "en"}

log = structlog.get_logger()


async def show_to_everyone(client: Client, language: str) -> None:
    """Set the lists for those who are not known yet, in each language, and for groups."""
    private, groups = BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()
    await client.set_my_commands(_listed(language, "guest"), scope=private)
    await client.set_my_commands(_listed(language, "group"), scope=groups)
    for one in LANGUAGES:
        await client.set_my_commands(_listed(one, "guest"), scope=private, language_code=_TELEGRAMS_NAME[one])


async def show_to(client: Client, leased: Leased) -> None:
    """Set the list of one chat, by the role that its keyboard was made for."""
    role, language = leased.body.get("role"), leased.body.get("language")
    if not role or not language:
        return
    try:
        scope = BotCommandScopeChat(leased.chat_id)
        await client.set_my_commands(_listed(language, role), scope=scope)
    except TelegramError as error:
        # The list is a convenience: the words work without it.
        log.debug("commands_not_set", error=type(error).__name__)


def _listed(language: str, role: str) -> list[BotCommand]:
    return [BotCommand(name, say(language, f"command_hint.{name}")) for name in words(language, f"command_list.{role}")]
