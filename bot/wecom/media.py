"""Files of WeCom (素材): fetched by their id, uploaded once in three days."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from bot.channel_error import ChannelError
from bot.wecom.api import Api
from bot.wecom.pieces import Piece
from models.engine import reading, transaction
from services import platform_file

KEPT_FOR = timedelta(days=3) - timedelta(hours=1)
"""How long a media id is used; WeCom keeps it for three days."""


async def fetch(api: Api, media_id: str) -> bytes:
    """The bytes of a photo, voice or video by its media id; raises `ChannelError`."""
    data = await api.download(media_id)
    if not data:
        raise ChannelError("empty file", retryable=True)
    return data


class Uploads:
    """Media ids of what we send, remembered by the file's hash."""

    def __init__(self, engine: Engine, api: Api) -> None:
        self.engine, self.api = engine, api

    async def id_of(self, piece: Piece) -> str:
        """The media id of a file; uploads it where WeCom has it no more."""
        known = await asyncio.to_thread(self._known, piece)
        return known or await self._upload(piece)

    async def _upload(self, piece: Piece) -> str:
        if piece.file is None:
            raise ChannelError("no file")
        try:
            data = await asyncio.to_thread(piece.file.read_bytes)
        except OSError as error:
            raise ChannelError(f"file: {type(error).__name__}", retryable=True) from None
        media_id = await self.api.upload(piece.kind, piece.name, data)
        await asyncio.to_thread(self._keep, piece, media_id)
        return media_id

    def _known(self, piece: Piece) -> str | None:
        with reading(self.engine) as session:
            return platform_file.known(session, "wecom", _name(piece), datetime.now(UTC) - KEPT_FOR)

    def _keep(self, piece: Piece, media_id: str) -> None:
        with transaction(self.engine) as session:
            platform_file.remember(session, "wecom", _name(piece), media_id, datetime.now(UTC))


def _name(piece: Piece) -> str:
    # The same file is another medium as a picture than as a document.
    return f"{piece.sha256}:{piece.kind}"
