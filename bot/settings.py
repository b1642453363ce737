"""Settings (设置): environment variables or a `.env` file, one frozen object."""

import base64
import re
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.accounts import PEOPLE, accounts
from bot.setting_sources import BadSourceError, DotEnv, Environment, variables_of
from locales import LANGUAGES, catalogue, say

HOME = Path(__file__).parent.parent
"""The checkout: the defaults lie in it, wherever the program is started from."""


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts that nobody but this machine reaches."""


def _named(name: str, *conventional: str) -> AliasChoices:
    return AliasChoices(f"XUNLIN_{name}", *conventional)


class Settings(BaseSettings):
    """What an operator can set; `xunlin doctor` prints it with secrets hidden."""

    model_config = SettingsConfigDict(frozen=True, env_file=HOME / ".env", extra="ignore")

    def __init__(self, **values: object) -> None:
        # A keyword is a field's own name. In the environment that name (LANGUAGE, SECRET) belongs to other programs.
        named = {name: variables_of(type(self), name) for name in values}
        super().__init__(**{names[0] if (names := named[name]) else name: value for name, value in values.items()})  # type: ignore[arg-type]

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Keywords first, then the environment, then `.env`."""
        return init_settings, Environment(settings_cls), DotEnv(settings_cls)

    database_url: str = Field(
        f"sqlite:///{HOME}/data/xunlin.db", validation_alias=_named("DATABASE_URL", "DATABASE_URL"),
        description="SQLAlchemy URL; PostgreSQL (postgresql+psycopg://…) when one machine is outgrown",
    )  # fmt: skip
    data_dir: Path = Field(
        HOME / "data", validation_alias=_named("DATA_DIR"), description="folder of photos and documents"
    )
    timezone: str = Field(
        "Asia/Shanghai", validation_alias=_named("TIMEZONE", "TZ"), description="zone of local dates and reminders"
    )
    language: str = Field(
        "zh_CN", validation_alias=_named("LANGUAGE"), description="default language; a person can choose another"
    )
    admins: str = Field(
        "", validation_alias=_named("ADMINS"),
        description="first office accounts, area = the whole district: telegram:12345,wecom:zhangsan",
    )  # fmt: skip
    telegram_token: SecretStr | None = Field(
        None, validation_alias=_named("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        description="the bot's token from BotFather; Telegram starts only with it",
    )  # fmt: skip
    telegram_api_url: str = Field(
        "https://api.telegram.org", validation_alias=_named("TELEGRAM_API_URL"),
        description="the Bot API: /bot<token>/METHOD and /file/bot<token>/PATH below it",
    )  # fmt: skip
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", validation_alias=_named("TELEGRAM_MODE"), description="how updates come in"
    )
    telegram_webhook_url: str = Field(
        "", validation_alias=_named("TELEGRAM_WEBHOOK_URL"),
        description="public https address of /telegram/webhook, for the webhook mode",
    )  # fmt: skip
    telegram_webhook_secret: SecretStr | None = Field(
        None, validation_alias=_named("TELEGRAM_WEBHOOK_SECRET"),
        description="1 to 256 characters A-Za-z0-9_- that Telegram sends along, for the webhook mode",
    )  # fmt: skip
    telegram_rate: float = Field(
        25, validation_alias=_named("TELEGRAM_RATE"), gt=0,
        description="messages a second per token; above Telegram's own 30 no limit is kept",
    )  # fmt: skip
    http_host: str = Field("127.0.0.1", validation_alias=_named("HTTP_HOST"), description="address the server binds to")
    http_port: int = Field(8080, validation_alias=_named("HTTP_PORT"), ge=0, le=65535, description="port of the server")
    local_chat: bool = Field(False, validation_alias=_named("LOCAL_CHAT"), description="serve the local web chat")
    profile: Literal["open", "cn-gov"] = Field(
        "open", validation_alias=_named("PROFILE"), description="cn-gov keeps all data in China"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", validation_alias=_named("LOG_LEVEL", "LOG_LEVEL"), description="how much is logged"
    )
    secret: SecretStr | None = Field(
        None, validation_alias=_named("SECRET"),
        description="signs the web session cookies; made and kept in the data folder where it is not set",
    )  # fmt: skip

    report_template: Path | None = Field(
        None, validation_alias=_named("REPORT_TEMPLATE"),
        description="the office's own .docx for the annual report; its styles, head and page set-up are kept",
    )  # fmt: skip
    public_url: str = Field(
        "", validation_alias=_named("PUBLIC_URL"),
        description="address under which phones reach the server, such as https://xunlin.example.cn",
    )  # fmt: skip
    tianditu_key: SecretStr | None = Field(
        None, validation_alias=_named("TIANDITU_KEY"),
        description="browser key of tianditu.gov.cn: its tiles lie below the live map; none are asked for without it",
    )  # fmt: skip
    tianditu_approval: str = Field(
        "", validation_alias=_named("TIANDITU_APPROVAL"),
        description="the approval number of the map as tianditu.gov.cn prints it at present; belongs to the key",
    )  # fmt: skip
    tianditu_url: str = Field(
        "https://t{s}.tianditu.gov.cn", validation_alias=_named("TIANDITU_URL"),
        description="where the tiles come from; {s} stands for 0 to 7",
    )  # fmt: skip
    wecom_corp_id: str = Field(
        "", validation_alias=_named("WECOM_CORP_ID", "WECOM_CORP_ID"), description="WeCom: id of the corporation"
    )
    wecom_agent_id: int = Field(
        0, validation_alias=_named("WECOM_AGENT_ID", "WECOM_AGENT_ID"), description="WeCom: id of the self-built app"
    )
    wecom_secret: SecretStr | None = Field(
        None, validation_alias=_named("WECOM_SECRET", "WECOM_SECRET"), description="WeCom: secret of the app"
    )
    wecom_token: SecretStr | None = Field(
        None, validation_alias=_named("WECOM_TOKEN", "WECOM_TOKEN"), description="WeCom: Token of the callback"
    )
    wecom_aes_key: SecretStr | None = Field(
        None, validation_alias=_named("WECOM_AES_KEY", "WECOM_ENCODING_AES_KEY"),
        description="WeCom: EncodingAESKey of the callback, 43 characters",
    )  # fmt: skip
    wecom_old_token: SecretStr | None = Field(
        None, validation_alias=_named("WECOM_OLD_TOKEN"), description="WeCom: the Token before, during a change"
    )
    wecom_old_aes_key: SecretStr | None = Field(
        None, validation_alias=_named("WECOM_OLD_AES_KEY"), description="WeCom: the EncodingAESKey before"
    )
    wecom_api_url: str = Field(
        "https://qyapi.weixin.qq.com", validation_alias=_named("WECOM_API_URL"), description="WeCom: where its API is"
    )
    wecom_location_datum: Literal["gcj02", "wgs84"] = Field(
        "gcj02", validation_alias=_named("WECOM_LOCATION_DATUM"),
        description="WeCom: datum of location messages and of the menu's location picker",
    )  # fmt: skip
    wecom_event_datum: Literal["gcj02", "wgs84"] = Field(
        "gcj02", validation_alias=_named("WECOM_EVENT_DATUM"), description="WeCom: datum of LOCATION events"
    )

    audit_chat: str = Field(
        "", validation_alias=_named("AUDIT_CHAT"),
        description="chat CHANNEL:ID that the head of the audit chain is sent to once a day",
    )  # fmt: skip
    audit_tsa_url: str = Field(
        "", validation_alias=_named("AUDIT_TSA_URL"),
        description="RFC 3161 timestamp authority that signs the head of the audit chain once a day",
    )  # fmt: skip
    audit_tsa_ca: Path | None = Field(
        None, validation_alias=_named("AUDIT_TSA_CA"),
        description="PEM file of the authority's root certificates, to check its timestamps",
    )  # fmt: skip

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in {"sqlite", "postgresql"}:
            raise ValueError("must be a URL such as sqlite:///data/xunlin.db or postgresql+psycopg://user@host/xunlin")
        return value.replace("postgresql://", "postgresql+psycopg://", 1)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be a zone of the zone database such as Asia/Shanghai")
        return value

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
        return value

    @field_validator("admins")
    @classmethod
    def _known_accounts(cls, value: str) -> str:
        return ",".join(f"{channel}:{user}" for channel, user in accounts(value))

    @field_validator("log_level", mode="before")
    @classmethod
    def _large_letters(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _local_folder(cls, value: Path) -> Path:
        if str(value).startswith("s3:"):
            raise ValueError("must be a folder: storage at s3:// is not built yet")
        return value

    @field_validator("report_template")
    @classmethod
    def _is_document(cls, value: Path | None) -> Path | None:
        if value is not None and not (value.is_file() and zipfile.is_zipfile(value)):
            raise ValueError("must be a .docx file that exists")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _known_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must be an address such as https://api.telegram.org")
        return value.rstrip("/")

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _plain_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("must be 1 to 256 characters A-Za-z0-9_-")
        return value

    @field_validator("tianditu_key")
    @classmethod
    def _plain_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9]{8,64}", value.get_secret_value()):
            raise ValueError("must be the key of 8 to 64 letters and digits as the console shows it")
        return value

    @field_validator("tianditu_url")
    @classmethod
    def _tile_host(cls, value: str) -> str:
        # It becomes a part of the page's policy: nothing but a host may stand in it.
        if not re.fullmatch(r"https?://[A-Za-z0-9.{}-]+(:\d+)?", value.rstrip("/")):
            raise ValueError("must be an address without a path, such as https://t{s}.tianditu.gov.cn")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _tiles_are_whole(self) -> "Settings":
        if bool(self.tianditu_key) != bool(self.tianditu_approval.strip()):
            raise ValueError("tianditu_incomplete")
        return self

    @model_validator(mode="after")
    def _telegram_is_whole(self) -> "Settings":
        if self.profile == "cn-gov" and (self.telegram_token or self.audit_chat.startswith("telegram:")):
            raise ValueError("telegram_abroad")
        webhook = self.telegram_token and self.telegram_mode == "webhook"
        if webhook and not (self.telegram_webhook_url and self.telegram_webhook_secret):
            raise ValueError("webhook_incomplete")
        return self

    @field_validator("wecom_aes_key", "wecom_old_aes_key")
    @classmethod
    def _whole_key(cls, value: SecretStr | None) -> SecretStr | None:
        try:
            if value and len(base64.b64decode(value.get_secret_value() + "=", validate=True)) != 32:
                raise ValueError
        except ValueError:
            raise ValueError("must be the EncodingAESKey of 43 letters and digits as the console shows it") from None
        return value

    @field_validator("audit_chat")
    @classmethod
    def _known_chat(cls, value: str) -> str:
        channel, _, chat = value.partition(":")
        if value and (channel not in PEOPLE or not re.fullmatch(r"[\w.@-]{1,64}", chat)):
            raise ValueError("must be a chat such as wecom:zhangsan or telegram:-1001234")
        return value

    @field_validator("audit_tsa_ca")
    @classmethod
    def _is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("must be a PEM file that exists")
        return value

    @field_validator("public_url", "wecom_api_url", "audit_tsa_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _wecom_is_whole(self) -> "Settings":
        given = (self.wecom_corp_id, self.wecom_agent_id, self.wecom_secret, self.wecom_token, self.wecom_aes_key)
        if any(given) and not all(given):
            raise ValueError("wecom_incomplete")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of local dates."""
        return ZoneInfo(self.timezone)

    @property
    def secret_values(self) -> tuple[str, ...]:
        """What must stand in no log line."""
        found = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in found if isinstance(value, SecretStr))

    @property
    def page_address(self) -> str:
        """Where our pages are reached: as it is set, else on this machine alone; empty where nobody knows."""
        if self.public_url or self.http_host not in LOOPBACK or not self.http_port:
            return self.public_url
        host = f"[{self.http_host}]" if ":" in self.http_host else self.http_host
        return f"http://{host}:{self.http_port}"

    @property
    def embedded(self) -> bool:
        """Whether the database is SQLite, which one process at a time may serve."""
        return self.database_url.startswith("sqlite")


def read_settings(**overrides: object) -> Settings:
    """The settings of this process; raises `ValueError` with one line a wrong variable, in the settings' language."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise ValueError("\n".join(_worded(one["loc"], one["msg"]) for one in error.errors())) from None
    except BadSourceError as error:
        raise ValueError(say(settings_language(), f"settings.{error.key}", **error.fields)) from None


def settings_language() -> str:
    """The language of the settings, whatever else is wrong with them."""
    try:
        found = _Spoken(_env_file=Settings.model_config.get("env_file")).language  # type: ignore[call-arg]
    except (ValidationError, BadSourceError):
        found = ""
    return found if found in LANGUAGES else "zh_CN"


class _Spoken(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    language: str = Field("zh_CN", validation_alias=_named("LANGUAGE"))


def _worded(place: tuple[int | str, ...], message: str) -> str:
    # What must stand there is said; the value is not: it may be a secret.
    language, why = settings_language(), message.removeprefix("Value error, ")
    if not place:
        return say(language, f"settings.{why}") if f"settings.{why}" in catalogue(language) else why
    variable = str(place[0])
    field = next((f for f in Settings.model_fields if variable in variables_of(Settings, f)), variable)
    name = next(iter(variables_of(Settings, field) if field in Settings.model_fields else ()), variable)
    must = f"settings.must.{field}"
    return say(language, "settings.wrong", name=name, must=say(language, must) if must in catalogue(language) else why)
