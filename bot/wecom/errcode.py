"""What WeCom's errcodes mean for us (错误码): HTTP 200 with an errcode is a refusal."""

from datetime import timedelta

from bot.channel_error import ChannelError

RENEW = {40014, 42001}
"""The access token is of no use any more."""
WAIT = {45009: timedelta(seconds=60), 45033: timedelta(seconds=2)}
"""Too many requests, too many at once; the wait is ours, WeCom names none."""
BUSY = {-1, 50001}
CONFIGURATION = {40001, 40013, 40056, 48001, 48002, 50002, 60011, 60020, 301002, 301005}
"""Secret, corporation, rights, allow-listed IP: only a person in the console can mend it."""
GONE = {40003, 60111, 81013}
"""The member is not in the directory, or not in the visible range."""


class ConfigurationError(ChannelError):
    """WeCom refuses until somebody mends the console's settings; nothing is lost meanwhile."""

    def __init__(self, errcode: int) -> None:
        super().__init__(f"errcode {errcode}", retryable=True)
        self.errcode = errcode


def error_of(errcode: int) -> ChannelError:
    """The error of an errcode: wait, try again, tell the operator, give up on the person or on the message."""
    why = f"errcode {errcode}"
    if errcode in WAIT:
        return ChannelError(why, retryable=True, retry_after=WAIT[errcode])
    if errcode in CONFIGURATION:
        return ConfigurationError(errcode)
    if errcode in BUSY or errcode in RENEW:
        return ChannelError(why, retryable=True)
    return ChannelError(why, gone=errcode in GONE)
