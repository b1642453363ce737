"""What a platform says of our app itself (平台通知): it is about to be switched off, it was, it is on again."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.inbox import Inbox
from services import alarm

ALARM = "wecom.app"
_PLATFORM = "wecom:sys"
"""The chat of what the platform itself says."""


def warn(session: Session, event: str, since: datetime) -> None:
    """Raise the alarm about the app; `since` is the instant from which it works no more."""
    alarm.sound(session, ALARM, f"{event} {since.astimezone(UTC).isoformat(timespec='minutes')}")


def warned(session: Session) -> tuple[str, datetime] | None:
    """The event of the alarm and its instant."""
    event, _, since = (alarm.text_of(session, ALARM) or "").partition(" ")
    return (event, datetime.fromisoformat(since)) if since else None


def over(session: Session) -> None:
    """End the alarm: the app works."""
    alarm.end(session, ALARM)


def end_if_used(session: Session) -> None:
    """End the alarm where somebody has written since the app should have been off."""
    if (told := warned(session)) is None:
        return
    people = select(Inbox.received_at).where(Inbox.channel == "wecom", Inbox.chat != _PLATFORM)
    latest = session.scalar(people.order_by(Inbox.id.desc()).limit(1))
    if latest is not None and latest > told[1]:
        over(session)
