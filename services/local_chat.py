"""The local web chat's page (本地聊天): its lines in their order, and who may read them."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.account import Office
from models.area import Area
from models.chief import Chief, Post
from models.local_entry import LocalEntry
from models.outbox import Outbox
from models.upsert import insert_or

CHANNEL = "local"


def show(
    session: Session, chat_id: str, body: str, at: datetime, inbox_id: int | None = None, outbox_id: int | None = None
) -> None:
    """Add a line to a chat; the same delivery or message of ours is shown once."""
    values = {"chat_id": chat_id, "body": body, "at": at, "inbox_id": inbox_id, "outbox_id": outbox_id}
    session.execute(insert_or(session, LocalEntry).values(values).on_conflict_do_nothing())


def erase_positions(session: Session, inbox_ids: Sequence[int]) -> None:
    """Take the position out of the lines that show these deliveries, and let the page draw them again."""
    for line in session.scalars(select(LocalEntry).where(LocalEntry.inbox_id.in_(inbox_ids))).all():
        line.body = json.dumps({**json.loads(line.body), "location": None, "erased": True}, ensure_ascii=False)
        tell(session, line.chat_id, "erased", line.id, line.at)


# Built once: every submission asks for them.
_PROMPTS = select(LocalEntry).where(
    LocalEntry.outbox_id.in_(select(Outbox.id).where(Outbox.draft_id == bindparam("draft")))
)


def spend_prompts(session: Session, draft_id: int) -> None:
    """Let the page show that the buttons of a draft's prompts are used up."""
    _tell_spent(session, session.scalars(_PROMPTS, {"draft": draft_id}).all())


def spend_buttons(session: Session, outbox_id: int) -> None:
    """Let the page show that the buttons of one message are used up."""
    _tell_spent(session, session.scalars(select(LocalEntry).where(LocalEntry.outbox_id == outbox_id)).all())


def _tell_spent(session: Session, lines: Sequence[LocalEntry]) -> None:
    for line in lines:
        tell(session, line.chat_id, "spent", line.id, line.at)


def tell(session: Session, chat_id: str, event: str, line: int, at: datetime) -> None:
    """Tell the page what became of a line: it was `erased`, or its buttons are `spent`."""
    show(session, chat_id, json.dumps({"event": event, "id": line}), at)


def lines_after(session: Session, chat_id: str, after: int, limit: int = 200) -> Sequence[LocalEntry]:
    """The lines of a chat that came after one."""
    return session.scalars(
        select(LocalEntry)
        .where(LocalEntry.chat_id == chat_id, LocalEntry.id > after)
        .order_by(LocalEntry.id)
        .limit(limit)
    ).all()


def outbox_of_line(session: Session, chat_id: str, line: int) -> int | None:
    """Our message that a line of a chat shows."""
    return session.scalar(select(LocalEntry.outbox_id).where(LocalEntry.id == line, LocalEntry.chat_id == chat_id))


def line_of_inbox(session: Session, inbox_id: int) -> int | None:
    """The line that shows a delivery."""
    return session.scalar(select(LocalEntry.id).where(LocalEntry.inbox_id == inbox_id))


def shows_file(session: Session, chat_id: str, name: str) -> bool:
    """Whether a chat shows a file, by its name of hash and ending."""
    shown = select(LocalEntry.id).where(LocalEntry.chat_id == chat_id, LocalEntry.body.contains(name, autoescape=True))
    return session.scalar(shown.limit(1)) is not None


def people(session: Session, query: str, limit: int = 30) -> Sequence[tuple[str, str, str, str, str]]:
    """Chiefs by code, name, title or area: code, name, level, title, name of the area; the demo's door."""
    found = (
        select(Chief.code, Chief.name, Post.level, Post.title, Area.name)
        .join(Post, Post.chief_id == Chief.id)
        .join(Area, Area.code == Post.area_code)
        .where(Post.valid_to.is_(None))
    )
    if query:
        like = [column.contains(query, autoescape=True) for column in (Chief.name, Chief.code, Post.title, Area.name)]
        found = found.where(like[0] | like[1] | like[2] | like[3])
    return session.execute(found.order_by(Post.level.desc(), Chief.code).limit(limit)).all()


def people_of_level(session: Session, level: str, limit: int) -> Sequence[tuple[str, str, str, str, str]]:
    """Some chiefs of a level."""
    found = (
        select(Chief.code, Chief.name, Post.level, Post.title, Area.name)
        .join(Post, Post.chief_id == Chief.id)
        .join(Area, Area.code == Post.area_code)
        .where(Post.valid_to.is_(None), Post.level == level)
    )
    return session.execute(found.order_by(Chief.code).limit(limit)).all()


def offices(session: Session) -> Sequence[tuple[str, str]]:
    """The office accounts of this channel: user id and name of the area."""
    found = select(Office.user_id, Area.name).join(Area, Area.code == Office.area_code)
    found = found.where(Office.channel == "local", Office.removed_at.is_(None)).order_by(Office.area_code)
    return session.execute(found).all()
