"""Tells the office once of photos that are still missing after a day (缺照片提醒): WeCom keeps them for three."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from locales import say
from models.engine import reading, transaction
from models.message import Priority, Reply
from services import office, outbox, photo
from services.outbox import Said

MISSING_AFTER = timedelta(hours=24)


def tell_of_missing(engine: Engine, language: str, now: datetime) -> int:
    """Write to the offices of the districts about photos that are not there after a day; gives how many photos."""
    with reading(engine) as session:
        if not photo.missing(session, now - MISSING_AFTER):
            return 0
    with transaction(engine) as session:
        missing = photo.missing(session, now - MISSING_AFTER)
        text = say(language, "wecom.photos_missing", n=len(missing))
        told = office.accounts(session, "district")
        outbox.put(session, [Said(one.channel, one.chat_id, Reply(text), now, Priority.NOTICE) for one in told])
        for one in missing:
            one.missed_at = now
    return len(missing)
