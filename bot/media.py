"""The media loop (照片处理): opens what was stored, after the commit; a bad photo never stops a patrol."""

from datetime import datetime

from sqlalchemy import Engine

from bot import store
from bot.photos.check import check
from bot.settings import Settings
from locales import say
from models.engine import reading, transaction
from models.message import Reply
from services import outbox, person, photo
from services.outbox import Said

_BATCH = 4


def check_once(engine: Engine, settings: Settings, now: datetime) -> int:
    """Open the next photos and tell the sender of one that cannot be opened; gives how many there were."""
    with reading(engine) as session:
        if not photo.any_waiting(session, now):
            return 0
    with transaction(engine) as session:
        waiting = [(one.id, one.sha256 or "") for one in photo.lease(session, now, _BATCH)]
    for photo_id, sha256 in waiting:
        facts = check(store.path_of(settings.data_dir, sha256))
        with transaction(engine) as session:
            checked = photo.note_facts(session, photo_id, facts)
            if checked.error:
                who = person.known(session, checked.channel, checked.chat_id)
                language = (who.account.language if who and who.account else None) or settings.language
                reply = Reply(say(language, f"photo.bad.{checked.error}"))
                outbox.put(session, [Said(checked.channel, checked.chat_id, reply, now)])
    return len(waiting)
