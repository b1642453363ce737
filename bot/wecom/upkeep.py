"""What WeCom needs from time to time (日常维护): menu, directory, missing photos."""

import asyncio
import uuid
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from bot.channel_error import ChannelError
from bot.settings import Settings
from bot.wecom.api import Api
from bot.wecom.directory import Directory
from bot.wecom.menu import make_menu
from bot.wecom.missing import tell_of_missing
from bot.wecom.stale import update_stale
from models.engine import transaction
from services import lease, platform, wecom, wecom_card

PAUSE = timedelta(seconds=10)
"""How long upkeep rests after a round that found nothing to do, or that WeCom refused."""
_LEASE = timedelta(seconds=60)
_NAME = "wecom.upkeep"


class Upkeep:
    """One round after the other, whoever holds the lease."""

    def __init__(self, engine: Engine, settings: Settings, api: Api, upload_page: str) -> None:
        self.engine, self.settings, self.api, self.upload_page = engine, settings, api, upload_page
        self.owner, self.directory = uuid.uuid4().hex, Directory(engine, api)
        self._rest_until = datetime.min.replace(tzinfo=UTC)

    async def once(self, now: datetime) -> int:
        """One round; gives how much was done, 0 where another process does it; raises the last `ChannelError`."""
        if now < self._rest_until or not await asyncio.to_thread(self._mine, now):
            return 0
        self._rest_until = now + PAUSE
        done, error = 0, None
        for work in self._works(now):
            try:
                done += await work
            except ChannelError as failure:
                # What one interface refuses must not keep the others waiting.
                error = failure
        if error:
            raise error
        if done:
            self._rest_until = now
        return done

    def _works(self, now: datetime) -> list[Coroutine[Any, Any, int]]:
        language, _data_dir = self.settings.language, self.settings.data_dir
        return [
            update_stale(self.engine, self.api, language, now),
            make_menu(self.engine, self.api, language, self.upload_page),
            asyncio.to_thread(tell_of_missing, self.engine, language, now),
            self.directory.look_up(now),
        ]

    def give_up(self) -> None:
        """Let another process do it at once."""
        with transaction(self.engine) as session:
            lease.give_up(session, _NAME, self.owner)

    def _mine(self, now: datetime) -> bool:
        with transaction(self.engine) as session:
            mine = lease.take(session, _NAME, self.owner, now, _LEASE)
            if mine:
                wecom.forget_old(session, now)
                wecom_card.forget_old(session, now)
                platform.end_if_used(session)
        return mine
