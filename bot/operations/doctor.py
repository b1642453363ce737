"""The doctor (体检): looks at everything an operator would look at, and says each in one line."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import Engine, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.expected import expected_loops
from bot.operations.files import data_files, database_file, hash_in_name
from bot.setting_sources import variables_of
from bot.settings import Settings
from bot.wecom.doctor import wecom_inside, wecom_lines
from locales import say
from models.engine import open_engine, reading
from models.inbox import Inbox
from models.migrate import NewerSchemaError, is_current
from models.photo import Photo
from models.workday import Workday
from reports.page import missing_glyphs
from rules.localtime import local_date
from services import count, health, reminder, workday

MB = 1_000_000
LITTLE_SPACE, NO_SPACE = 5_000 * MB, 500 * MB
LATE = timedelta(minutes=10)
"""How old the oldest waiting message may be."""
DEAD = timedelta(seconds=60)
"""How old a loop's beat may be, as `/healthz` judges it."""
SOON = timedelta(days=60)
"""How far ahead holidays must be known."""
ASKEW = timedelta(minutes=2)
"""How far the clock may differ from the database server's, or lag behind what has arrived."""


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor."""

    name: str
    state: State
    text: str


def doctor(settings: Settings, now: datetime) -> list[Check]:
    """Every check, worded in the settings' language; changes nothing, and a check that fails stops no other."""
    checks = [_settings(settings), *(_tried(name, look, settings) for name, look in _PLACES.items()), _disk(settings)]
    database = _database(settings)
    checks.append(database)
    checks.extend(Check(name, State(state), text) for name, state, text in wecom_lines(settings))
    if database.state is State.OK:
        engine = open_engine(settings.database_url)
        try:
            checks.extend(_inside(settings, engine, now))
            with reading(engine) as session:
                told = wecom_inside(settings, session)
            checks.extend(Check(name, State(state), text) for name, state, text in told)
        finally:
            engine.dispose()
    return checks


def shown(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each setting by its variable, with its value; secrets hidden."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = "***"
        elif name == "database_url":
            value = _without_password(value)
        yield next(iter(variables_of(type(settings), name)), name), "" if value is None else str(value)


def _without_password(address: str) -> str:
    url = make_url(address)
    hidden = {key: "***" if key == "password" else value for key, value in url.query.items()}
    return url.set(query=hidden).render_as_string(hide_password=True)


def _settings(settings: Settings) -> Check:
    lines = ", ".join(f"{name}={value}" for name, value in shown(settings))
    return Check("settings", State.OK, say(settings.language, "operations.settings", settings=lines))


def _tried(name: str, look: "Callable[[Settings], Check]", settings: Settings) -> Check:
    # One broken part must not hide the others: that is what an operator asks a doctor for.
    try:
        return look(settings)
    except Exception as error:
        return _broken(name, settings, error)


def _broken(name: str, settings: Settings, error: Exception) -> Check:
    what = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return Check(name, State.BAD, say(settings.language, "operations.check_failed", error=what))


def _disk(settings: Settings) -> Check:
    place = settings.data_dir.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    state = State.BAD if free < NO_SPACE else State.WARN if free < LITTLE_SPACE else State.OK
    key = "operations.disk" if state is State.OK else "operations.disk_little"
    return Check("disk", state, say(settings.language, key, free=f"{free / 1000 / MB:.1f}", folder=settings.data_dir))


def _data_dir(settings: Settings) -> Check:
    folder = settings.data_dir
    try:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".tmp") as file:
            file.write(b"doctor")
    except OSError as error:
        text = say(settings.language, "operations.data_dir_bad", folder=folder, error=error.strerror)
        return Check("data_dir", State.BAD, text)
    return Check("data_dir", State.OK, say(settings.language, "operations.data_dir", folder=folder))


def _font(settings: Settings) -> Check:
    missing = missing_glyphs(say("zh_CN", "operations.font_sample"))
    if missing:
        return Check("font", State.BAD, say(settings.language, "operations.font_bad", missing=" ".join(missing)))
    return Check("font", State.OK, say(settings.language, "operations.font"))


def _zones(settings: Settings) -> Check:
    # Shanghai kept summer time in 1990: a table cut down to today's offsets does not know it.
    shanghai = ZoneInfo("Asia/Shanghai")
    hours = [datetime(year, 7, 1, tzinfo=shanghai).utcoffset() for year in (1990, 2026)]
    good = hours == [timedelta(hours=9), timedelta(hours=8)]
    if not good:
        return Check("time_zone", State.BAD, say(settings.language, "operations.zone_bad"))
    return Check("time_zone", State.OK, say(settings.language, "operations.zone", zone=settings.timezone))


_PLACES: dict[str, Callable[[Settings], Check]] = {"data_dir": _data_dir, "font": _font, "time_zone": _zones}


def _database(settings: Settings) -> Check:
    language, name = settings.language, "database"
    if settings.embedded and not database_file(settings).is_file():
        return Check(name, State.BAD, say(language, "operations.no_database", file=database_file(settings)))
    engine = open_engine(settings.database_url)
    try:
        if is_current(engine):
            return Check(name, State.OK, say(language, "operations.database", kind=engine.dialect.name))
        return Check(name, State.BAD, say(language, "operations.schema_old"))
    except NewerSchemaError as error:
        return Check(name, State.BAD, say(language, "operations.newer_schema", revision=error))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return Check(name, State.BAD, say(language, "operations.unreachable", error=reason))
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class _Visit:
    """What a look into the database needs."""

    settings: Settings
    session: Session
    now: datetime

    def say(self, key: str, **fields: object) -> str:
        return say(self.settings.language, key, **fields)


def _inside(settings: Settings, engine: Engine, now: datetime) -> Iterator[Check]:
    for name, look in _LOOKS.items():
        try:
            with reading(engine) as session:
                check = look(_Visit(settings, session, now))
        except Exception as error:
            check = _broken(name, settings, error)
        if check:
            yield check


def _pragmas(visit: _Visit) -> Check | None:
    if not visit.settings.embedded:
        return None
    ask = visit.session.connection().exec_driver_sql
    journal, synchronous = (ask(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous"))
    sound = ask("PRAGMA quick_check(1)").scalar_one()
    if (journal, synchronous, sound) == ("wal", 2, "ok"):
        return Check("sqlite", State.OK, visit.say("operations.sqlite"))
    text = visit.say("operations.sqlite_bad", journal=journal, synchronous=synchronous, sound=sound)
    return Check("sqlite", State.BAD, text)


def _photos(visit: _Visit) -> Check:
    there = {sha256 for path in data_files(visit.settings) if (sha256 := hash_in_name(path))}
    wanted = visit.session.scalars(
        select(Photo.sha256).where(Photo.sha256.is_not(None), Photo.state.in_(("stored", "checked"))).distinct()
    )
    number = missing = 0
    for sha256 in wanted.yield_per(1000):
        number += 1
        missing += sha256 not in there
    if missing:
        return Check("photos", State.BAD, visit.say("operations.photos_missing", missing=missing, number=number))
    return Check("photos", State.OK, visit.say("operations.photos", number=number))


def _inbox(visit: _Visit) -> Check:
    queue = health.inbox_queue(visit.session)
    age = int(queue.oldest_s(visit.now))
    if queue.stuck:
        return Check("inbox", State.WARN, visit.say("operations.inbox_parked", parked=queue.stuck))
    state = State.WARN if age > LATE.total_seconds() else State.OK
    return Check("inbox", state, visit.say("operations.inbox", waiting=queue.waiting, age=age))


def _outbox(visit: _Visit) -> Check:
    queue = health.outbox_queue(visit.session)
    age = int(queue.oldest_s(visit.now))
    state = State.WARN if queue.stuck or age > LATE.total_seconds() else State.OK
    text = visit.say("operations.outbox", waiting=queue.waiting, age=age, failed=queue.stuck)
    return Check("outbox", state, text)


def _counts(visit: _Visit) -> Check:
    wrong = count.differences(visit.session)
    if wrong:
        return Check("counts", State.BAD, visit.say("operations.counts_differ", number=len(wrong)))
    return Check("counts", State.OK, visit.say("operations.counts"))


def _clock(visit: _Visit) -> Check:
    # Deliveries of the replay are received in the past, so they never make a good clock look slow.
    latest = visit.session.scalar(select(Inbox.received_at).order_by(Inbox.id.desc()).limit(1))
    known = [instant for instant in (latest, _server_time(visit)) if instant]
    lag = max((instant - visit.now for instant in known), default=timedelta(0))
    ahead = visit.now - server if (server := _server_time(visit)) else timedelta(0)
    if max(lag, ahead) > ASKEW:
        wrong_s = int(max(lag, ahead).total_seconds())
        return Check("clock", State.BAD, visit.say("operations.clock_bad", seconds=wrong_s))
    local = visit.now.astimezone(visit.settings.zone)
    return Check("clock", State.OK, visit.say("operations.clock", time=f"{local:%Y-%m-%d %H:%M:%S}"))


def _server_time(visit: _Visit) -> datetime | None:
    if visit.settings.embedded:
        return None
    instant: datetime = visit.session.execute(select(func.clock_timestamp())).scalar_one()
    return instant.astimezone(UTC)


def _loops(visit: _Visit) -> Check:
    beats = health.beats(visit.session)
    late = [beat.loop for beat in beats if visit.now - beat.beat_at > DEAD]
    failing = [f"{beat.loop} ({beat.error})" for beat in beats if beat.error]
    if late:
        return Check("loops", State.BAD, visit.say("operations.loops_late", loops=", ".join(late)))
    missing = health.missing([beat.loop for beat in beats], expected_loops(visit.settings))
    if beats and missing:
        return Check("loops", State.BAD, visit.say("operations.loops_missing", loops=", ".join(missing)))
    if failing:
        return Check("loops", State.WARN, visit.say("operations.loops_failing", loops=", ".join(failing)))
    if not beats:
        return Check("loops", State.WARN, visit.say("operations.loops_none"))
    return Check("loops", State.OK, visit.say("operations.loops", number=len(beats)))


def _workdays(visit: _Visit) -> Check:
    last = visit.session.scalar(select(func.max(Workday.day)))
    if last is None:
        return Check("workdays", State.OK, visit.say("operations.workdays_none"))
    soon = local_date(visit.now + SOON, visit.settings.zone)
    if unknown := workday.unknown_years(visit.session, soon):
        years = ", ".join(map(str, unknown))
        return Check("workdays", State.WARN, visit.say("operations.workdays_unknown", years=years))
    return Check("workdays", State.OK, visit.say("operations.workdays", day=last))


def _reminders(visit: _Visit) -> Check:
    planned, late = health.reminders(visit.session, visit.now - LATE)
    if late:
        return Check("reminders", State.WARN, visit.say("operations.reminders_late", late=late))
    due_at = reminder.next_due_at(visit.session)
    shown = f"{due_at.astimezone(visit.settings.zone):%Y-%m-%d %H:%M}" if due_at else "–"
    return Check("reminders", State.OK, visit.say("operations.reminders", planned=planned, next=shown))


_LOOKS: dict[str, Callable[[_Visit], Check | None]] = {
    "sqlite": _pragmas, "photos": _photos, "inbox": _inbox, "outbox": _outbox, "counts": _counts, "clock": _clock,
    "loops": _loops, "workdays": _workdays, "reminders": _reminders,
}  # fmt: skip
