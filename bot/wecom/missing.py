"""Tells the office once of photos that are still missing after a day (缺照片提醒): WeCom keeps them for three."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from locales import say
from models.engine import reading, transaction
from models.message import Priority, Reply
from services import announced, draft, office, outbox, photo
from services.outbox import Said

MISSING_AFTER = timedelta(hours=24)
_SHOWN = 5

log = structlog.get_logger()


def tell_of_missing(engine: Engine, language: str, now: datetime) -> int:
    """Write to the offices of the districts about photos that are not there after a day; gives how many photos."""
    with reading(engine) as session:
        if not photo.missing(session, now - MISSING_AFTER) and not announced.any_to_settle(session, now):
            return 0
    with transaction(engine) as session:
        return _unfetched(session, language, now) + _never_came(session, language, now)


def _unfetched(session: Session, language: str, now: datetime) -> int:
    missing = photo.missing(session, now - MISSING_AFTER)
    if missing:
        _tell(session, say(language, "wecom.photos_missing", n=len(missing)), now)
    for one in missing:
        one.missed_at = now
    return len(missing)


def _never_came(session: Session, language: str, now: datetime) -> int:
    missing = announced.settle(session, now)
    if missing:
        numbers = draft.numbers(session, [one.draft_id for one in missing if one.draft_id])
        shown = ", ".join(numbers[:_SHOWN]) + ("…" if len(numbers) > _SHOWN else "") or "–"
        _tell(session, say(language, "wecom.photos_never_came", n=len(missing), numbers=shown), now)
    return len(missing)


def _tell(session: Session, text: str, now: datetime) -> None:
    log.warning("wecom_photos_missing")
    told = office.accounts(session, "district")
    outbox.put(session, [Said(one.channel, one.chat_id, Reply(text), now, Priority.NOTICE) for one in told])
