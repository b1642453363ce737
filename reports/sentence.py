"""The sentence of the annual report (年度总结的那句话)."""

from locales import say
from locales.dates import days, short_date
from reports.figures import LEVELS, Figures, first_day, reached_day, whole_year
from rules.number import in_wan


def annual_sentence(figures: Figures, language: str) -> str:
    """Says the patrols by level and the dispatch meetings; without the meetings for a single street.

    全年 only for a whole year that is closed; an open year says the day it has reached.
    """
    fields = {level: number(figures["counted"][level], language) for level in LEVELS}
    fields["when"] = _when(figures, language)
    if figures["meetings"] is None:
        return say(language, "report.sentence_of_street", **fields)
    return say(language, "report.sentence", meetings=number(figures["meetings"], language), **fields)


def number(n: int, language: str) -> str:
    """A number as a sentence says it: in 万 where the language counts so, else with its thousands apart."""
    unit = say(language, "report.ten_thousand")
    return in_wan(n, unit) if unit else f"{n:,}"


def _when(figures: Figures, language: str) -> str:
    if whole_year(figures) is None:
        span = days(first_day(figures), max(first_day(figures), reached_day(figures)), language)
        return say(language, "report.in_period", period=span)
    if figures["closed"]:
        return say(language, "report.all_year")
    return say(language, "report.until", date=short_date(reached_day(figures), language))
