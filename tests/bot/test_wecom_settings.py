"""WeCom's settings and the doctor's lines (企业微信设置与体检): whole or not at all; what a lawful roll-out lacks."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chat_driver import small_url
from sqlalchemy import select
from wecom_house import ROTATION, wecom_settings
from wecom_seal import AES_KEY, AGENT, CORP, SECRET, TOKEN

from bot.files.roster_sheet import read_roster
from bot.operations.doctor import doctor
from bot.settings import read_settings
from bot.wecom.api import FAULT
from bot.wecom.channel import keys_of
from bot.wecom.errcode import BUSY, CONFIGURATION, GONE, RENEW, WAIT
from models.chief import Chief
from models.engine import open_engine, reading, transaction
from services import alarm, lawful, platform
from services.refused import Refused
from services.roster import import_roster

NOW = datetime.now(UTC)


def test_the_conventional_names_are_understood_and_ours_win(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "WECOM_CORP_ID": "other", "XUNLIN_WECOM_CORP_ID": CORP, "WECOM_AGENT_ID": str(AGENT), "WECOM_SECRET": SECRET,
        "WECOM_TOKEN": TOKEN, "WECOM_ENCODING_AES_KEY": AES_KEY,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert (settings.wecom_corp_id, settings.wecom_agent_id) == (CORP, AGENT)
    assert len(keys_of(settings).aes_keys[0]) == 32
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("lacking", ["wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key"])
def test_half_an_app_is_refused(tmp_path: Path, lacking: str) -> None:
    with pytest.raises(ValueError, match="五个"):
        wecom_settings(
            "sqlite://", tmp_path, **{lacking: None if "id" not in lacking else "" if "corp" in lacking else 0}
        )


@pytest.mark.parametrize("key", ["short", "!" * 43, AES_KEY + "A"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        wecom_settings("sqlite://", tmp_path, wecom_aes_key=key)


def test_the_new_keys_come_before_the_old(tmp_path: Path) -> None:
    keys = keys_of(wecom_settings("sqlite://", tmp_path, **ROTATION))
    assert keys.tokens == (TOKEN, "before")
    assert len(keys.aes_keys) == 2


def lines(url: str, folder: Path, **more: str) -> dict[str, tuple[str, str]]:
    folder.mkdir(exist_ok=True)
    checks = doctor(wecom_settings(url, folder, **more), NOW)
    return {check.name: (check.state.value, check.text) for check in checks}


def test_the_doctor_lists_line_by_line_what_a_lawful_roll_out_lacks(tmp_path: Path) -> None:
    with small_url("sqlite", tmp_path) as url:
        told = lines(url, tmp_path / "data", profile="cn-gov")
        missing = {name for name, (state, _) in told.items() if name.startswith("lawful_") and state == "warn"}
        assert missing == {"lawful_filing", "lawful_notice", "lawful_retention", "lawful_ip"}
        assert told["lawful_telegram"][0] == told["lawful_pages"][0] == told["wecom"][0] == "ok"
        engine = open_engine(url)
        with transaction(engine) as session:
            for item in lawful.ITEMS:
                lawful.confirm(session, item, "京政务-2026-001", NOW)
        engine.dispose()
        assert "京政务-2026-001" in lines(url, tmp_path / "data", profile="cn-gov")["lawful_filing"][1]
        told = lines(url, tmp_path / "data", profile="cn-gov")
        assert not [name for name, (state, _) in told.items() if name.startswith("lawful_") and state != "ok"]
        assert not [name for name in lines(url, tmp_path / "data") if name.startswith("lawful_")]


def test_an_unknown_item_is_refused(tmp_path: Path) -> None:
    with small_url("sqlite", tmp_path) as url:
        engine = open_engine(url)
        with transaction(engine) as session, pytest.raises(Refused):
            lawful.confirm(session, "luck", "x", NOW)
        engine.dispose()


def test_the_doctor_names_the_errcode_and_the_spool(tmp_path: Path) -> None:
    with small_url("sqlite", tmp_path) as url:
        engine = open_engine(url)
        with transaction(engine) as session:
            alarm.sound(session, f"{FAULT}.message/send", "60020 message/send: from ip: 192.0.2.7")
            platform.warn(session, "inactive_alert", datetime(2026, 12, 1, tzinfo=UTC))
        engine.dispose()
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "wecom.spool").write_text("{}\n")
        told = lines(url, tmp_path / "data")
        assert told["wecom_fault"][0] == "bad"
        assert "60020 message/send: from ip: 192.0.2.7" in told["wecom_fault"][1]
        assert (told["wecom_app"][0], "2026-12-01 08:00 起将被停用" in told["wecom_app"][1]) == ("bad", True)
        assert told["wecom_spool"][0] == "warn"


def test_the_rosters_column_names_members_and_a_new_phone_is_looked_up_again(tmp_path: Path) -> None:
    head = "code,姓名,林长级别,责任街道,责任社区,手机号,企业微信账号\n"
    row = "110102010002-L1,胡晓兰,社区级林长,德胜街道,安德路南社区,{phone},{user}\n"
    with small_url("sqlite", tmp_path) as url:
        engine = open_engine(url)
        for phone, user, known in (("13900000001", "HuXL", "huxl"), ("13900000002", "", None)):
            sheet = tmp_path / "roster.csv"
            sheet.write_text(head + row.format(phone=phone, user=user), "utf-8")
            with transaction(engine) as session:
                import_roster(session, read_roster(sheet).rows, NOW.date(), ["社区", "街道"])
            with reading(engine) as session:
                chief = session.scalars(select(Chief).where(Chief.code == "110102010002-L1")).one()
                assert (chief.phone, chief.wecom_id) == (phone, known)
        engine.dispose()


def test_every_errcode_that_is_known_stands_in_the_table() -> None:
    table = (Path(__file__).parents[2] / "docs" / "wecom.md").read_text("utf-8").partition("## Errcodes")[2]
    known = {*RENEW, *WAIT, *BUSY, *CONFIGURATION, *GONE}
    assert [code for code in sorted(known) if not re.search(rf"(?<!\d){code}\b", table)] == []
