"""Where settings come from (设置的来源): the environment, then `.env`; `NAME_FILE` names a file that holds a value."""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import available_timezones

from pydantic import AliasChoices
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource

Variables = Mapping[str, str | None]
"""Names in small letters, as the sources compare them."""


class BadSourceError(ValueError):
    """A variable that cannot be read: `key` is `file_unreadable` or `both_set`."""

    def __init__(self, key: str, **fields: str) -> None:
        super().__init__(f"{key}: {fields}")
        self.key, self.fields = key, fields


def variables_of(settings_cls: type[BaseSettings], field: str) -> tuple[str, ...]:
    """The variables of a field, the `XUNLIN_` one first."""
    alias = settings_cls.model_fields[field].validation_alias
    return tuple(map(str, alias.choices)) if isinstance(alias, AliasChoices) else ()


class Environment(EnvSettingsSource):
    """The environment of the process."""

    def _load_env_vars(self) -> Variables:
        return _completed(self.settings_cls, super()._load_env_vars())


class DotEnv(DotEnvSettingsSource):
    """The file `.env`."""

    def _load_env_vars(self) -> Variables:
        return _completed(self.settings_cls, super()._load_env_vars())


def _completed(settings_cls: type[BaseSettings], found: Variables) -> Variables:
    known = [name for field in settings_cls.model_fields for name in variables_of(settings_cls, field)]
    read = {name.lower(): _read(name, found) for name in known if found.get(f"{name}_file".lower())}
    return _with_a_zone({**found, **read})


def _read(name: str, found: Variables) -> str:
    # As container platforms hand secrets over.
    path = Path(found[f"{name}_file".lower()] or "")
    if found.get(name.lower()):
        raise BadSourceError("both_set", name=name, file=f"{name}_FILE")
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "UTF-8"
        raise BadSourceError("file_unreadable", name=f"{name}_FILE", path=str(path), why=why) from None


def _with_a_zone(found: dict[str, str | None]) -> Variables:
    # TZ belongs to the whole machine and may hold a rule such as CST-8: only the name of a zone is meant for us.
    zone = (found.pop("tz", None) or "").removeprefix(":")
    return {**found, "tz": zone} if zone in available_timezones() else found
