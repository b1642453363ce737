"""Timestamps (可信时间戳): the head is signed by a foreign authority, and only its own signature is believed."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from audit_house import BEGIN, chained, head, verified
from sqlalchemy import Engine
from tsa_standin import Authority, serving

from bot.channel_error import ChannelError
from bot.settings import Settings, read_settings
from bot.stamps import StampError, Stamps, check, stamped
from models.engine import reading
from services import audit

AUTHORITY = Authority()


@pytest.fixture
def authority() -> Authority:
    AUTHORITY.spoil, AUTHORITY.asked = "", 0
    return AUTHORITY


@pytest.fixture
def settings(authority: Authority, tmp_path: Path) -> Iterator[Settings]:
    root = tmp_path / "root.pem"
    root.write_bytes(authority.root_pem)
    with serving(authority) as url:
        yield read_settings(audit_tsa_url=url, audit_tsa_ca=root, data_dir=tmp_path)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with chained(database_url, 6) as made:
        yield made


def test_the_head_is_signed_once_a_day_and_the_signature_is_kept(
    engine: Engine, settings: Settings, authority: Authority
) -> None:
    stamps, now = Stamps(engine, settings), BEGIN
    signed = [asyncio.run(stamps.stamp_once(now + timedelta(hours=hours))) for hours in (0, 1, 2, 24)]
    assert (signed, authority.asked) == ([1, 0, 0, 1], 2)
    with reading(engine) as session:
        first, second = audit.tokens(session)
    assert (first.seq, first.hash) == (6, head(engine).hash)
    assert settings.audit_tsa_ca is not None
    assert isinstance(check(first.token or b"", f"6:{first.hash}", settings.audit_tsa_ca), datetime)
    assert verified(engine).anchors == 2
    assert second.token != first.token


def test_a_signature_of_something_else_or_of_somebody_else_is_worthless(settings: Settings, tmp_path: Path) -> None:
    assert settings.audit_tsa_ca is not None
    token = asyncio.run(stamped(settings, "6:aa"))
    with pytest.raises(StampError):
        check(token, "7:aa", settings.audit_tsa_ca)
    with pytest.raises(StampError):
        check(token[:-3] + b"abc", "6:aa", settings.audit_tsa_ca)
    other = tmp_path / "other.pem"
    other.write_bytes(Authority().root_pem)
    with pytest.raises(StampError):
        check(token, "6:aa", other)
    check(token, "6:aa", settings.audit_tsa_ca)  # the control


@pytest.mark.parametrize("with_root", [True, False])
@pytest.mark.parametrize("spoil", ["imprint", "nonce", "refuse"])
def test_an_answer_that_proves_nothing_is_not_kept(
    engine: Engine, settings: Settings, authority: Authority, spoil: str, with_root: bool
) -> None:
    authority.spoil = spoil
    if not with_root:
        settings = settings.model_copy(update={"audit_tsa_ca": None})
    stamps = Stamps(engine, settings)
    with pytest.raises(StampError):
        asyncio.run(stamps.stamp_once(BEGIN))
    assert asyncio.run(stamps.stamp_once(BEGIN + timedelta(minutes=5))) == 0
    assert authority.asked == 1  # one that is away is not asked more often
    authority.spoil = ""
    assert asyncio.run(stamps.stamp_once(BEGIN + timedelta(minutes=11))) == 1


def test_an_authority_that_is_away_is_asked_again(settings: Settings, authority: Authority) -> None:
    authority.spoil = "error"
    with pytest.raises(ChannelError, match="500"):
        asyncio.run(stamped(settings, "6:aa"))
