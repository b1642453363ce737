"""Intake of the replay of 2023 (接收基准): `python -m benchmarks.intake [--on-top N] [--url URL]`."""

import argparse
import os
import platform
import resource
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from sqlalchemy import Engine, text

from bot import demo
from bot.intake import replay
from bot.settings import read_settings
from models.area import Area
from models.engine import open_engine, reading, transaction
from models.migrate import upgrade
from services import count, grid, summary

DELIVERIES = 15_235
DAY = "date('2010-01-01', '+' || (n % 3650) || ' days')"


def main() -> None:
    """Measure once on the database of `--url`, a fresh SQLite by default, and print a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--on-top", type=int, default=0, help="patrols that are there before")
    asked.add_argument("--url", help="an empty database; the default is a fresh SQLite in a temporary folder")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/bench.db"
        settings = read_settings(database_url=url, data_dir=Path(folder) / "data")
        engine = open_engine(url)
        upgrade(engine)
        demo.load_house(engine)
        fill(engine, given.on_top)
        wall, cpu = time.perf_counter(), time.process_time()
        replay(engine, settings, demo.DATA / "replay" / "replay_2023.jsonl.gz", lambda n: None)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
        print(f"SQLAlchemy {sqlalchemy.__version__}, SQLite {sqlite3.sqlite_version}, {engine.dialect.name}")
        print(f"patrols before        {given.on_top:>10,}")
        print(f"deliveries a second   {DELIVERIES / wall:>10,.0f}")
        print(f"wall s                {wall:>10.2f}")
        print(f"CPU s                 {cpu:>10.2f}")
        print(f"peak memory MB        {memory:>10,}")
        print(f"summary of a year ms  {summary_ms(engine):>10.1f}")
        print(f"point to grid µs      {point_us(engine):>10.1f}")
        engine.dispose()


def fill(engine: Engine, n: int) -> None:
    """Make patrols of ten earlier years, evenly over the chiefs, with their deliveries, receipts and counts."""
    if not n:
        return
    embedded = engine.dialect.name == "sqlite"
    series = (
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {n})"
        if embedded
        else f"WITH s AS (SELECT n FROM generate_series(1, {n}) AS s(n))"
    )
    day = DAY if embedded else "(date '2010-01-01' + (n % 3650)::int)"
    moment = f"{DAY} || ' 04:00:00.000000'" if embedded else f"{day} + time '04:00'"
    body = "'{}'" if embedded else "'{}'::json"
    with transaction(engine) as session:
        session.execute(
            text(
                "INSERT INTO patrol (number, chief_id, post_id, level, grid_version_id, street_code, patrolled_at,"
                " patrolled_on, submitted_at, lon, lat, forwarded, outside_m, photos, policy_id, verdict, inbox_id)"
                f" {series} SELECT 'XB-' || n, c.id, p.id, p.level, 1, '110102001', {moment}, {day}, {moment},"
                " 116.4, 39.9, :no, 0, 1, 1, 'counted', -n FROM s JOIN chief c ON c.id = 1 + n % 425"
                " JOIN post p ON p.chief_id = c.id"
            ),
            {"no": False},
        )
        session.execute(
            text(
                "INSERT INTO inbox (channel, key, chat, raw, received_at, state, tries, done_at)"
                f" {series} SELECT 'old', 'old:' || n, 'old:' || (n % 425), '{{}}', {moment}, 'done', 0, {moment}"
                " FROM s"
            )
        )
        session.execute(
            text(
                "INSERT INTO outbox (channel, chat_id, priority, body, state, created_at, tries, sent_at, patrol_id)"
                f" {series} SELECT 'old', 'old:' || (n % 425), '0', {body}, 'sent', {moment}, 0, {moment}, -n FROM s"
            )
        )
        count.repair(session)
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def summary_ms(engine: Engine) -> float:
    """The best of five summaries of 2023."""
    settings, best = read_settings(), float("inf")
    for _ in range(5):
        with reading(engine) as session:
            area = session.get_one(Area, demo.DISTRICT)
            start = time.perf_counter()
            summary.figures(session, summary.year_span(2023), area, settings.zone, datetime.now(UTC))
            best = min(best, time.perf_counter() - start)
    return best * 1000


def point_us(engine: Engine) -> float:
    """One look-up of the grid under a point, over 10,000."""
    with reading(engine) as session:
        index = grid.division_on(session, demo.SINCE)
    start = time.perf_counter()
    for n in range(10_000):
        index.at(116.33 + n % 100 * 0.0005, 39.88 + n // 100 * 0.0008)
    return (time.perf_counter() - start) * 100


if __name__ == "__main__":
    main()
