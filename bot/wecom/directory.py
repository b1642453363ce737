"""The directory (通讯录): asks for the user ids of chiefs whose phones the roster knows; who it is says the person."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from bot.channel_error import ChannelError
from bot.wecom.api import Api
from models.engine import reading, transaction
from services import mark, member

_UNKNOWN = {"errcode 46004", "errcode 60111", "errcode 40003"}
"""Nobody in the directory has this phone."""
_ASKED_AT_ONCE = 10
_AGAIN_AFTER = timedelta(days=7)
_REST = "wecom.directory.rest_until"
_MOST_UNKNOWN = 30
"""So many unknown phones a day: WeCom shuts this door for a day where a fifth of the organisation's size are wrong."""


class Directory:
    """Looks chiefs up, a few at a time."""

    def __init__(self, engine: Engine, api: Api) -> None:
        self.engine, self.api = engine, api
        self._unknown = 0

    async def look_up(self, now: datetime) -> int:
        """Ask for the next chiefs; gives how many were asked for; rests for a day after too many unknown phones."""
        asked = 0
        for chief_id, phone in await asyncio.to_thread(self._next, now):
            user_id = await self._user_id(phone)
            asked += 1
            await asyncio.to_thread(self._found, chief_id, user_id)
            if user_id is None:
                self._unknown += 1
            if self._unknown >= _MOST_UNKNOWN:
                await asyncio.to_thread(self._rest, now)
                break
        return asked

    async def _user_id(self, phone: str) -> str | None:
        try:
            return str((await self.api.post("user/getuserid", {"mobile": phone}))["userid"])
        except ChannelError as error:
            if error.why in _UNKNOWN:
                return None
            raise

    def _next(self, now: datetime) -> list[tuple[int, str]]:
        with reading(self.engine) as session:
            until = mark.read(session, _REST)
            if until and now < datetime.fromisoformat(until):
                return []
            return member.to_look_up(session, now - _AGAIN_AFTER, _ASKED_AT_ONCE)

    def _found(self, chief_id: int, user_id: str | None) -> None:
        with transaction(self.engine) as session:
            member.found(session, chief_id, user_id, datetime.now(UTC))

    def _rest(self, now: datetime) -> None:
        self._unknown = 0
        with transaction(self.engine) as session:
            mark.write(session, _REST, (now + timedelta(days=1)).isoformat())
