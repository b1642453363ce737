"""Periods in a conversation (周期): the words of both languages, and a refusal that says how to ask."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import chain

from locales import all_words
from rules.period import BadPeriodError, Period, find_period, parse_period
from rules.period_words import LONGEST, NAMES, PeriodWords
from services.refused import Refused
from services.summary import Span


def find(tokens: Sequence[str], today: date) -> tuple[Span | None, list[str]]:
    """The period among some words, and the other words; raises `Refused` for a period that cannot be."""
    said = " ".join(tokens)[:40]
    apart = [piece for token in tokens for piece in _apart(token, today)]
    try:
        period, rest = find_period(apart, today, _words())
    except BadPeriodError as error:
        raise Refused(f"period.{error.key}", text=said) from None
    return (Span(period.start, period.end) if period else None), rest


def leading_day(text: str, today: date) -> tuple[date | None, str]:
    """The day that a text begins with, and what follows it; raises `Refused` for one that cannot be."""
    for n in range(min(len(text), LONGEST), 0, -1):
        try:
            period = parse_period(text[:n], today, _words())
        except BadPeriodError as error:
            if error.key == "in_future":
                # 明年工作部署调度会 is a title.
                return None, text
            raise Refused(f"period.{error.key}", text=text[:n]) from None
        if period:
            return (period.start, text[n:]) if period.start == period.end else (None, text)
    return None, text


def leading_due_day(text: str, today: date) -> tuple[date | None, str]:
    """The last day that a text begins with (12月10日前), and what follows it; without a year the next such day.

    What is no day at all is left: it is part of the words.
    """
    for n in range(min(len(text), LONGEST), 0, -1):
        try:
            period = parse_period(text[:n], today, _words())
        except BadPeriodError:
            continue
        if period and period.start == period.end:
            marks = sorted(all_words("meeting_task.by_words"), key=len, reverse=True)
            rest = next((text[n + len(mark) :] for mark in marks if text[n:].startswith(mark)), text[n:])
            return _not_before(period.start, today, text[:n]), rest
    return None, text


def _not_before(day: date, today: date, said: str) -> date:
    if day >= today or re.search(r"\d{4}", said):
        return day
    return date(day.year + 1, day.month, min(day.day, 28 if day.month == 2 else day.day))


def _apart(token: str, today: date) -> list[str]:
    """A word cut behind the period that it begins with, or before the one that it ends with: 2023年德胜街道."""
    if len(token) > LONGEST or _is_period(token, today):
        return [token]
    heads = (n for n in range(len(token) - 1, 0, -1) if _is_period(token[:n], today))
    tails = (n for n in range(1, len(token)) if _is_period(token[n:], today))
    n = next(chain(heads, tails), None)
    return [token[:n], token[n:]] if n else [token]


def _is_period(text: str, today: date) -> bool:
    try:
        return isinstance(parse_period(text, today, _words()), Period)
    except BadPeriodError:
        # It is meant as one, and what is wrong with it is said later.
        return True


@cache
def _words() -> PeriodWords:
    return PeriodWords({name: all_words(f"period.words.{name}") for name in NAMES})
