"""A year's summary at three sizes (年报基准): `python -m benchmarks.summary --url SERVER [--sizes N,N] [--folder DIR]`.

Kept counts beside a plain GROUP BY and DuckDB over the same rows; every database it makes is dropped at the end.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, make_url, text

from models.area import Area
from models.engine import open_engine, reading
from models.migrate import upgrade
from services import summary

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2024, 1, 10, tzinfo=UTC)
DISTRICT = "100000"
PATROLS_A_POST = 52
"""Once a week: 4 a month, 5 in every third."""
SIZES = "15000,1000000,62000000"

AREAS = (
    "INSERT INTO area (code, level, name) SELECT lpad(d::text, 6, '0'), 'district', 'D' || d"
    " FROM generate_series(100000, 100000 + (:posts - 1) / 1000) AS s(d)",
    "INSERT INTO area (code, level, name, parent_code) SELECT d.code || lpad(s::text, 3, '0'), 'street', 'S' || s,"
    " d.code FROM area d CROSS JOIN generate_series(1, 25) AS t(s) WHERE d.level = 'district'",
)
"""A district of 25 streets for each thousand posts."""
COUNTS = (
    "INSERT INTO patrol_count (post_id, grid_version_id, month, verdict, street_code, level, n)"
    " SELECT p, p, '2023-' || lpad(m::text, 2, '0'), CASE WHEN p % 50 = 0 AND m = 12 THEN 'no_photo' ELSE 'counted'"
    " END, lpad((100000 + p / 1000)::text, 6, '0') || lpad((p % 25 + 1)::text, 3, '0'),"
    " CASE WHEN p % 200 = 7 THEN 'district' WHEN p % 25 = 3 THEN 'street' ELSE 'community' END,"
    " 4 + (m % 3 = 0)::int FROM generate_series(0, :posts - 1) AS s(p) CROSS JOIN generate_series(1, 12) AS t(m)"
)
PATROLS = (
    "INSERT INTO patrol (id, number, chief_id, post_id, level, grid_version_id, street_code, patrolled_at,"
    " patrolled_on, submitted_at, forwarded, photos, verdict, reason, inbox_id)"
    " SELECT serial, 'XL-2023-' || serial, post_id, post_id, level, grid_version_id, street_code, day, day::date, day,"
    " false, 1, CASE verdict WHEN 'counted' THEN verdict ELSE 'not_counted' END, nullif(verdict, 'counted'), serial"
    " FROM (SELECT row_number() OVER () AS serial, (c.month || '-01 02:00+00')::timestamptz + k * interval '5 days'"
    " AS day, c.* FROM patrol_count c CROSS JOIN generate_series(1, c.n) AS t(k)) AS made"
)
GROUPED = (
    "SELECT to_char(patrolled_on, 'YYYY-MM'), street_code, level, coalesce(reason, verdict), count(*) FROM patrol"
    " WHERE patrolled_on BETWEEN '2023-01-01' AND '2023-12-31'{where} GROUP BY 1, 2, 3, 4"
)
IN_DUCKDB = GROUPED.replace("to_char(patrolled_on, 'YYYY-MM')", "strftime(patrolled_on, '%Y-%m')")
KEPT = (
    "SELECT month, street_code, level, verdict, sum(n) FROM patrol_count WHERE month BETWEEN '2023-01' AND '2023-12'"
    " GROUP BY 1, 2, 3, 4"
)
OF_DISTRICT = f" AND street_code LIKE '{DISTRICT}%'"
KEEPS = {"uq_patrol_inbox", "ix_patrol_street_time", "ix_patrol_count_street", "ix_patrol_count_month"}
"""The indexes that these questions use; the others would only cost time to make."""


def main() -> None:
    """Print a table: each size, one district of it and all of it, by each of the three ways."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--url", required=True, help="a PostgreSQL server where databases may be made")
    asked.add_argument("--sizes", default=SIZES, help=f"patrols, comma-separated [{SIZES}]")
    asked.add_argument("--folder", type=Path, help="where DuckDB's file may lie [the system's]")
    given = asked.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    for size in map(int, given.sizes.split(",")):
        with database(given.url) as engine:
            seconds = timed(partial(fill, engine, size // PATROLS_A_POST), 1)
            print(f"\n{rows_in(engine, 'patrol'):,} patrols, {rows_in(engine, 'patrol_count'):,} counts,")
            print(f"made in {seconds / 1000:,.0f} s", flush=True)
            measure(engine, given.folder)


@contextmanager
def database(url: str) -> Iterator[Engine]:
    """A new database of this version on a server; it is dropped whatever happens."""
    name, server = f"xunlin_bench_{os.getpid()}", make_url(url)
    administer(url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    engine = open_engine(server.set(database=name).render_as_string(hide_password=False))
    try:
        upgrade(engine)
        yield engine
    finally:
        engine.dispose()
        administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def administer(url: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def fill(engine: Engine, posts: int) -> None:
    """The kept counts of so many posts, and the patrols that they count, by one statement each."""
    with engine.begin() as connection:
        kept = _without_indexes(connection)
        for table in ("patrol", "patrol_count"):
            connection.exec_driver_sql(f"ALTER TABLE {table} SET UNLOGGED")
        for statement in AREAS:
            connection.execute(text(statement), {"posts": posts} if ":posts" in statement else {})
        connection.execute(text(COUNTS), {"posts": posts})
        connection.exec_driver_sql(PATROLS)
        for statement in kept:
            connection.exec_driver_sql(statement)
    with create_engine(engine.url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE patrol")
        connection.exec_driver_sql("VACUUM ANALYZE patrol_count")
        connection.exec_driver_sql("ANALYZE area")


def _without_indexes(connection: Any) -> list[str]:
    """Drop what slows the filling; gives the statements that make the wanted indexes again."""
    of = "conrelid IN ('patrol'::regclass, 'patrol_count'::regclass) OR confrelid = 'patrol'::regclass"
    rows = connection.exec_driver_sql(f"SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN"
                                      f" ('f', 'u', 'p') AND ({of}) ORDER BY contype").all()  # fmt: skip
    for table, name in rows:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    found = connection.exec_driver_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('patrol', 'patrol_count')"
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [definition for name, definition in found if name in KEEPS]


def measure(engine: Engine, folder: Path | None) -> None:
    """Ask for the year of one district and of all of them, by the kept counts, by GROUP BY and by DuckDB."""
    times = 3 if rows_in(engine, "patrol") < 10_000_000 else 1
    say("one district, the summary itself", timed(lambda: _summary(engine), 21))
    say("one district, GROUP BY", timed(lambda: _ask(engine, GROUPED.format(where=OF_DISTRICT)), times * 3))
    say("all, kept counts", timed(lambda: _ask(engine, KEPT), times * 3))
    say("all, GROUP BY", timed(lambda: _ask(engine, GROUPED.format(where="")), times))
    try:
        duckdb = import_module("duckdb")
    except ModuleNotFoundError:
        print("  DuckDB is not installed here")
        return
    with TemporaryDirectory(dir=folder) as made:
        beside = duckdb.connect(str(Path(made) / "beside.duckdb"))
        beside.execute("SET enable_progress_bar = false")
        say("(the same rows into DuckDB)", timed(lambda: _copy(engine, beside, Path(made)), 1))
        for name, where in (("one district", OF_DISTRICT), ("all", "")):
            ask = partial(_ask_duckdb, beside, IN_DUCKDB.format(where=where))
            say(f"{name}, DuckDB", timed(ask, 9))
        beside.close()


def _summary(engine: Engine) -> None:
    with reading(engine) as session:
        area = session.get_one(Area, DISTRICT)
        found = summary.figures(session, summary.year_span(2023), area, ZONE, NOW)
    if not found["counted"]["total"]:
        raise RuntimeError("nothing was counted")


def _ask(engine: Engine, query: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(query.replace("%", "%%")).all()


def _ask_duckdb(beside: Any, query: str) -> None:
    beside.execute(query).fetchall()


def _copy(engine: Engine, beside: Any, folder: Path) -> None:
    names = "patrolled_on, street_code, level, verdict, reason"
    driver: Any = engine.raw_connection()
    file = folder / "rows.csv"
    copied = f"COPY (SELECT {names} FROM patrol) TO STDOUT (FORMAT csv)"
    with driver.cursor() as cursor, cursor.copy(copied) as rows, file.open("wb") as written:
        for part in rows:
            written.write(part)
    driver.close()
    columns = ", ".join(f"'{name}': '{'DATE' if name == 'patrolled_on' else 'VARCHAR'}'" for name in names.split(", "))
    beside.execute(f"CREATE TABLE patrol AS SELECT * FROM read_csv('{file}', header=false, columns={{{columns}}})")
    file.unlink()


def rows_in(engine: Engine, table: str) -> int:
    """How many rows a table has."""
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def timed(do: Callable[[], object], times: int) -> float:
    """The median of so many runs, in milliseconds by the wall."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        do()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def say(what: str, milliseconds: float) -> None:
    """One line of the table."""
    print(f"  {what:<34}{milliseconds:>12,.1f} ms", flush=True)


if __name__ == "__main__":
    main()
