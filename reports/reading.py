"""What the figures say (情况分析): the change to the year before, the months, the problems, in sentences."""

from datetime import date

from locales import say
from locales.dates import days, month_name
from reports.figures import LEVELS, Figures, is_due
from rules.number import ratio

_COMPARABLE = 10
"""Fewer than a tenth of today's patrols a year earlier: the records had only begun, and nothing is compared."""
_MOST_KINDS = 3


def change(figures: Figures, language: str) -> str:
    """How the counts of each level changed since the same days a year earlier."""
    before, now = figures["before"], figures["counted"]
    first, last = date.fromisoformat(before["from"]), date.fromisoformat(before["to"])
    fields = {"period": days(first, last, language), "before": f"{before['counted']['total']:,}"}
    if before["counted"]["total"] * _COMPARABLE < max(now["total"], 1):
        return say(language, "report.reading.not_comparable", **fields)
    rows = (_level(level, before["counted"][level], now[level], language) for level in LEVELS)
    parts = say(language, "report.reading.between").join(rows)
    return say(language, "report.reading.change", now=f"{now['total']:,}", levels=parts, **fields)


def months(figures: Figures, language: str) -> str:
    """Which month had most patrols and which had fewest."""
    totals = {month: row["total"] for month, row in figures["by_month"].items() if is_due(month, figures)}
    if len(totals) < 2 or not any(totals.values()):
        return say(language, "report.reading.no_months")
    most, least = max(totals.values()), min(totals.values())
    return say(
        language, "report.reading.months", most=f"{most:,}", least=f"{least:,}",
        most_months=_named(totals, most, language), least_months=_named(totals, least, language),
        average=f"{round(sum(totals.values()) / len(totals)):,}",
    )  # fmt: skip


def problems(figures: Figures, language: str) -> str:
    """How many counted patrols noted a problem, and which kinds were most frequent."""
    kinds = figures["problems"]
    total = sum(kinds.values())
    if not total:
        return say(language, "report.reading.no_problems")
    most = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))[:_MOST_KINDS]
    named = say(language, "report.reading.and").join(
        say(language, "report.reading.kind", kind=kind, n=f"{n:,}") for kind, n in most
    )
    rate = ratio(total, figures["counted"]["total"])
    return say(language, "report.reading.problems", total=f"{total:,}", rate=rate, kinds=named)


def _level(level: str, before: int, now: int, language: str) -> str:
    way = "more" if now > before else "fewer" if now < before else "same"
    percent = ratio(abs(now - before), before)
    fields = {"level": say(language, f"report.column.{level}"), "now": f"{now:,}", "n": f"{abs(now - before):,}"}
    text = say(language, f"report.reading.{way}", **fields)
    return text if percent is None or way == "same" else text + say(language, "report.reading.percent", percent=percent)


def _named(totals: dict[str, int], n: int, language: str) -> str:
    years = {month[:4] for month in totals}
    found = [month for month, total in totals.items() if total == n]
    if len(years) > 1:
        return say(language, "report.reading.and").join(found)
    return say(language, "report.reading.and").join(month_name(int(month[5:]), language) for month in found)
