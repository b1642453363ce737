"""Updates cards (更新卡片): the one that was clicked, and those whose draft ended in another way."""

import asyncio
from datetime import datetime

from sqlalchemy import Engine

from bot.channel_error import ChannelError
from bot.wecom.api import Api
from locales import say
from models.engine import reading, transaction
from services import member, wecom_card

_AT_ONCE = 20


async def update_card(api: Api, user: str, code: str, label: str) -> None:
    """Let a card show one dead button with these words; a code does it once; raises `ChannelError`."""
    said = {"userids": [user], "agentid": api.agent_id, "response_code": code, "button": {"replace_name": label}}
    await api.post("message/update_template_card", said)


async def update_stale(engine: Engine, api: Api, language: str, now: datetime) -> int:
    """Update the cards whose buttons do nothing any more; gives how many there were; raises `ChannelError`."""
    waiting = await asyncio.to_thread(_stale, engine, language, now)
    for card, label in waiting:
        try:
            await update_card(api, card.user_id, card.code, label)
        except ChannelError as error:
            # A card that cannot be updated explains itself when it is clicked.
            if error.retryable:
                raise
        await asyncio.to_thread(_close, engine, card.outbox_id)
    return len(waiting)


def _stale(engine: Engine, language: str, now: datetime) -> list[tuple[wecom_card.StaleCard, str]]:
    with reading(engine) as session:
        found = wecom_card.stale(session, now, _AT_ONCE)
        known = {card.user_id: member.account_of(session, card.user_id) for card in found}
        spoken = {user: (account.language if account else None) or language for user, account in known.items()}
    return [(card, say(spoken[card.user_id], f"wecom.ended.{card.state}")) for card in found]


def _close(engine: Engine, outbox_id: int) -> None:
    with transaction(engine) as session:
        wecom_card.close(session, outbox_id)
