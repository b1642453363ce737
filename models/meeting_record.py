"""What a dispatch meeting was about (调度会记录): who was there, its papers, its tasks, and every change."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identity, only


class MeetingAttendee(Base):
    """A chief of the roster who attended."""

    __tablename__ = "meeting_attendee"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), primary_key=True)

    chief_id: Mapped[int] = mapped_column(ForeignKey("chief.id"), primary_key=True)


class MeetingPaper(Base):
    """A page of the minutes (会议纪要), as a photo or a file."""

    __tablename__ = "meeting_paper"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), primary_key=True)

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)


class MeetingTask(Base):
    """Something that a meeting resolved to have done (会议任务), followed until it is."""

    __tablename__ = "meeting_task"
    __table_args__ = (
        Index("ix_meeting_task_due", "due_on", **only("done_at IS NULL AND voided_at IS NULL AND reminded_at IS NULL")),
        Index("ix_meeting_task_meeting", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))

    text: Mapped[str]

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("chief.id"))

    due_on: Mapped[date | None]
    """Its last day."""

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    """Who set it: reminded where the owner cannot be reached."""

    set_at: Mapped[datetime]

    reminded_at: Mapped[datetime | None]
    """There is one reminder."""

    done_at: Mapped[datetime | None]

    done_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    voided_at: Mapped[datetime | None]


class MeetingEvent(Base):
    """A change to what is recorded of a meeting: who, when, what, from what to what."""

    __tablename__ = "meeting_event"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)

    happened_at: Mapped[datetime]

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    what: Mapped[str]
    """`chair`, `topics`, `resolutions`, `attendee_added`, `attendee_removed`, `paper_added`, `task_set`, `task_done`,
    `task_reopened`, `task_voided`."""

    before: Mapped[str | None]

    after: Mapped[str | None]
