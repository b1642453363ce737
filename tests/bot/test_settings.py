"""Settings (设置): only their own variables are read, and a wrong one is named with what must stand there."""

import os
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.accounts import PEOPLE
from bot.channels import CHANNELS
from bot.settings import Settings, read_settings, settings_language
from locales import catalogue

FOREIGN = {
    "LANGUAGE": "en_US:en", "PROFILE": "dev", "DATA_DIR": "/srv/other", "SECRET": "another program's",
    "HTTP_PORT": "99", "ADMINS": "root", "LOCAL_CHAT": "yes please", "TELEGRAM_MODE": "push",
}  # fmt: skip


class ByName(BaseSettings):
    """The control: a class that takes its fields' names from the environment."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    language: str = "zh_CN"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without our variables, and an own `.env`."""
    for name in list(os.environ):
        if name.startswith("XUNLIN_") or name in {*FOREIGN, "TZ", "LOG_LEVEL", "DATABASE_URL", "TELEGRAM_BOT_TOKEN"}:
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    return tmp_path / ".env"


def test_names_of_other_programs_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = read_settings()
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    assert read_settings() == usual
    assert ByName().language == "en_US:en"


def test_names_of_other_programs_are_not_taken_from_a_file(alone: Path) -> None:
    usual = read_settings()
    alone.write_text("".join(f"{name}={value}\n" for name, value in FOREIGN.items()), "utf-8")
    assert read_settings() == usual


def test_a_keyword_wins_over_every_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNLIN_HTTP_PORT", "81")
    monkeypatch.setenv("XUNLIN_TIMEZONE", "Asia/Tokyo")
    monkeypatch.setenv("TZ", "Asia/Seoul")
    assert read_settings(http_port=82).http_port == 82
    assert (read_settings().timezone, read_settings(timezone="Asia/Urumqi").timezone) == ("Asia/Tokyo", "Asia/Urumqi")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("XUNLIN_DATABASE_URL", "mysql://x"), ("DATABASE_URL", "nonsense"), ("XUNLIN_DATA_DIR", "s3://bucket/x"),
        ("XUNLIN_TIMEZONE", "CST-8"), ("XUNLIN_LANGUAGE", "fr"), ("XUNLIN_ADMINS", "nonsense"),
        ("XUNLIN_ADMINS", "foo:1"), ("XUNLIN_ADMINS", "tele gram:  9"), ("XUNLIN_ADMINS", "telegram:zhang"),
        ("XUNLIN_TELEGRAM_API_URL", "api.telegram.org"), ("XUNLIN_TELEGRAM_MODE", "push"),
        ("XUNLIN_TELEGRAM_WEBHOOK_SECRET", "hush hush!"), ("XUNLIN_TELEGRAM_RATE", "0"),
        ("XUNLIN_HTTP_PORT", "99999"), ("XUNLIN_HTTP_PORT", "http"), ("XUNLIN_LOCAL_CHAT", "perhaps"),
        ("XUNLIN_PROFILE", "closed"), ("LOG_LEVEL", "loud"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_with_what_must_stand_there(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=r"^设置 XUNLIN_") as refused:
        read_settings()
    name = variable if variable.startswith("XUNLIN_") else f"XUNLIN_{variable}"
    must = catalogue("zh_CN")[f"settings.must.{name.removeprefix('XUNLIN_').lower()}"]
    assert str(refused.value) == f"设置 {name} 不对：{must}。请改好后再启动。"
    assert "hush" not in str(refused.value)


def test_it_is_said_in_the_language_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNLIN_LANGUAGE", "en")
    with pytest.raises(ValueError, match=r"^The setting XUNLIN_HTTP_PORT is wrong: it must be a whole number"):
        read_settings(http_port=99999)
    assert settings_language() == "en"


def test_settings_that_do_not_go_together_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNLIN_TELEGRAM_TOKEN", "1:a")
    monkeypatch.setenv("XUNLIN_PROFILE", "cn-gov")
    with pytest.raises(ValueError, match=r"^XUNLIN_PROFILE=cn-gov 要求"):
        read_settings()
    with pytest.raises(ValueError, match=r"^XUNLIN_TELEGRAM_MODE=webhook 还需要"):
        read_settings(profile="open", telegram_mode="webhook")


def test_the_head_of_the_audit_goes_to_a_known_channel_and_not_abroad(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(audit_chat="telegram:-100123").audit_chat == "telegram:-100123"
    for wrong in ("zhangsan", "mail:a", "wecom:", "wecom:a b"):
        with pytest.raises(ValueError, match="XUNLIN_AUDIT_CHAT"):
            read_settings(audit_chat=wrong)
    with pytest.raises(ValueError, match="cn-gov"):
        read_settings(audit_chat="telegram:1", profile="cn-gov")
    with pytest.raises(ValueError, match="XUNLIN_AUDIT_TSA_CA"):
        read_settings(audit_tsa_ca="nowhere.pem")


@pytest.mark.parametrize("name", ["XUNLIN_TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"])
@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_secret_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, alone: Path, name: str, place: str
) -> None:
    secret = alone.with_name("token")
    secret.write_text("1:abc\n", "utf-8")
    if place == "environment":
        monkeypatch.setenv(f"{name}_FILE", str(secret))
    else:
        alone.write_text(f"{name}_FILE={secret}\n", "utf-8")
    token = read_settings().telegram_token
    assert token
    assert token.get_secret_value() == "1:abc"


def test_a_value_and_its_file_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XUNLIN_SECRET", "a")
    monkeypatch.setenv("XUNLIN_SECRET_FILE", str(tmp_path / "s"))
    with pytest.raises(ValueError, match=r"^XUNLIN_SECRET 和 XUNLIN_SECRET_FILE 同时设了"):
        read_settings()


@pytest.mark.parametrize("content", [None, b"\x89PNG\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content:
        (tmp_path / "s").write_bytes(content)
    monkeypatch.setenv("XUNLIN_SECRET_FILE", str(tmp_path / "s"))
    with pytest.raises(ValueError, match=f"^XUNLIN_SECRET_FILE 指的文件 {tmp_path}/s 读不了"):
        read_settings()


@pytest.mark.parametrize(
    ("machine", "zone"), [(":Asia/Urumqi", "Asia/Urumqi"), ("CST-8", "Asia/Shanghai"), ("Asia/Tokyo", "Asia/Tokyo")]
)
def test_the_zone_of_the_machine_counts_where_it_is_the_name_of_one(
    monkeypatch: pytest.MonkeyPatch, machine: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", machine)
    assert read_settings().timezone == zone


def test_admins_are_kept_as_they_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNLIN_ADMINS", " telegram: 12345, wecom:zhangsan,")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert (read_settings().admins, read_settings().log_level) == ("telegram:12345,wecom:zhangsan", "DEBUG")


def test_every_channel_of_people_may_have_an_office() -> None:
    assert set(CHANNELS) - {"clock", "replay"} <= set(PEOPLE)
