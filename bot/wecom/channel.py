"""The WeCom channel (企业微信渠道): puts its parts together where its settings are there."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr
from sqlalchemy import Engine

from bot.bell import Bell, Bells
from bot.loops import spin
from bot.map_page import map_page
from bot.network import NetworkChannel
from bot.network_sender import Limits
from bot.settings import Settings
from bot.wecom.api import Api
from bot.wecom.crypto import Keys, key_of
from bot.wecom.intake import Intake
from bot.wecom.login import Login
from bot.wecom.map_door import map_door_routes
from bot.wecom.media import Uploads, fetch
from bot.wecom.receive import callback_routes
from bot.wecom.send import Sender
from bot.wecom.spool import Spool
from bot.wecom.upkeep import Upkeep
from bot.wecom.upload import PAGE, UploadPage, upload_routes

PER_SECOND = 100.0
"""Requests a second in all: WeCom takes 10,000 a minute of one corporation."""


async def start(engine: Engine, settings: Settings, bells: Bells) -> NetworkChannel | None:
    """The channel, or None where it is not set up."""
    if not settings.wecom_corp_id:
        return None
    api = Api(
        engine, settings.wecom_api_url, settings.wecom_corp_id, settings.wecom_agent_id, _open(settings.wecom_secret)
    )
    intake = Intake(engine, Spool(settings.data_dir / "wecom.spool"), bells.work)
    intake.drain_later()
    sender = Sender(engine, api, Uploads(engine, api), settings.data_dir, settings.language)
    upkeep = Upkeep(engine, settings, api, f"{settings.public_url}{PAGE}" if settings.public_url else "")

    async def receive(stop: asyncio.Event) -> None:
        await spin(engine, "receive.wecom", upkeep.once, stop, Bell())
        await asyncio.to_thread(upkeep.give_up)

    async def close() -> None:
        intake.close()
        await api.close()

    return NetworkChannel(
        "wecom", sender.post, Limits(PER_SECOND, lambda chat: timedelta(0)), lambda ref: fetch(api, ref), receive,
        _routes(engine, settings, api, intake), close,
    )  # fmt: skip


def keys_of(settings: Settings) -> Keys:
    """The callback's keys, the new before the old."""
    tokens = [_open(one) for one in (settings.wecom_token, settings.wecom_old_token) if one]
    aes_keys = [key_of(_open(one)) for one in (settings.wecom_aes_key, settings.wecom_old_aes_key) if one]
    return Keys(tuple(tokens), tuple(aes_keys), settings.wecom_corp_id)


def _routes(engine: Engine, settings: Settings, api: Api, intake: Intake) -> APIRouter:
    datum = {"location": settings.wecom_location_datum, "event": settings.wecom_event_datum}
    router = APIRouter()
    router.include_router(callback_routes(keys_of(settings), intake, datum))
    if settings.public_url:
        # The app's own secret signs: whoever has it could ask WeCom for everything already.
        signer = URLSafeTimedSerializer(_open(settings.wecom_secret), salt="wecom pages")
        login = Login(api, signer, settings.public_url)
        router.include_router(upload_routes(UploadPage(engine, intake, login, settings.data_dir, settings.language)))
        router.include_router(map_door_routes(map_page(engine, settings), login))
    return router


def _open(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
