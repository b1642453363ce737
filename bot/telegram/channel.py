"""The Telegram channel as the loops need it (渠道): set up from the settings, by polling or by webhook."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy import Engine
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.bell import Bells
from bot.channel_error import ChannelError
from bot.network import NetworkChannel
from bot.network_sender import Limits
from bot.settings import Settings
from bot.telegram import commands
from bot.telegram.client import ALLOWED_UPDATES, POLLING, SENDING, Client
from bot.telegram.errors import meaning_of
from bot.telegram.poll import Poll, owner_name
from bot.telegram.receive import Intake, webhook_routes
from bot.telegram.send import Speaker

_MB = 1024 * 1024
MOST_BYTES = 20 * _MB
"""What getFile gives at most (Bot API)."""
WHOLE_TRANSFER_S = 30.0
_TELEGRAMS_OWN = 30.0
_SETUP_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0

log = structlog.get_logger()


async def start(engine: Engine, settings: Settings, bells: Bells) -> NetworkChannel | None:
    """The channel, where a token is set; none else, and none where data must stay in China."""
    if settings.telegram_token is None:
        return None
    client = Client(settings.telegram_token.get_secret_value(), settings.telegram_api_url, SENDING)
    poller = Client(client.token, settings.telegram_api_url, POLLING)
    await client.open()
    await poller.open()
    intake = Intake(engine, poller, _number_of(client), bells.work)
    speaker = Speaker(client, engine, settings.data_dir, lambda leased: commands.show_to(client, leased))
    webhook = settings.telegram_mode == "webhook"
    secret = settings.telegram_webhook_secret
    routes = webhook_routes(intake, secret.get_secret_value()) if webhook and secret else None

    async def receive(stop: asyncio.Event) -> None:
        await _until_stop(stop, lambda: _introduce(client, settings, intake))
        if not webhook:
            await Poll(intake, owner_name(settings.embedded)).run(stop)

    async def fetch(file_id: str) -> bytes:
        return await _fetched(client, file_id)

    async def close() -> None:
        await client.close_pool()
        await poller.close_pool()

    limits = Limits(settings.telegram_rate, _gap_of(settings.telegram_rate))
    return NetworkChannel("telegram", speaker.post, limits, fetch, receive, routes, close)


def _number_of(client: Client) -> str:
    # It stands before the colon of every token: keys need no network.
    return client.token.partition(":")[0]


async def _introduce(client: Client, settings: Settings, intake: Intake) -> None:
    """Ask who we are, tell Telegram how updates are to come and which commands there are; raises `TelegramError`."""
    intake.username = (await client.get_me()).username or ""
    if settings.telegram_mode == "webhook" and settings.telegram_webhook_secret:
        await client.set_webhook(
            settings.telegram_webhook_url, allowed_updates=ALLOWED_UPDATES,
            secret_token=settings.telegram_webhook_secret.get_secret_value(),
        )  # fmt: skip
    else:
        await client.delete_webhook()
    try:
        await commands.show_to_everyone(client, settings.language)
    except BadRequest as error:
        log.warning("commands_not_set", error=type(error).__name__)


async def _until_stop(stop: asyncio.Event, what: Callable[[], Awaitable[None]]) -> None:
    """Do something until it works or the stop comes; what fails is said once."""
    wait, said = _SETUP_WAIT_S, None
    while not stop.is_set():
        try:
            await what()
            return
        except TelegramError as error:
            if (name := type(error).__name__) != said:
                log.warning("telegram_not_ready", error=name, token_refused=isinstance(error, InvalidToken))
                said = name
        try:
            await asyncio.wait_for(stop.wait(), wait)
        except TimeoutError:
            wait = min(wait * 2, _LONGEST_WAIT_S)


async def _fetched(client: Client, file_id: str) -> bytes:
    try:
        return await client.file_bytes(file_id, MOST_BYTES, WHOLE_TRANSFER_S)
    except TelegramError as error:
        raise meaning_of(error) from None
    except ValueError as error:
        raise ChannelError(str(error), retryable=str(error) == "cut short") from None


def _gap_of(per_second: float) -> Callable[[str], timedelta]:
    """The gap between two messages to a chat: a second, to a group three; none where the limits are lifted."""
    if per_second > _TELEGRAMS_OWN:
        return lambda chat_id: timedelta()
    return lambda chat_id: timedelta(seconds=3 if chat_id.startswith("-") else 1)
