"""What a refusal of a platform means for us (渠道错误): try again, wait, or give up on the person or the message."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass
class ChannelError(Exception):
    """A message that a channel did not take; `why` is one line without a token or what anybody wrote."""

    why: str
    retryable: bool = False
    """It may pass: the network, a busy platform, an answer that never came."""
    retry_after: timedelta | None = None
    """The platform told the whole channel to wait so long."""
    chat_wait: timedelta | None = None
    """This chat alone must wait so long."""
    gone: bool = False
    """The person has blocked us or left: nothing more is sent to this chat."""
    moved_to: str | None = None
    """The chat has a new number."""

    def __str__(self) -> str:
        return self.why
