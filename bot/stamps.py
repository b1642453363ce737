"""Timestamps (可信时间戳) by RFC 3161: a foreign authority signs the head of the audit chain."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import Engine

from bot.channel_error import ChannelError
from bot.settings import Settings
from models.engine import reading, transaction
from rules.localtime import local_date
from services import audit
from services.audit import Head

_TIMEOUT = aiohttp.ClientTimeout(total=30)
_LARGEST = 1 << 20
_LOOK_AGAIN = timedelta(minutes=10)
"""An authority that is away is not asked more often."""


class StampError(Exception):
    """A timestamp that does not prove what it should."""


class Stamps:
    """The daily timestamp of one process."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.look_at: datetime | None = None

    async def stamp_once(self, now: datetime) -> int:
        """Have the head signed where none was on this local day; gives whether it was."""
        if self.look_at is not None and now < self.look_at:
            return 0
        self.look_at = now + _LOOK_AGAIN
        head = await asyncio.to_thread(self._due, now)
        if head is None:
            return 0
        token = await stamped(self.settings, head.statement)
        await asyncio.to_thread(self._keep, head, token, now)
        return 1

    def _due(self, now: datetime) -> Head | None:
        zone = self.settings.zone
        with reading(self.engine) as session:
            last, head = audit.anchored_at(session, "tsa"), audit.head(session)
        is_today = last is not None and local_date(last, zone) == local_date(now, zone)
        return None if is_today or not head.seq else head

    def _keep(self, head: Head, token: bytes, now: datetime) -> None:
        with transaction(self.engine) as session:
            audit.keep_anchor(session, head, "tsa", self.settings.audit_tsa_url, now, token)


async def stamped(settings: Settings, statement: str) -> bytes:
    """The authority's answer to a statement, DER; raises `ChannelError`, and `StampError` for one that is worthless."""
    asked = TimestampRequestBuilder().data(statement.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = await _post(settings.audit_tsa_url, asked.as_bytes())
    if settings.audit_tsa_ca is None:
        _check_imprint(answer, asked)
    else:
        check(answer, statement, settings.audit_tsa_ca, asked)
    return answer


def check(answer: bytes, statement: str, roots: Path, asked: TimeStampRequest | None = None) -> datetime:
    """When an authority of these roots signed the statement; raises `StampError` where none did."""
    verifier = VerifierBuilder.from_request(asked) if asked else VerifierBuilder()
    try:
        for root in x509.load_pem_x509_certificates(roots.read_bytes()):
            verifier = verifier.add_root_certificate(root)
        found = decode_timestamp_response(answer)
        verifier.build().verify_message(found, statement.encode())
    except (ValueError, VerificationError) as error:
        raise StampError(str(error)) from None
    return found.tst_info.gen_time


def _check_imprint(answer: bytes, asked: TimeStampRequest) -> None:
    # Without its root the signature cannot be judged, but an answer to something else is of no use at all.
    try:
        found = decode_timestamp_response(answer).tst_info
    except ValueError as error:
        raise StampError(str(error)) from None
    if found.message_imprint.message != asked.message_imprint.message or found.nonce != asked.nonce:
        raise StampError("the timestamp is of something else")


async def _post(url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as client,
            client.post(url, data=body, headers=headers) as response,
        ):
            answer = await response.content.read(_LARGEST)
            if response.status != 200:
                raise ChannelError(f"timestamp authority: HTTP {response.status}", retryable=response.status >= 500)
            return answer
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ChannelError(f"timestamp authority: {type(error).__name__}", retryable=True) from None
