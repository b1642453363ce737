"""The doctor's lines about WeCom and about a lawful roll-out (体检): name, state, sentence."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from bot.settings import Settings
from bot.wecom.api import FAULT
from bot.wecom.spool import Spool
from locales import say
from services import alarm, lawful, platform
from services.consent import TEXT_VERSION

Line = tuple[str, str, str]


def wecom_lines(settings: Settings) -> list[Line]:
    """What can be seen without the database."""
    lines = [_set_up(settings)]
    if Spool(settings.data_dir / "wecom.spool").waits():
        lines.append(("wecom_spool", "warn", say(settings.language, "wecom.doctor.spool")))
    if settings.profile == "cn-gov":
        telegram = bool(getattr(settings, "telegram_token", None))
        key = "lawful.telegram" if telegram else "lawful.no_telegram"
        lines.append(("lawful_telegram", "bad" if telegram else "ok", say(settings.language, key)))
        lines.append(("lawful_pages", "ok", say(settings.language, "lawful.own_host")))
    return lines


def wecom_inside(settings: Settings, session: Session) -> list[Line]:
    """What the database knows: what WeCom refuses and says of the app; under cn-gov what a lawful roll-out needs."""
    lines = [*_faults(settings, session), *_app(settings, session)]
    if settings.profile == "cn-gov":
        lines.extend(_item(settings, session, item) for item in lawful.ITEMS)
    return lines


def _set_up(settings: Settings) -> Line:
    if not settings.wecom_corp_id:
        # Under cn-gov there is no other channel.
        state = "warn" if settings.profile == "cn-gov" else "ok"
        return "wecom", state, say(settings.language, "wecom.doctor.off")
    fields = {"corp": settings.wecom_corp_id, "agent": settings.wecom_agent_id}
    return "wecom", "ok", say(settings.language, "wecom.doctor.on", **fields)


def _faults(settings: Settings, session: Session) -> Iterator[Line]:
    for name, fault in alarm.sounding(session).items():
        if name.startswith(FAULT):
            yield "wecom_fault", "bad", say(settings.language, "wecom.doctor.fault", fault=fault)


def _app(settings: Settings, session: Session) -> Iterator[Line]:
    if told := platform.warned(session):
        event, since = told
        when = f"{since.astimezone(settings.zone):%Y-%m-%d %H:%M}"
        yield "wecom_app", "bad", say(settings.language, f"platform.{event}", when=when)


def _item(settings: Settings, session: Session, item: str) -> Line:
    language = settings.language
    if text := lawful.confirmed(session, item):
        what = say(language, f"lawful.item.{item}")
        return f"lawful_{item}", "ok", say(language, "lawful.confirmed", what=what, text=text)
    return f"lawful_{item}", "warn", say(language, f"lawful.missing_{item}", version=TEXT_VERSION)
