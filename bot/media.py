"""The media loops (照片处理): fetch what a platform keeps, open what was stored; a bad photo never stops a patrol."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot import store
from bot.channel_error import ChannelError
from bot.documents import fetch_documents
from bot.network import Fetch
from bot.photos.check import Decoder
from bot.settings import Settings
from locales import say
from models.engine import reading, transaction
from models.message import Reply
from services import outbox, person, photo
from services.outbox import Said
from services.photo import Wanted

_CHECKED_AT_ONCE = 4
_FETCHED_AT_ONCE = 16


class Media:
    """The photos of one process."""

    def __init__(self, engine: Engine, settings: Settings, fetches: Mapping[str, Fetch]) -> None:
        self.engine, self.settings, self.fetches, self.decoder = engine, settings, fetches, Decoder()

    async def fetch_once(self, now: datetime) -> int:
        """Fetch the next photos that a platform keeps for us; gives how many there were."""
        if not self.fetches:
            return 0
        wanted = await asyncio.to_thread(self._lease, now)
        await asyncio.gather(*map(self._fetch, wanted))
        papers = await fetch_documents(self.engine, self.settings.data_dir, self.fetches, self.settings.language, now)
        return len(wanted) + papers

    def check_once(self, now: datetime) -> int:
        """Open the next photos and tell the sender of one that cannot be opened; gives how many there were."""
        with reading(self.engine) as session:
            if not photo.any_waiting(session, now):
                return 0
        with transaction(self.engine) as session:
            waiting = [(one.id, one.sha256 or "") for one in photo.lease(session, now, _CHECKED_AT_ONCE)]
        for photo_id, sha256 in waiting:
            data_dir = self.settings.data_dir
            facts = self.decoder.facts(store.path_of(data_dir, sha256), store.thumbnail_of(data_dir, sha256))
            with transaction(self.engine) as session:
                checked = photo.note_facts(session, photo_id, facts)
                if checked.error:
                    self._tell(session, checked.channel, checked.chat_id, f"photo.bad.{checked.error}", now)
        return len(waiting)

    def _lease(self, now: datetime) -> list[Wanted]:
        with reading(self.engine) as session:
            if not photo.any_to_fetch(session, tuple(self.fetches), now):
                return []
        with transaction(self.engine) as session:
            return photo.lease_to_fetch(session, tuple(self.fetches), now, _FETCHED_AT_ONCE)

    async def _fetch(self, wanted: Wanted) -> None:
        try:
            data = await self.fetches[wanted.channel](wanted.ref)
            await asyncio.to_thread(self._keep, wanted, data)
        except ChannelError as error:
            await asyncio.to_thread(self._put_off, wanted, error)

    def _keep(self, wanted: Wanted, data: bytes) -> None:
        kept, sm3 = store.put(self.settings.data_dir, data), hashlib.new("sm3", data).hexdigest()
        with transaction(self.engine) as session:
            photo.fetched(session, wanted.id, kept.sha256, sm3, kept.size)

    def _put_off(self, wanted: Wanted, error: ChannelError) -> None:
        now = datetime.now(UTC)
        with transaction(self.engine) as session:
            if not photo.fetch_failed(session, wanted.id, now, error.retryable, error.retry_after):
                self._tell(session, wanted.channel, wanted.chat_id, "photo.bad.gone", now)

    def _tell(self, session: Session, channel: str, chat_id: str, key: str, now: datetime) -> None:
        who = person.of_chat(session, channel, chat_id)
        language = (who.language if who else None) or self.settings.language
        outbox.put(session, [Said(channel, chat_id, Reply(say(language, key)), now)])
