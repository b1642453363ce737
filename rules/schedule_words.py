"""The words of times and duties (提醒用词): weekdays, times of day, how often, which days."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rules.duty import PERIODS, Rule, Season

_TIME = r"([01]?\d|2[0-3])[:\uff1a]([0-5]\d)"
_DASH = "[-\u2013\u2014~\uff5e]"
_CLOCK = re.compile(_TIME)
_QUIET = re.compile(f"{_TIME}{_DASH}{_TIME}")
_SEASON = re.compile(rf"(\d\d-\d\d){_DASH}(\d\d-\d\d)")
_WINDOW = re.compile(rf"(\d{{1,3}}){_DASH}(\d{{1,3}})")
_DAY = re.compile(r"(?:(\d{4})\D)?(\d{1,2})\D(\d{1,2})\D?")
_SINCE = re.compile(r"\d{4}-\d\d-\d\d")
_SPAN = re.compile(rf"(\d{{4}}-\d\d-\d\d){_DASH}(\d{{4}}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Said:
    """What was understood of some words, and the words that were not."""

    found: dict[str, Any] = field(default_factory=dict)
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockWords:
    """How people say a time of day, such as 下午3点半: words for the half of the day, the hour and its half."""

    morning: Sequence[str] = ()
    afternoon: Sequence[str] = ()
    hours: Sequence[str] = ()
    half: Sequence[str] = ()


def find_times(
    tokens: Sequence[str], weekdays: Sequence[str], days_off: Mapping[str, bool], clocks: ClockWords = ClockWords()
) -> Said:
    """Weekday, minute and quiet hours among some words; `weekdays` are seven entries, each of words for one day."""
    named = {word.casefold(): n for n, day in enumerate(weekdays) for word in day.split()}
    found: dict[str, Any] = {}
    rest = []
    for token in tokens:
        if token.casefold() in named:
            found["weekday"] = named[token.casefold()] % 7 + 1
        elif quiet := _QUIET.fullmatch(token):
            found["quiet_from"], found["quiet_to"] = _minute(quiet[1], quiet[2]), _minute(quiet[3], quiet[4])
        elif (minute := _minute_said(token, clocks)) is not None:
            found["minute"] = minute
        elif token in days_off:
            found["days_off"] = days_off[token]
        else:
            rest.append(token)
    return Said(found, tuple(rest))


def find_rule(
    tokens: Sequence[str], periods: Mapping[str, Sequence[str]], times: Sequence[str], today: date
) -> tuple[Rule | None, tuple[str, ...]]:
    """The rule of a duty among some words, such as 每月 2次 1-10 11-01~05-31 2026-01-01; raises `ValueError`.

    1-10 are days of the period, 11-01~05-31 a season, one date the first day, two the first and the last.
    """
    found: dict[str, Any] = {"times": 1, "valid_from": today}
    rest = [token for token in tokens if not _take(token, found, periods, times)]
    return (Rule(**found) if "period" in found else None), tuple(rest)


def find_day(text: str, today: date) -> date | None:
    """The day that a text names: 2026-12-10, or with other signs between, or without its year: 12月10日, the next one.

    None where there is no such day.
    """
    said = _DAY.fullmatch(text)
    if said is None:
        return None
    try:
        if said[1]:
            return date(int(said[1]), int(said[2]), int(said[3]))
        here = date(today.year, int(said[2]), int(said[3]))
        return here if here >= today else here.replace(year=today.year + 1)
    except ValueError:
        return None


def _minute_said(token: str, clocks: ClockWords) -> int | None:
    """The minute of the day of 14:30, 下午2点半, 9点05; None of anything else."""
    if clock := _CLOCK.fullmatch(token):
        return _minute(clock[1], clock[2])
    later = next((word for word in clocks.afternoon if token.startswith(word)), "")
    earlier = next((word for word in clocks.morning if token.startswith(word)), "")
    rest = token[len(later or earlier) :]
    if clock := _CLOCK.fullmatch(rest):
        hour, minute = int(clock[1]), int(clock[2])
    else:
        mark = next((one for one in clocks.hours if one in rest), None)
        number, _, after = rest.partition(mark or ":")
        minute = 30 if after in clocks.half else int(after) if after.isdecimal() else 0 if not after else 60
        hour = int(number) if mark and number.isdecimal() else 24
    hour += 12 if later and hour < 12 else 0
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _take(token: str, found: dict[str, Any], periods: Mapping[str, Sequence[str]], times: Sequence[str]) -> bool:
    if span := _SPAN.fullmatch(token):
        found["valid_from"], found["valid_to"] = date.fromisoformat(span[1]), date.fromisoformat(span[2])
    elif _SINCE.fullmatch(token):
        found["valid_from"] = date.fromisoformat(token)
    elif season := _SEASON.fullmatch(token):
        found["season"] = Season(season[1], season[2])
    elif window := _WINDOW.fullmatch(token):
        found["window"] = (int(window[1]), int(window[2]))
    else:
        return _how_often(token, found, periods, times)
    return True


def _how_often(token: str, found: dict[str, Any], periods: Mapping[str, Sequence[str]], times: Sequence[str]) -> bool:
    for period in PERIODS:
        word = next((one for one in periods[period] if token.casefold().startswith(one.casefold())), None)
        if word is not None and (token[len(word) :] == "" or _times(token[len(word) :], found, times)):
            found["period"] = period
            return True
    return _times(token, found, times)


def _times(token: str, found: dict[str, Any], times: Sequence[str]) -> bool:
    number = next((token.removesuffix(mark) for mark in times if token.endswith(mark)), "")
    if not number.isdecimal():
        return False
    found["times"] = int(number)
    return True


def _minute(hour: str, minute: str) -> int:
    return int(hour) * 60 + int(minute)
