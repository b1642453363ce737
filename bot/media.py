"""The media loops (照片处理): fetch what a platform keeps, open what was stored; a bad photo never stops a patrol."""

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot import store
from bot.channel_error import ChannelError
from bot.documents import fetch_documents
from bot.loops import GATHER_S
from bot.network import Fetch
from bot.photos.check import Decoder
from bot.recordings import fetch_recordings
from bot.settings import Settings
from locales import say
from models.engine import reading, transaction
from models.message import Reply
from services import announced, outbox, person, photo
from services.hint import Stored
from services.outbox import Said
from services.photo import Fetched, Wanted

_CHECKED_AT_ONCE = 32
_CHECKED_FOR_S = 10.0
"""So long a round of opening goes on: with the photo that was begun last it must end before its lease does."""
_FETCHED_AT_ONCE = 32


class Media:
    """The photos of one process."""

    def __init__(self, engine: Engine, settings: Settings, fetches: Mapping[str, Fetch]) -> None:
        self.engine, self.settings, self.fetches, self.decoder = engine, settings, fetches, Decoder()

    async def fetch_once(self, now: datetime) -> int:
        """Fetch the next photos that a platform keeps for us; gives how many there were."""
        if not self.fetches:
            return 0
        wanted = await asyncio.to_thread(self._lease, now)
        under_way = {asyncio.create_task(self._fetch(one)) for one in wanted}
        while under_way:
            # What comes within a moment is noted in one commit; nobody waits for a slow photo.
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(GATHER_S)
            done = {task for task in under_way if task.done()}
            under_way -= done
            await asyncio.to_thread(self._note, [fetched for task in done if (fetched := task.result())])
        papers = await fetch_documents(self.engine, self.settings.data_dir, self.fetches, self.settings.language, now)
        heard = await fetch_recordings(self.engine, self.settings.data_dir, self.fetches, now)
        return len(wanted) + papers + heard

    def check_once(self, now: datetime) -> int:
        """Open the next photos and tell the sender of one that cannot be opened; gives how many there were."""
        with reading(self.engine) as session:
            if not photo.any_waiting(session, now):
                return 0
        with transaction(self.engine) as session:
            waiting = photo.lease(session, now, _CHECKED_AT_ONCE)
        opened = self._opened(waiting)
        with transaction(self.engine) as session:
            for stored, facts in opened:
                photo.note_facts(session, stored, facts)
                if error := facts.get("bad"):
                    self._tell(session, stored.channel, stored.chat_id, f"photo.bad.{error}", now)
            if left := waiting[len(opened) :]:
                photo.give_back(session, [stored.id for stored in left])
        return len(opened)

    def _opened(self, waiting: Sequence[Stored]) -> list[tuple[Stored, dict[str, Any]]]:
        """What the photos are, one after the other until the round's time is over."""
        opened: list[tuple[Stored, dict[str, Any]]] = []
        until, data_dir = time.monotonic() + _CHECKED_FOR_S, self.settings.data_dir
        for one in waiting:
            file, thumbnail = store.path_of(data_dir, one.sha256), store.thumbnail_of(data_dir, one.sha256)
            opened.append((one, self.decoder.facts(file, thumbnail)))
            if time.monotonic() > until:
                break
        return opened

    def _lease(self, now: datetime) -> list[Wanted]:
        with reading(self.engine) as session:
            if not photo.any_to_fetch(session, tuple(self.fetches), now):
                return []
        with transaction(self.engine) as session:
            return photo.lease_to_fetch(session, tuple(self.fetches), now, _FETCHED_AT_ONCE)

    async def _fetch(self, wanted: Wanted) -> Fetched | None:
        try:
            data = await self.fetches[wanted.channel](wanted.ref)
            return await asyncio.to_thread(self._keep, wanted, data)
        except ChannelError as error:
            await asyncio.to_thread(self._put_off, wanted, error)
            return None

    def _keep(self, wanted: Wanted, data: bytes) -> Fetched:
        kept, sm3 = store.put(self.settings.data_dir, data), hashlib.new("sm3", data).hexdigest()
        # MD5 protects nothing: it is what a phone says of its photos before they come.
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest() if wanted.channel in announced.CHANNELS else None
        return Fetched(wanted, kept.sha256, sm3, kept.size, md5)

    def _note(self, fetched: Sequence[Fetched]) -> None:
        if not fetched:
            return
        with transaction(self.engine) as session:
            photo.fetched(session, fetched)
            for one in fetched:
                if one.md5:
                    announced.match(session, one.wanted.channel, one.wanted.chat_id, one.wanted.id, one.md5)

    def _put_off(self, wanted: Wanted, error: ChannelError) -> None:
        now = datetime.now(UTC)
        with transaction(self.engine) as session:
            if not photo.fetch_failed(session, wanted.id, now, error.retryable, error.retry_after):
                self._tell(session, wanted.channel, wanted.chat_id, "photo.bad.gone", now)

    def _tell(self, session: Session, channel: str, chat_id: str, key: str, now: datetime) -> None:
        who = person.of_chat(session, channel, chat_id)
        language = (who.language if who else None) or self.settings.language
        outbox.put(session, [Said(channel, chat_id, Reply(say(language, key)), now)])
