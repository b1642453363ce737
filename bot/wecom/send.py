"""Sends a message of ours by WeCom (发送): piece by piece, within what a member may get, none of them twice."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine

from bot.channel_error import ChannelError
from bot.wecom.api import Api
from bot.wecom.media import Uploads
from bot.wecom.pieces import CARD, Piece, pieces
from bot.wecom.stale import update_card
from locales import say
from models.engine import reading, transaction
from models.message import Press
from services import member, outbox, wecom, wecom_card
from services.outbox import Leased
from services.refused import Refused

log = structlog.get_logger()


class Sender:
    """Sends the outbox's messages to members."""

    def __init__(self, engine: Engine, api: Api, uploads: Uploads, data_dir: Path, language: str) -> None:
        self.engine, self.api, self.uploads, self.data_dir, self.language = engine, api, uploads, data_dir, language

    async def post(self, leased: Leased) -> str | None:
        """Send a message and give WeCom's id of its last piece; raises `ChannelError`."""
        if update := leased.body.get("card_update"):
            await self._update(leased.chat_id, update)
            return None
        made, done, hints = await asyncio.to_thread(self._made, leased)
        msg_id = None
        for place, piece in enumerate(made):
            if place in done:
                continue
            await asyncio.to_thread(self._begin, leased, place)
            answer = await self._send(leased.chat_id, piece)
            await asyncio.to_thread(self._done, leased, place, answer)
            msg_id = answer.get("msgid")
        if hints:
            await asyncio.to_thread(self._hinted, leased.chat_id)
        return msg_id

    async def _send(self, user: str, piece: Piece) -> dict[str, Any]:
        content = piece.content
        if piece.file:
            content = {"media_id": await self.uploads.id_of(piece)}
        said = {"touser": user, "msgtype": piece.kind, "agentid": self.api.agent_id, piece.kind: content}
        answer = await self.api.post("message/send", said)
        if _names(answer, "invaliduser", user):
            raise ChannelError("invaliduser", gone=True)
        if _names(answer, "unlicenseduser", user):
            # Said with errcode 0 as well: the message is lost, though the member is still there.
            log.error("wecom_unlicensed")
            raise ChannelError("unlicenseduser")
        return answer

    async def _update(self, user: str, update: dict[str, Any]) -> None:
        await update_card(self.api, user, update["code"], await asyncio.to_thread(self._chosen, user, update))

    def _made(self, leased: Leased) -> tuple[list[Piece], set[int], bool]:
        with reading(self.engine) as session:
            account = member.account_of(session, leased.chat_id)
            done = set(wecom.pieces_done(session, leased.id))
        language = (account.language if account else None) or self.language
        plain, hint = member.as_numbers(account), member.needs_hint(account)
        made = pieces(leased, self.data_dir, language, plain, hint)
        return made, done, hint and any(one.kind == CARD for one in made)

    def _hinted(self, user: str) -> None:
        with transaction(self.engine) as session:
            if account := member.account_of(session, user):
                account.hinted_at = datetime.now(UTC)

    def _begin(self, leased: Leased, place: int) -> None:
        with transaction(self.engine) as session:
            wait = wecom.begin_sending(session, leased.chat_id, leased.id, place, datetime.now(UTC))
        if wait:
            raise ChannelError("member limit", chat_wait=wait)

    def _done(self, leased: Leased, place: int, answer: dict[str, Any]) -> None:
        with transaction(self.engine) as session:
            wecom.sending_done(session, leased.id, place, datetime.now(UTC))
            if code := answer.get("response_code"):
                wecom_card.keep(session, leased.id, leased.chat_id, str(code), leased.created_at)

    def _chosen(self, user: str, update: dict[str, Any]) -> str:
        press = Press(int(update["outbox_id"]), int(update["place"]), int(update["stamp"]))
        with reading(self.engine) as session:
            account = member.account_of(session, user)
            language = (account.language if account else None) or self.language
            if ended := update.get("ended"):
                return say(language, f"wecom.ended.{ended}")
            try:
                label = outbox.pressed(session, press, "wecom", user).label
            except Refused:
                label = ""
        return say(language, "wecom.chosen", label=label)


def _names(answer: dict[str, Any], field: str, user: str) -> bool:
    """Whether an answer of errcode 0 says all the same that a member did not get it."""
    return user in str(answer.get(field) or "").lower().split("|")
