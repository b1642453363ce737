"""Fetching documents (取文件) that a platform still holds: minutes of meetings, papers of orders."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot import store
from bot.channel_error import ChannelError
from bot.network import Fetch
from locales import say
from models.account import Account
from models.document import Document
from models.engine import reading, transaction
from models.message import Reply
from services import document, outbox
from services.outbox import Said

_AT_ONCE = 4


async def fetch_documents(
    engine: Engine, data_dir: Path, fetches: Mapping[str, Fetch], language: str, now: datetime
) -> int:
    """Fetch the next documents, and tell the sender of one that cannot be had; gives how many there were."""
    waiting = await asyncio.to_thread(_waiting, engine, tuple(fetches), now)
    for document_id, channel, ref in waiting:
        try:
            data = await fetches[channel](ref)
            await asyncio.to_thread(_keep, engine, data_dir, document_id, data)
        except ChannelError as error:
            await asyncio.to_thread(_put_off, engine, document_id, error.retryable, language, now)
    return len(waiting)


def _waiting(engine: Engine, channels: tuple[str, ...], now: datetime) -> list[tuple[int, str, str]]:
    with reading(engine) as session:
        return document.to_fetch(session, channels, now, _AT_ONCE)


def _keep(engine: Engine, data_dir: Path, document_id: int, data: bytes) -> None:
    kept = store.put(data_dir, data)
    with transaction(engine) as session:
        document.fetched(session, document_id, kept.sha256, kept.size)


def _put_off(engine: Engine, document_id: int, retryable: bool, language: str, now: datetime) -> None:
    with transaction(engine) as session:
        gone = document.fetch_failed(session, document_id, now, retryable)
        if gone is not None:
            _tell(session, gone, language, now)


def _tell(session: Session, gone: Document, language: str, now: datetime) -> None:
    account = session.get_one(Account, gone.account_id)
    text = say(account.language or language, "document.gone", name=gone.name)
    outbox.put(session, [Said(account.channel, account.chat_id, Reply(text), now)])
