"""The work-load book (减负账本): what the bot costs people, by level and month; never by person."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.account import Account
from models.area import Area
from models.chief import Post, PostStreet
from models.draft import Draft, Part
from models.inbox import Inbox
from models.outbox import Outbox
from models.patrol import Patrol
from rules.level import COUNTED_LEVELS
from rules.localtime import local_date
from rules.workload import READ_S, TAP_S, minutes, recording_s
from services.summary import Span, month_span

LEVELS = tuple(level.value for level in COUNTED_LEVELS)


def book(session: Session, span: Span, area: Area, zone: ZoneInfo) -> list[dict[str, Any]]:
    """A row a month: `month`, and by level `sent` (messages of ours), `taps` (messages and presses) and `minutes`.

    Minutes are measured for each record, from its first part to its submission, and estimated for what was read and
    for what was sent or pressed beside the records (`rules/workload.py`).
    Counted are the chats of chiefs with a post in the area in that month, under the highest level of their posts
    there. Replayed patrols cost nobody a tap: they have no chat.
    """
    months = [month for month in span.months() if month_span(month).end >= span.start]
    sent, taps = _by_chief(session, months, zone, _SENT), _by_chief(session, months, zone, _TAPS)
    seconds = _seconds(session, months, zone, sent, taps)
    levels = {month: _levels(session, area, month_span(month)) for month in months}
    return [
        {
            "month": month,
            "sent": _row(sent, month, levels[month]),
            "taps": _row(taps, month, levels[month]),
            "minutes": {level: minutes(s) for level, s in _row(seconds, month, levels[month]).items()},
        }
        for month in months
    ]


_SENT = (Outbox.sent_at, select(Account.chief_id).select_from(Outbox).join(
    Account, (Account.channel == Outbox.channel) & (Account.chat_id == Outbox.chat_id)
).where(Outbox.state == "sent"))  # fmt: skip
_TAPS = (Inbox.received_at, select(Account.chief_id).select_from(Inbox).join(
    Account, Inbox.chat == Account.channel + ":" + Account.chat_id
))  # fmt: skip


def _by_chief(session: Session, months: Sequence[str], zone: ZoneInfo, what: Any) -> Counter[tuple[int, str]]:
    at, query = what
    if not months:
        return Counter()
    month = _month_of(at, months, zone).label("month")
    first, last = _begins(months[0], zone), _ends(months[-1], zone)
    rows = session.execute(
        query.add_columns(month, func.count())
        .where(Account.chief_id.is_not(None), at >= first, at < last)
        .group_by(Account.chief_id, month)
    )
    return Counter({(chief, named): n for chief, named, n in rows})


def _seconds(
    session: Session,
    months: Sequence[str],
    zone: ZoneInfo,
    sent: Counter[tuple[int, str]],
    taps: Counter[tuple[int, str]],
) -> Counter[tuple[int, str]]:
    """What each chief was asked for in each month, in whole seconds."""
    found: Counter[tuple[int, str]] = Counter()
    within: Counter[tuple[int, str]] = Counter()
    for row in _records(session, months, zone):
        key = (row.chief_id, local_date(row.submitted_at, zone).strftime("%Y-%m"))
        by_clock = row.asked_at is not None
        found[key] += round(recording_s(row.first_at, row.last_at, row.submitted_at, by_clock))
        within[key] += row.parts + (not by_clock)
    for key in {*sent, *taps}:
        found[key] += READ_S * sent[key] + TAP_S * max(0, taps[key] - within[key])
    return found


def _records(session: Session, months: Sequence[str], zone: ZoneInfo) -> Sequence[Any]:
    """The records that were made in a chat: their first and last part, their submission, and who submitted."""
    if not months:
        return []
    first, last = _begins(months[0], zone), _ends(months[-1], zone)
    first_at, last_at = func.min(Part.received_at).label("first_at"), func.max(Part.received_at).label("last_at")
    rows = (
        select(Draft.chief_id, Draft.asked_at, Patrol.submitted_at, first_at, last_at, func.count().label("parts"))
        .join(Patrol, Patrol.id == Draft.patrol_id)
        .join(Part, Part.draft_id == Draft.id)
        .where(Patrol.submitted_at >= first, Patrol.submitted_at < last)
        .group_by(Draft.id, Draft.chief_id, Draft.asked_at, Patrol.submitted_at)
    )  # fmt: skip
    return session.execute(rows).all()


def _month_of(at: InstrumentedAttribute[Any], months: Sequence[str], zone: ZoneInfo) -> ColumnElement[str]:
    # Local months by their bounds: no arithmetic on zones in the database.
    return case(*((at < _ends(month, zone), month) for month in months), else_=months[-1])


def _begins(month: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(month_span(month).start, time(), zone)


def _ends(month: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(month_span(month).end + timedelta(days=1), time(), zone)


def _levels(session: Session, area: Area, month: Span) -> dict[int, str]:
    """The highest level of each chief with a post in the area during a month."""
    held = select(Post.chief_id, Post.level).outerjoin(PostStreet, PostStreet.post_id == Post.id)
    held = held.where(
        _here(area), Post.valid_from <= month.end, Post.valid_to.is_(None) | (Post.valid_to >= month.start)
    )
    found: dict[int, str] = {}
    for chief_id, level in session.execute(held):
        if level in LEVELS and (chief_id not in found or LEVELS.index(level) < LEVELS.index(found[chief_id])):
            found[chief_id] = level
    return found


def _here(area: Area) -> ColumnElement[bool]:
    return Post.area_code.startswith(area.code) | PostStreet.street_code.startswith(area.code)


def _row(counts: Counter[tuple[int, str]], month: str, levels: dict[int, str]) -> dict[str, int]:
    row = dict.fromkeys(LEVELS, 0)
    for chief_id, level in levels.items():
        row[level] += counts[chief_id, month]
    return row
