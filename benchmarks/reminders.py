"""Reminders of a whole country (提醒基准): `python -m benchmarks.reminders --url URL [--posts N] [--claim N]`."""

import argparse
import os
import platform
import resource
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlalchemy import Engine, func, select, text

from bot.reminders import Reminders
from bot.settings import read_settings
from models.bulk import run_long
from models.engine import open_engine, reading, transaction
from models.migrate import upgrade
from models.policy import Duty
from models.reminder import Reminder
from rules.duty import stretch_on
from services import duty, plan, workday

MONDAY = date(2026, 11, 30)
BEGINS = datetime(2026, 11, 29, 16, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
_MB = 1 << 10

FILL = (
    "INSERT INTO area (code, level, name) SELECT lpad(d::text, 6, '0'), 'district', 'D' || d"
    " FROM generate_series(100000, 100000 + (:n - 1) / 1000) AS s(d)",
    "INSERT INTO area (code, level, name, parent_code) SELECT d.code || lpad(s::text, 3, '0'), 'street', 'S' || s,"
    " d.code FROM area d CROSS JOIN generate_series(1, 25) AS t(s) WHERE d.level = 'district'",
    "INSERT INTO area (code, level, name, parent_code) SELECT s.code || lpad(c::text, 3, '0'), 'community', 'C' || c,"
    " s.code FROM area s CROSS JOIN generate_series(1, 20) AS t(c) WHERE s.level = 'street'",
    "INSERT INTO grid_version (code, name, street_code, geometry, valid_from) SELECT code || '001', name, parent_code,"
    " '{}', '2022-01-01' FROM area WHERE level = 'community'",
    "INSERT INTO grid_community (grid_version_id, community_code) SELECT id, left(code, 12) FROM grid_version",
    "INSERT INTO chief (id, code, name) SELECT n, 'C-' || n, 'N' || n FROM generate_series(1, :n) AS s(n)",
    "INSERT INTO post (id, chief_id, level, title, area_code, valid_from) SELECT row_number() OVER (),"
    " row_number() OVER (), 'community', 'T', a.code, '2022-01-01' FROM area a CROSS JOIN generate_series(1, 2)"
    " WHERE a.level = 'community' LIMIT :n",
    "INSERT INTO account (channel, user_id, chat_id, chief_id, created_at, wrong_codes) SELECT 'wecom', 'u' || n,"
    " 'u' || n, n, now(), 0 FROM generate_series(1, :n) AS s(n)",
    # Half of them have patrolled this week: they are looked at, and hear nothing.
    "INSERT INTO patrol (number, chief_id, post_id, level, patrolled_at, patrolled_on, submitted_at, forwarded, photos,"
    " verdict, inbox_id) SELECT 'XL-' || n, n, n, 'community', '2026-11-30 02:00+00', '2026-11-30',"
    " '2026-11-30 02:00+00', false, 1, 'counted', n FROM generate_series(2, :n, 2) AS s(n)",
)


def main() -> None:
    """Plan a week for so many posts on an empty PostgreSQL, claim what is due into the outbox, and print a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--url", required=True, help="an empty PostgreSQL database")
    asked.add_argument("--posts", type=int, default=1_200_000)
    asked.add_argument("--claim", type=int, default=100_000, help="how many due reminders to claim at most")
    given = asked.parse_args()
    engine = open_engine(read_settings(database_url=given.url).database_url)
    upgrade(engine)
    fill(engine, given.posts)
    before, server = memory(), server_s(engine)
    planned, plan_s = measured_plan(engine)
    server = server_s(engine) - server
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    print(f"SQLAlchemy {sqlalchemy.__version__}, {engine.dialect.name}")
    print(f"posts                    {given.posts:>12,}")
    print(f"rows planned             {planned:>12,}")
    print(f"planning s               {plan_s:>12.1f}")
    print(f"CPU s of the server      {server:>12.1f}")
    print(f"memory grew by MB        {memory() - before:>12,}")
    claim(engine, given.url, given.claim)
    engine.dispose()


def fill(engine: Engine, posts: int) -> None:
    """Districts of 25 streets of 20 communities of two posts, each chief with an account, by a few statements."""
    with transaction(engine) as session:
        for statement in FILL:
            session.execute(text(statement), {"n": posts} if ":n" in statement else {})
        workday.fill(session, MONDAY, ZONE)
    analyze(engine)


def measured_plan(engine: Engine) -> tuple[int, float]:
    """Plan the weekly duty of the communities; gives rows and seconds, the commit in them."""
    start = time.perf_counter()
    with transaction(engine) as session:
        weekly = session.scalars(select(Duty).where(Duty.period == "week")).one()
        stretch = stretch_on(duty.rule_of(weekly), MONDAY)
        if stretch is None:
            raise RuntimeError("the week owes nothing")
        run_long(session)
        planned = plan.plan(session, weekly, stretch, MONDAY, BEGINS)
    return planned, time.perf_counter() - start


def claim(engine: Engine, url: str, most: int) -> None:
    """Claim due reminders as the loop does, batch after batch, and print how fast."""
    analyze(engine)
    reminders = Reminders(engine, read_settings(database_url=url))
    now = BEGINS + timedelta(days=2, hours=9)
    reminders.remind_once(now)
    before = memory()
    looked_at, wall, cpu, server = 0, time.perf_counter(), time.process_time(), server_s(engine)
    while looked_at < most and (did := reminders.remind_once(now)):
        looked_at += did
    wall, cpu, server = time.perf_counter() - wall, time.process_time() - cpu, server_s(engine) - server
    with reading(engine) as session:
        said = session.scalar(select(func.count()).select_from(Reminder).where(Reminder.state == "said")) or 0
    print(f"due ones looked at       {looked_at:>12,}")
    print(f"said (not done before)   {said:>12,}")
    print(f"looked at a second       {looked_at / wall:>12,.0f}")
    print(f"  a second of CPU        {looked_at / (cpu + server):>12,.0f}")
    print(f"CPU s, program, server   {cpu:>7.1f}, {server:.1f}")
    print(f"memory grew by MB        {memory() - before:>12,}")


def server_s(engine: Engine) -> float:
    """The CPU seconds that the server's process of our connection has used; 0 where it runs elsewhere."""
    with engine.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def analyze(engine: Engine) -> None:
    """Let the database look at what it holds, as its own daemon does in time."""
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def memory() -> int:
    """The peak of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MB


if __name__ == "__main__":
    main()
