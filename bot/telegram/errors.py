"""What Telegram's refusals mean for us (错误分类)."""

from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channel_error import ChannelError

_GONE = ("chat not found", "user is deactivated", "user_is_blocked", "peer_id_invalid", "bot was blocked")
_NO_TOKEN = timedelta(minutes=1)


def meaning_of(error: TelegramError) -> ChannelError:
    """What is to be done about a refusal."""
    if isinstance(error, RetryAfter):
        return ChannelError("wait", retry_after=_span(error))
    if isinstance(error, ChatMigrated):
        return ChannelError("moved", moved_to=str(error.new_chat_id))
    if isinstance(error, Forbidden) or any(sign in str(error).lower() for sign in _GONE):
        return ChannelError(type(error).__name__, gone=True)
    if isinstance(error, InvalidToken):
        # An operator mends the token; until then nothing is lost and nobody is hammered.
        return ChannelError("token refused", retry_after=_NO_TOKEN)
    if isinstance(error, BadRequest):
        return ChannelError(f"refused: {error}"[:200])
    return ChannelError(type(error).__name__, retryable=isinstance(error, NetworkError))


def _span(error: RetryAfter) -> timedelta:
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
