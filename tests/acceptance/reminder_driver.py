"""A process to be killed (被杀的提醒进程): says reminders until it is stopped; `naive` trusts a job store instead."""

import sys
import time
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, text

from bot.reminders import Reminders
from bot.settings import read_settings
from models.engine import open_engine


def remind(now: datetime) -> None:
    """Say what is due at an instant, over and over."""
    settings = read_settings()
    engine = open_engine(settings.database_url)
    reminders = Reminders(engine, settings)
    print("ready", flush=True)
    while True:
        if not reminders.remind_once(now):
            time.sleep(0.05)


def naive() -> None:
    """The control: an APScheduler of many whose jobs lie in one store."""
    settings = read_settings()
    stores = {"default": SQLAlchemyJobStore(settings.database_url, tablename="naive_job")}
    clock = BackgroundScheduler(timezone=UTC, jobstores=stores, executors={"default": ThreadPoolExecutor(4)})
    clock.start()
    print("ready", flush=True)
    while True:
        time.sleep(1)


def hand_over(number: int, first: datetime) -> None:
    """Put jobs into the store, a few a moment, as reminders that are spread over some minutes."""
    url = read_settings().database_url
    store = BackgroundScheduler(timezone=UTC, jobstores={"default": SQLAlchemyJobStore(url, tablename="naive_job")})
    store.start(paused=True)
    for n in range(number):
        when = first + timedelta(milliseconds=25 * n)
        store.add_job("reminder_driver:say", "date", run_date=when, args=(url, n), id=str(n), misfire_grace_time=None)
    store.shutdown(wait=False)
    print("ready", flush=True)


def say(url: str, number: int) -> None:
    """The naive job: writes its message."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO naive_message (number) VALUES (:number)"), {"number": number})
    engine.dispose()


if __name__ == "__main__":
    if sys.argv[1] == "naive":
        naive()
    elif sys.argv[1] == "store":
        hand_over(int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
    else:
        remind(datetime.fromisoformat(sys.argv[1]))
