"""The outbox (发件箱): what is to be said, who may say it now, what became of it."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, bindparam, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from models.message import Button, Message, Press, Priority, Reply
from models.outbox import Outbox
from models.pace import Pace
from rules.backoff import wait_to_say
from services import local_chat
from services.refused import Refused

_INSERT = Outbox.__table__.insert()  # type: ignore[attr-defined]

_FEW = 20
_INSERT_MANY = _INSERT.returning(Outbox.__table__.c.id)
"""Many rows go in one statement where something is returned, else in one statement each."""

# Built once: every part of a patrol and every message that was sent asks for them.
_OUTBOX = Outbox.__table__
_DROP = (
    update(_OUTBOX)  # type: ignore[arg-type]
    .where(_OUTBOX.c.draft_id == bindparam("draft"), _OUTBOX.c.state == text("'waiting'"))
    .where(_OUTBOX.c.lease_until.is_(None))
    .values(state="dropped")
)
_SENT = (
    update(Outbox.__table__)  # type: ignore[arg-type]
    .where(Outbox.__table__.c.id == bindparam("row"))
    .values(state="sent", sent_at=bindparam("at"), platform_id=bindparam("platform"), lease_until=None, error=None)
)

_LOOK_BACK = 20
"""So many of our messages back a number is taken for a choice."""

LEASE = timedelta(seconds=45)
"""How long a sender may hold a message before another takes it; sending one is given up before."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that a sender holds."""

    id: int
    channel: str
    chat_id: str
    body: dict[str, Any]
    tries: int
    created_at: datetime
    patrol_id: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A reply with the chat that it goes to."""

    channel: str
    chat_id: str
    reply: Reply
    said_at: datetime
    priority: Priority = Priority.ANSWER

    @classmethod
    def of(cls, message: Message, reply: Reply, now: datetime) -> "Said":
        """A reply to a message: in its chat, or where the reply itself says."""
        channel, chat_id = reply.to or (message.channel, message.chat_id)
        return cls(channel, chat_id, reply, now, Priority.RECEIPT if reply.patrol_id else Priority.ANSWER)


def put(session: Session, said: Iterable[Said]) -> None:
    """Write what is to be sent, in its order."""
    rows = [
        {
            "channel": one.channel, "chat_id": one.chat_id, "priority": one.priority.value, "body": one.reply.body(),
            "state": "waiting", "created_at": one.said_at, "tries": 0, "draft_id": one.reply.draft_id,
            "patrol_id": one.reply.patrol_id, "reminder_id": one.reply.reminder_id, "not_after": one.reply.not_after,
            "problem_id": one.reply.problem_id,
            "not_before": one.said_at + one.reply.after if one.reply.after else None,
        }
        for one in said
    ]  # fmt: skip
    if len(rows) > _FEW and session.get_bind().dialect.name == "postgresql":
        as_one = {"rows": json.dumps(rows, default=datetime.isoformat)}
        session.connection().execute(_insert_as_one(tuple(rows[0])), as_one)
    elif len(rows) > _FEW:
        session.connection().execute(_INSERT_MANY, rows)
    elif rows:
        session.connection().execute(_INSERT, rows)


@cache
def _insert_as_one(columns: tuple[str, ...]) -> TextClause:
    # PostgreSQL: reading a statement with thousands of parameters costs the driver more than sending them as one.
    names = ", ".join(columns)
    rows = "json_populate_recordset(NULL::outbox, CAST(:rows AS json))"
    return text(f"INSERT INTO outbox ({names}) SELECT {names} FROM {rows}")


def drop_prompts(session: Session, draft_id: int) -> None:
    """Drop what a draft still wanted to ask: its receipt has overtaken it."""
    session.connection().execute(_DROP, {"draft": draft_id})


def drop_late(session: Session, now: datetime) -> list[int]:
    """Drop what would only disturb by now; gives the reminders that were never said because of it."""
    late = (Outbox.state == "waiting") & (Outbox.not_after <= now)
    # What a sender holds may be on its way.
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until <= now)
    dropped = update(Outbox).where(late, free).values(state="dropped", error="late").returning(Outbox.reminder_id)
    return [reminder_id for reminder_id in session.scalars(dropped) if reminder_id is not None]


def any_late(session: Session, now: datetime) -> bool:
    """Whether something waits that would only disturb by now."""
    late = select(Outbox.id).where(Outbox.state == "waiting", Outbox.not_after <= now)
    return session.scalar(late.limit(1)) is not None


def any_waiting(session: Session, channel: str, now: datetime) -> bool:
    """Whether a channel has something that could go now."""
    return session.execute(_free(channel, now).limit(1)).first() is not None


def lease(session: Session, channel: str, now: datetime, limit: int) -> list[Leased]:
    """Take the next messages of a channel, answers first, for as long as `LEASE`."""
    return _lease(session, _free(channel, now), now, limit)


def lease_heads(session: Session, channel: str, now: datetime, limit: int) -> list[Leased]:
    """Take the first message of each chat that may be spoken to now: a chat's messages go one after the other."""
    earlier = aliased(Outbox)
    same = (earlier.channel == Outbox.channel) & (earlier.chat_id == Outbox.chat_id) & (earlier.state == "waiting")
    sooner = or_(earlier.priority < Outbox.priority, (earlier.priority == Outbox.priority) & (earlier.id < Outbox.id))
    paced = select(Pace.chat_id).where(
        Pace.channel == Outbox.channel, Pace.chat_id == Outbox.chat_id, Pace.next_at > now
    )
    heads = _free(channel, now).where(~select(earlier.id).where(same, sooner).exists(), ~paced.exists())
    return _lease(session, heads, now, limit)


def _free(channel: str, now: datetime) -> Select[Any]:
    passed: list[ColumnElement[bool]] = [
        or_(moment.is_(None), moment <= now) for moment in (Outbox.lease_until, Outbox.not_before)
    ]
    return (
        select(
            Outbox.id, Outbox.channel, Outbox.chat_id, Outbox.body, Outbox.tries, Outbox.created_at, Outbox.patrol_id
        )
        .where(Outbox.channel == channel, Outbox.state == "waiting", *passed)
        .where(or_(Outbox.not_after.is_(None), Outbox.not_after > now))
        .order_by(Outbox.priority, Outbox.id)
    )


def _lease(session: Session, free: Select[Any], now: datetime, limit: int) -> list[Leased]:
    first = free.limit(limit).with_for_update(skip_locked=True, of=Outbox)
    leased = [Leased(*row) for row in session.execute(first)]
    if leased:
        ids = [row.id for row in leased]
        session.execute(update(Outbox).where(Outbox.id.in_(ids)).values(lease_until=now + LEASE))
    return leased


def sent(session: Session, ids: Sequence[int], now: datetime, platform_id: str | None = None) -> None:
    """Mark messages as sent."""
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_(ids))
        .values(state="sent", sent_at=now, platform_id=platform_id, lease_until=None, error=None)
    )


def sent_each(session: Session, sent: Sequence[tuple[int, str | None]], now: datetime) -> None:
    """Mark messages as sent, each with what the platform calls it."""
    if sent:
        rows = [{"row": outbox_id, "platform": platform_id, "at": now} for outbox_id, platform_id in sent]
        session.connection().execute(_SENT, rows)


def put_off(session: Session, leased: Leased, error: str, now: datetime) -> None:
    """Give a message back after a failure that may pass; it is tried again after a wait."""
    tries = leased.tries + 1
    session.execute(
        update(Outbox)
        .where(Outbox.id == leased.id)
        .values(tries=tries, error=error, lease_until=now + wait_to_say(tries))
    )


def hold_back(session: Session, leased: Leased, error: str, until: datetime) -> None:
    """Give a message back without counting a try: the platform told us to wait."""
    session.execute(update(Outbox).where(Outbox.id == leased.id).values(error=error, lease_until=until))


def forget_leases(session: Session, channel: str) -> None:
    """Give back what a process that died had leased; only where no other process sends on this channel."""
    held = (Outbox.channel == channel) & (Outbox.state == "waiting") & (Outbox.tries == 0)
    session.execute(update(Outbox).where(held, Outbox.lease_until.is_not(None)).values(lease_until=None))


def fail_chat(session: Session, channel: str, chat_id: str, error: str) -> None:
    """Note that nothing more can be sent to a chat: the person has blocked us or is gone."""
    there = (Outbox.channel == channel) & (Outbox.chat_id == chat_id) & (Outbox.state == "waiting")
    session.execute(update(Outbox).where(there).values(state="failed", error=error, lease_until=None))


def move_chat(session: Session, channel: str, old: str, new: str) -> None:
    """Let what waits for a chat go to its new number."""
    there = (Outbox.channel == channel) & (Outbox.chat_id == old) & (Outbox.state == "waiting")
    session.execute(update(Outbox).where(there).values(chat_id=new, lease_until=None))


def shown_as(session: Session, channel: str, chat_id: str, platform_ids: Collection[str]) -> int | None:
    """Our message by what the platform calls it, in this very chat."""
    same = (Outbox.channel == channel) & (Outbox.chat_id == chat_id) & Outbox.platform_id.in_(platform_ids)
    return session.scalar(select(Outbox.id).where(same).limit(1))


def give_up(session: Session, leased: Leased, error: str) -> None:
    """Note that a message cannot be sent, for good."""
    session.execute(
        update(Outbox).where(Outbox.id == leased.id).values(state="failed", error=error, lease_until=None, sent_at=None)
    )


def pressed(session: Session, press: Press, channel: str, chat_id: str) -> Button:
    """The button at a place of one of our messages in this very chat; raises `Refused` where there is none."""
    row = session.execute(
        select(Outbox.body, Outbox.created_at).where(
            Outbox.id == press.outbox_id, Outbox.channel == channel, Outbox.chat_id == chat_id
        )
    ).one_or_none()
    buttons = [button for line in row.body.get("buttons", ()) for button in line] if row else []
    ours = row is not None and press.stamp in (None, int(row.created_at.timestamp()))
    if not ours or not 0 <= press.button < len(buttons):
        raise Refused("chat.button_unknown")
    return Button(**buttons[press.button])


def latest_choices(session: Session, channel: str, chat_id: str) -> int | None:
    """Our latest message that has arrived in a chat and shows buttons."""
    there = (Outbox.channel == channel) & (Outbox.chat_id == chat_id) & Outbox.platform_id.is_not(None)
    rows = session.execute(select(Outbox.id, Outbox.body).where(there).order_by(Outbox.id.desc()).limit(_LOOK_BACK))
    return next((outbox_id for outbox_id, body in rows if body.get("buttons")), None)


def spend(session: Session, outbox_id: int, now: datetime) -> bool:
    """Use up the buttons of a message; False when they had been used before."""
    fresh = update(Outbox).where(Outbox.id == outbox_id, Outbox.spent_at.is_(None)).values(spent_at=now)
    spent: bool = session.execute(fresh).rowcount == 1  # type: ignore[attr-defined]
    if spent:
        local_chat.spend_buttons(session, outbox_id)
    return spent
