"""How it was counted (统计口径): the rules with their dates, what does not count, the work-load, how to repeat it."""

from datetime import date
from typing import Any

from locales import say
from locales.dates import full_date, month_with_year
from reports.figures import LEVELS, Figures, is_due
from rules.workload import ESTIMATED_ON, MOST, READ_S, TAP_S

_EVIDENCE = {(True, True): "both", (True, False): "location", (False, True): "photo", (False, False): "neither"}


def method_lines(figures: Figures, language: str) -> list[str]:
    """What counts, and each rule of the period with its dates."""
    text = say(language, "report.method_text", timezone=figures["timezone"])
    return [
        text, say(language, "report.units"), *_division(figures, language),
        *(_policy(row, language) for row in figures["policies"]),
    ]  # fmt: skip


def _division(figures: Figures, language: str) -> list[str]:
    day = figures.get("grids_since")
    return [say(language, "report.by_grids_of", day=full_date(date.fromisoformat(day), language))] if day else []


def not_counted_rows(figures: Figures, language: str) -> list[list[str]]:
    """Every reason with its number, 0 too."""
    rows = [[say(language, "report.column.reason"), say(language, "report.column.records")]]
    return rows + [[say(language, f"report.reason.{key}"), f"{n:,}"] for key, n in figures["not_counted"].items()]


def workload_rows(figures: Figures, language: str) -> list[list[str]]:
    """Messages of ours and taps of theirs, by level and month."""
    kinds = ("sent", "taps")
    head = [say(language, "report.column.month")]
    head += [say(language, f"report.column.{kind}", level=_level(one, language)) for kind in kinds for one in LEVELS]
    months = [row for row in figures["workload"] if is_due(row["month"], figures)]
    rows = [
        [month_with_year(row["month"], language), *(f"{row[kind][one]:,}" for kind in kinds for one in LEVELS)]
        for row in months
    ]
    total = [f"{sum(row[kind][one] for row in months):,}" for kind in kinds for one in LEVELS]
    return [head, *rows, [say(language, "report.column.total"), *total]]


def minutes_rows(figures: Figures, language: str) -> list[list[str]]:
    """The minutes that were asked of chiefs, by level and month."""
    months = [row for row in figures["workload"] if is_due(row["month"], figures)]
    head = [say(language, f"report.column.{name}") for name in ("month", *LEVELS, "total")]
    rows = [[row["minutes"][one] for one in LEVELS] for row in months]
    named = [month_with_year(row["month"], language) for row in months]
    total = [sum(row[place] for row in rows) for place in range(len(LEVELS))]
    return [
        head,
        *(
            [name, *(f"{n:,}" for n in (*row, sum(row)))]
            for name, row in zip((*named, say(language, "report.column.total")), (*rows, total), strict=True)
        ),
    ]


def workload_text(language: str) -> str:
    """What the book holds, and how the minutes were found."""
    return say(
        language, "report.document.workload_text", read=READ_S, tap=TAP_S, day=ESTIMATED_ON,
        most=f"{MOST.total_seconds() / 60:g}",
    )  # fmt: skip


def reproducing(figures: Figures) -> str:
    """The command that gives these figures again."""
    span = f"--from {figures['from']} --to {figures['to']}"
    words = ["xunlin summary", f"--year {figures['year']}" if figures["year"] else span]
    if figures["meetings"] is None:
        words.append(f"--street {figures['area']['code']}")
    if figures.get("grids_since"):
        return " ".join([*words, f"--grids {figures['grids_since'][:4]}", "--format xlsx"])
    return " ".join([*words, "--format json"])


def _level(level: str, language: str) -> str:
    return say(language, f"report.column.{level}")


def _policy(row: dict[str, Any], language: str) -> str:
    first = full_date(date.fromisoformat(row["from"]), language)
    last = full_date(date.fromisoformat(row["to"]), language) if row["to"] else ""
    dates = say(language, "report.document.from_to" if last else "report.document.from", first=first, last=last)
    asked = _EVIDENCE[row["requires_location"], row["requires_photo"]]
    return say(
        language, "report.document.policy", dates=dates, evidence=say(language, f"report.document.evidence.{asked}"),
        outside=f"{row['max_outside_m']:g}", minutes=f"{row['repeat_window_s'] / 60:g}",
        metres=f"{row['repeat_distance_m']:g}",
    )  # fmt: skip
