"""A person's own data (我的数据): all that is kept of them, in plain rows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account, Consent, Feedback
from models.base import Base
from models.chief import Chief, Post
from models.draft import Part
from models.emergency import EmergencyAnswer
from models.patrol import Patrol, PatrolEvent
from models.reminder import Reminder
from models.schedule import Schedule


def own_data(session: Session, account: Account) -> dict[str, Any]:
    """Account, roster entry, posts, patrols with their changes, parts, consents, reminders and feedback of a person."""
    chief = account.chief_id
    patrols = select(Patrol).where(Patrol.chief_id == chief).order_by(Patrol.id)
    mine = select(Patrol.id).where(Patrol.chief_id == chief)
    return {
        "account": _row(account),
        "chief": _rows(session, select(Chief).where(Chief.id == chief)),
        "posts": _rows(session, select(Post).where(Post.chief_id == chief)),
        "patrols": _rows(session, patrols),
        "changes": _rows(session, select(PatrolEvent).where(PatrolEvent.patrol_id.in_(mine))),
        "parts": _rows(session, select(Part).where(Part.patrol_id.in_(mine))),
        "consents": _rows(session, select(Consent).where(Consent.account_id == account.id)),
        "reminders": _rows(session, select(Reminder).where(Reminder.chief_id == chief)),
        "schedule": _rows(session, select(Schedule).where(Schedule.scope == "chief", Schedule.key == str(chief))),
        "emergency_answers": _rows(session, select(EmergencyAnswer).where(EmergencyAnswer.chief_id == chief)),
        "feedback": _rows(session, select(Feedback).where(Feedback.account_id == account.id)),
    }


def _rows(session: Session, query: Any) -> list[dict[str, Any]]:
    return [_row(row) for row in session.scalars(query)]


def _row(row: Base) -> dict[str, Any]:
    return {column.key: _plain(getattr(row, column.key)) for column in row.__table__.columns}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
