"""平台通知 (what the platform says of our app): it reaches the offices, because nobody else reads it."""

from collections.abc import Sequence
from datetime import datetime

from handlers import office_notice
from handlers.talk import Talk
from models.message import Reply
from services import platform

_OVER = {"reopen_inactive_agent", "active_restored"}


def told(talk: Talk) -> Sequence[Reply]:
    """An alarm about the app, or its end, to the offices of the districts."""
    event, at = talk.message.data["event"], talk.message.data.get("effect_at")
    if event in _OVER:
        platform.over(talk.session)
        return office_notice.to_districts(talk, "platform.over")
    since = datetime.fromisoformat(at) if at else talk.message.sent_at
    platform.warn(talk.session, event, since)
    return office_notice.to_districts(talk, f"platform.{event}", when=talk.moment(since))
