"""Periods in a conversation (周期): the words of both languages, and a refusal that says how to ask."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from locales import all_words
from rules.period import BadPeriodError, find_period
from rules.period_words import NAMES, PeriodWords
from services.refused import Refused
from services.summary import Span


def find(tokens: Sequence[str], today: date) -> tuple[Span | None, list[str]]:
    """The period among some words, and the other words; raises `Refused` for a period that cannot be."""
    try:
        period, rest = find_period(tokens, today, _words())
    except BadPeriodError as error:
        raise Refused(f"period.{error.key}", text=" ".join(tokens)[:40]) from None
    return (Span(period.start, period.end) if period else None), rest


@cache
def _words() -> PeriodWords:
    return PeriodWords({name: all_words(f"period.words.{name}") for name in NAMES})
