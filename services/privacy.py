"""A person's own data (我的数据): all that is kept of them, in plain rows."""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.account import Account, Consent, Feedback
from models.audit import Audit
from models.base import Base
from models.chief import Chief, Post
from models.document import Document
from models.draft import Draft, Part
from models.emergency import EmergencyAnswer
from models.forest_order import OrderReceipt
from models.local_entry import LocalEntry
from models.map_link import MapLink
from models.meeting import Meeting
from models.meeting_record import MeetingAttendee, MeetingTask
from models.old_tree import OldTreeVisit
from models.patrol import Patrol, PatrolEvent
from models.photo import Photo
from models.problem import Problem, ProblemStep
from models.reminder import Reminder
from models.schedule import Schedule
from services.audit import by_account


def own_data(session: Session, account: Account) -> dict[str, Any]:
    """All of a person: who they are, what they recorded, sent and said, and what we answered where we keep it."""
    chief = account.chief_id
    patrols = select(Patrol).where(Patrol.chief_id == chief).order_by(Patrol.id)
    mine = select(Patrol.id).where(Patrol.chief_id == chief)
    drafts = select(Draft.id).where(Draft.account_id == account.id)
    own_part = or_(Part.draft_id.in_(drafts), Part.patrol_id.in_(mine))
    photos = select(Part.photo_id).where(own_part)
    own_steps = select(ProblemStep).where(ProblemStep.account_id == account.id)
    return {
        "account": _row(account),
        "chief": _rows(session, select(Chief).where(Chief.id == chief)),
        "posts": _rows(session, select(Post).where(Post.chief_id == chief)),
        "patrols": _rows(session, patrols),
        "changes": _rows(session, select(PatrolEvent).where(PatrolEvent.patrol_id.in_(mine))),
        "drafts": _rows(session, select(Draft).where(Draft.account_id == account.id).order_by(Draft.id)),
        "parts": _rows(session, select(Part).where(own_part).order_by(Part.id)),
        "photos": _rows(session, select(Photo).where(Photo.id.in_(photos)).order_by(Photo.id)),
        "problems": _rows(session, select(Problem).where(Problem.chief_id == chief).order_by(Problem.id)),
        "problem_steps": _rows(session, own_steps.order_by(ProblemStep.id)),
        "meetings": _rows(session, select(Meeting).where(Meeting.account_id == account.id).order_by(Meeting.id)),
        "consents": _rows(session, select(Consent).where(Consent.account_id == account.id)),
        "reminders": _rows(session, select(Reminder).where(Reminder.chief_id == chief)),
        "schedule": _rows(session, select(Schedule).where(Schedule.scope == "chief", Schedule.key == str(chief))),
        "emergency_answers": _rows(session, select(EmergencyAnswer).where(EmergencyAnswer.chief_id == chief)),
        "old_trees": _rows(session, select(OldTreeVisit).where(OldTreeVisit.patrol_id.in_(mine))),
        "orders": _rows(session, select(OrderReceipt).where(OrderReceipt.chief_id == chief)),
        "attended": _rows(session, select(MeetingAttendee).where(MeetingAttendee.chief_id == chief)),
        "tasks": _rows(session, select(MeetingTask).where(MeetingTask.owner_id == chief)),
        "documents": _rows(session, select(Document).where(Document.account_id == account.id)),
        "map_links": _rows(session, select(MapLink).where(MapLink.account_id == account.id)),
        "audit": _rows(session, select(Audit).where(Audit.who == by_account(account.id)).order_by(Audit.id)),
        "feedback": _rows(session, select(Feedback).where(Feedback.account_id == account.id)),
        "chat": _lines(session, account),
    }


def _lines(session: Session, account: Account) -> list[dict[str, Any]]:
    """The lines of the local web chat; other platforms keep their chats themselves."""
    if account.channel != "local":
        return []
    said = select(LocalEntry).where(LocalEntry.chat_id == account.chat_id).order_by(LocalEntry.id)
    lines = [(line.at, json.loads(line.body)) for line in session.scalars(said)]
    return [
        {"at": _plain(at), "from": body.get("from"), "text": body.get("text")} for at, body in lines if body.get("text")
    ]


def _rows(session: Session, query: Any) -> list[dict[str, Any]]:
    return [_row(row) for row in session.scalars(query)]


def _row(row: Base) -> dict[str, Any]:
    return {column.key: _plain(getattr(row, column.key)) for column in row.__table__.columns}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
