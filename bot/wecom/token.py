"""The access token (访问令牌): one for all processes, in the database; one refresh at a time."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from models.engine import reading, transaction
from services import lease, wecom
from services.wecom import Token

RENEW_AT = 0.8
"""Which part of its life a token is used before the next one is fetched."""
_LEASE = timedelta(seconds=20)
_LOOK_AGAIN_S = 0.1

Ask = Callable[[], Awaitable[tuple[str, int]]]
"""Asks WeCom for a token and its life in seconds; raises `ChannelError`."""


class Tokens:
    """The access token of one app; whichever process asks first fetches the next, and all others read it."""

    def __init__(self, engine: Engine, app: str, ask: Ask) -> None:
        self.engine, self.app, self.ask = engine, app, ask
        self.owner, self._one = uuid.uuid4().hex, asyncio.Lock()
        self._known: Token | None = None

    async def get(self) -> str:
        """The token in force; fetches a new one where there is none or its time comes."""
        now = datetime.now(UTC)
        if self._known is None or now >= self._known.renew_at:
            self._known = await self._fresh(bad=None)
        return self._known.token

    async def renew(self, bad: str) -> str:
        """A token that is not this one, which WeCom has refused."""
        self._known = await self._fresh(bad)
        return self._known.token

    async def _fresh(self, bad: str | None) -> Token:
        async with self._one:
            while True:
                token, mine = await asyncio.to_thread(self._look, bad)
                if mine:
                    return await self._fetch()
                if token:
                    return token
                # Another process is fetching it.
                await asyncio.sleep(_LOOK_AGAIN_S)

    def _look(self, bad: str | None) -> tuple[Token | None, bool]:
        """The token, or that it is ours to fetch; neither while another does."""
        now = datetime.now(UTC)
        with reading(self.engine) as session:
            token = wecom.token_of(session, self.app)
        usable = token if token and token.token != bad and now < token.expires_at else None
        if usable and now < usable.renew_at:
            return usable, False
        with transaction(self.engine) as session:
            mine = lease.take(session, self._name, self.owner, now, _LEASE)
            newest = wecom.token_of(session, self.app)
            # Between the two looks another may have fetched it.
            if mine and newest and newest != token and newest.token != bad and now < newest.renew_at:
                lease.give_up(session, self._name, self.owner)
                return newest, False
        return usable, mine

    async def _fetch(self) -> Token:
        try:
            token, life_s = await self.ask()
            now = datetime.now(UTC)
            fresh = Token(token, now + timedelta(seconds=life_s * RENEW_AT), now + timedelta(seconds=life_s))
            await asyncio.to_thread(self._keep, fresh)
            return fresh
        finally:
            await asyncio.to_thread(self._give_up)

    def _keep(self, token: Token) -> None:
        with transaction(self.engine) as session:
            wecom.keep_token(session, self.app, token)

    def _give_up(self) -> None:
        with transaction(self.engine) as session:
            lease.give_up(session, self._name, self.owner)

    @property
    def _name(self) -> str:
        return f"wecom.token.{self.app}"
