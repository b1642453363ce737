"""The files of a year (年报文件基准): `python -m benchmarks.reports --url DATABASE [--year 2023] [--rounds N]`."""

import argparse
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.area import Area
from models.engine import open_engine, reading
from services import annual, grid_map, ledger, summary
from services.summary import Figures, Span

ZONE = ZoneInfo("Asia/Shanghai")
LANGUAGE = "zh_CN"
FILES = {
    "annual_document": annual.report,
    "annual_workbook": ledger.gather,
    "level_month_chart": summary.figures,
    "street_chart": summary.figures,
    "calendar_chart": annual.report,
    "grid_map": None,
}
"""Each report with what gathers its figures; the map asks for its grids itself."""


def main() -> None:
    """Make every file of a year's summary of the first district, round after round; print the seconds."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--url", required=True, help="a database with a year in it, such as the demo's")
    asked.add_argument("--year", type=int, default=2023)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    engine = open_engine(given.url)
    print(f"{platform.python_implementation()} {platform.python_version()}, {engine.dialect.name}")
    rounds = []
    with reading(engine) as session:
        for _ in range(given.rounds):
            rounds.append({name: timed(session, name, summary.year_span(given.year)) for name in FILES})
    engine.dispose()
    print(f"{'s of CPU (by the wall)':<24}{'first':>16}{'median after':>18}")
    for name in [*FILES, "all"]:
        each = [one[name] if name in one else _sum(list(one.values())) for one in rounds]
        later = [_median([one[n] for one in each[1:] or each]) for n in (0, 1)]
        print(f"{name:<24}{each[0][0]:>8.2f} ({each[0][1]:.2f}){later[0]:>10.2f} ({later[1]:.2f})")


def timed(session: Session, name: str, span: Span) -> tuple[float, float]:
    """Make one file from nothing; gives the seconds of CPU and by the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    from reports import render  # what it loads at its first use belongs to the first round

    render(name, gathered(session, name, span), LANGUAGE)
    return time.process_time() - cpu, time.perf_counter() - wall


def gathered(session: Session, name: str, span: Span) -> Figures:
    """The figures of a report."""
    area = session.scalars(select(Area).where(Area.level == "district").order_by(Area.code)).first()
    if area is None:
        raise RuntimeError("there is no district")
    gather: Callable[..., Figures] | None = FILES[name]
    now = datetime.now(UTC)
    if gather is None:
        return grid_map.figures(session, span, area, "patrols", ZONE, now)
    return gather(session, span, area, ZONE, now)


def _sum(each: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(one[0] for one in each), sum(one[1] for one in each)


def _median(each: list[float]) -> float:
    return statistics.median(each)


if __name__ == "__main__":
    main()
