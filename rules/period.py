"""Periods as people say them (周期): 今年, 上个月, 第三季度, 3月到5月, explicit dates; in English too."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rules.period_words import LONGEST, PeriodWords, Token

_YEARS = (2000, 2100)
_SHORTEST_YEAR = 10
_MOST_WORDS = 40
_LONGEST_RUN = 12


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates from `start` to `end`, both inclusive; raises `BadPeriodError`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadPeriodError("reversed")
        if self.start.year < _YEARS[0] or self.end.year > _YEARS[1]:
            raise BadPeriodError("bad_year")


class BadPeriodError(ValueError):
    """A period that cannot be: `key` is `bad_date`, `reversed`, `bad_year` or `in_future`."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def parse_period(text: str, today: date, words: PeriodWords) -> Period | None:
    """The period that a text means, or None; raises `BadPeriodError` for one that cannot be.

    What is named without its year and has not begun yet means last year's: a clerk who asks in January for 12月 means
    the one that is over. In a range the year of one end is the year of both, and no range crosses New Year by itself.
    """
    said = words.cut(text)
    if said and any(token.kind == "F" for token in said):
        raise BadPeriodError("in_future")
    return (_single(said, today) or _range(said, today) or _until_today(said, today)) if said else None


def find_period(tokens: Sequence[str], today: date, words: PeriodWords) -> tuple[Period | None, list[str]]:
    """The longest run of words that is a period, and the other words in their order; none among more than 40 words."""
    longest = min(len(tokens), _LONGEST_RUN) if len(tokens) <= _MOST_WORDS else 0
    for length in range(longest, 0, -1):
        for start in range(len(tokens) - length + 1):
            found = parse_period(" ".join(tokens[start : start + length])[: LONGEST + 1], today, words)
            if found:
                return found, [*tokens[:start], *tokens[start + length :]]
    return None, list(tokens)


@dataclass(frozen=True, slots=True)
class _Part:
    """A year or a piece of one; `first` is the number of its first month, `year` None where it was not said."""

    year: int | None
    first: int
    months: int
    day: int | None = None

    def period(self) -> Period:
        if self.year is None:
            raise ValueError("a part of no year")
        if not _YEARS[0] <= self.year <= _YEARS[1]:
            raise BadPeriodError("bad_year")
        if not 1 <= self.first <= 12:
            raise BadPeriodError("bad_date")
        if self.day is not None:
            return _day(self.year, self.first, self.day)
        return Period(date(self.year, self.first, 1), _last_day(self.year, self.first + self.months - 1))

    def begun(self, today: date) -> "_Part":
        """This part with its year: the last one that has begun where none was said."""
        if self.year is not None:
            return self
        this_year = (self.first, self.day or 1) <= (today.month, today.day)
        return replace(self, year=today.year if this_year else today.year - 1)


_Said = _Part | Period

_YEAR = "(?P<y>Y|Ny?|Xy|ny)"
_MONTH = "(?:(?P<m>n)m|(?P<m_>j))"
_FORMS = tuple(
    (kind, re.compile(form.format(y=_YEAR, m=_MONTH)))
    for kind, form in (
        ("year", "{y}"),
        ("half", "{y}?(?P<h>h)"),
        ("half", "(?P<h>h){y}"),
        ("quarter", "{y}?(?:o?(?P<q>n)q|[-/]?q(?P<q_>n))"),
        ("quarter", "(?:o?(?P<q>n)q|q(?P<q_>n)){y}"),
        ("first_months", "{y}?f(?P<m>n)m"),
        ("first_quarters", "{y}?f(?P<q>n)q"),
        ("month", "{y}?{m}"),
        ("month", "(?P<m_>j){y}"),
        ("month", "(?P<y>N)[-/](?P<m>n)"),
        ("month", "(?P<M>M)"),
        ("day", "{y}?{m}(?P<d>n)d?"),
        ("day", "(?P<m_>j)(?P<d>n){y}"),
        ("day", "(?P<d>n)(?P<m_>j){y}?"),
        ("day", "(?P<y>N)(?P<sign>[-/])(?P<m>n)(?P=sign)(?P<d>n)"),
        ("day", "(?P<m>n)/(?P<d>n)"),
        ("day", "(?P<M>M)(?P<d>n)d"),
        ("fixed", "(?P<fixed>[TWQH])"),
        ("recent", "r(?P<n>[nNX])(?P<unit>[dwm])"),
    )
)
_END_FORMS = (("day", re.compile("(?P<m>n)-(?P<d>n)")), ("day_only", re.compile("(?P<d>n)d")))


def _single(said: Sequence[Token], today: date) -> Period | None:
    found = _understood(said, today, _FORMS)
    return found.begun(today).period() if isinstance(found, _Part) else found


def _range(said: Sequence[Token], today: date) -> Period | None:
    """Two ends and what stands between them: a word first, else any of the dashes."""
    for sign in "t-":
        for at in (at for at, token in enumerate(said) if token.kind == sign):
            found = _between(said[:at], said[at + 1 :], today)
            if found:
                return found
    return None


def _between(left: Sequence[Token], right: Sequence[Token], today: date) -> Period | None:
    end = _understood(right, today, (*_FORMS, *_END_FORMS))
    if end is None:
        return None
    if not left:
        return _since_new_year(end, today)
    # 3-5月, 3月1-15日: the mark behind the second number is meant for the first one too.
    start = _understood(left, today, _FORMS) or _understood([*left, right[-1]], today, _FORMS)
    return _joined(start, end, today) if start else None


def _joined(start: _Said, end: _Said, today: date) -> Period | None:
    if isinstance(start, _Part):
        if start.year is None and isinstance(end, _Part):
            start = replace(start, year=end.year)
        start = start.begun(today)
    first = start.period() if isinstance(start, _Part) else start
    if isinstance(end, _Part):
        end = replace(end, year=end.year or first.start.year, first=end.first or first.start.month)
    return Period(first.start, (end.period() if isinstance(end, _Part) else end).end)


def _since_new_year(end: _Said, today: date) -> Period | None:
    """到目前, 到今天: this year so far."""
    return Period(today.replace(month=1, day=1), today) if end == Period(today, today) else None


def _until_today(said: Sequence[Token], today: date) -> Period | None:
    """今年以来, since March, so far: until today."""
    if not said or "s" not in (said[0].kind, said[-1].kind):
        return None
    since = [token for token in said if token.kind != "s"]
    start = _single(since, today) if since else Period(today.replace(month=1, day=1), today)
    return Period(start.start, today) if start else None


def _understood(said: Sequence[Token], today: date, forms: Sequence[tuple[str, re.Pattern[str]]]) -> _Said | None:
    kinds = "".join(token.kind for token in said)
    for kind, form in forms:
        if match := form.fullmatch(kinds):
            return _MEANINGS[kind](_Reading(said, match, today))
    return None


@dataclass(frozen=True, slots=True)
class _Reading:
    """The pieces of a text under the names that a form gives them."""

    said: Sequence[Token]
    match: re.Match[str]
    today: date

    def token(self, name: str) -> Token | None:
        """The piece of a name, or of its second spelling with `_`; None where the form has none."""
        groups = self.match.re.groupindex
        at = max((self.match.start(one) for one in (name, f"{name}_") if one in groups), default=-1)
        return self.said[at] if at >= 0 else None

    def number(self, name: str) -> int:
        token = self.token(name)
        return token.value if token else 0

    def year(self) -> int | None:
        token = self.token("y")
        if token is None:
            return None
        if token.kind == "Y":
            return self.today.year + token.value
        # 0年 is no year 2000, and 3年 no year 2003.
        return token.value + 2000 if token.kind == "n" and token.value >= _SHORTEST_YEAR else token.value

    def part(self, first: int, months: int, day: int | None = None) -> _Part:
        return _Part(self.year(), first, months, day)

    def month(self) -> _Part:
        """A month, with the day where one is said."""
        day = self.number("d") if self.token("d") else None
        if relative := self.token("M"):
            months = self.today.year * 12 + self.today.month - 1 + relative.value
            return _Part(months // 12, months % 12 + 1, 1, day)
        # A month 0 would pass for one that is not said.
        return self.part(self.number("m") or 13, 1, day)


def _fixed(reading: _Reading) -> Period:
    token, today = reading.token("fixed"), reading.today
    kind, steps = (token.kind, token.value) if token else ("T", 0)
    if kind == "T":
        return Period(today + timedelta(days=steps), today + timedelta(days=steps))
    if kind == "W":
        monday = today - timedelta(days=today.weekday() - 7 * steps)
        return Period(monday, monday + timedelta(days=6))
    months = {"Q": 3, "H": 6}[kind]
    first = today.year * 12 + (today.month - 1) // months * months + steps * months
    return _Part(first // 12, first % 12 + 1, months).period()


def _recent(reading: _Reading) -> Period:
    """So many days, weeks or months that end today."""
    n, unit, today = reading.number("n"), reading.match["unit"], reading.today
    if not n:
        raise BadPeriodError("bad_date")
    if n > 366 * (_YEARS[1] - _YEARS[0]):
        raise BadPeriodError("bad_year")
    if unit != "m":
        return Period(today - timedelta(days=n * {"d": 1, "w": 7}[unit] - 1), today)
    months = today.year * 12 + today.month - 1 - n
    if months < _YEARS[0] * 12:
        raise BadPeriodError("bad_year")
    last = _last_day(months // 12, months % 12 + 1)
    return Period(last.replace(day=min(today.day, last.day)) + timedelta(days=1), today)


def _quarters(reading: _Reading, first: int, n: int) -> _Part:
    if not 1 <= reading.number("q") <= 4:
        raise BadPeriodError("bad_date")
    return reading.part(first, n * 3)


def _first_months(reading: _Reading) -> _Part:
    if not 1 <= reading.number("m") <= 12:
        raise BadPeriodError("bad_date")
    return reading.part(1, reading.number("m"))


_MEANINGS: dict[str, Callable[[_Reading], _Said]] = {
    "year": lambda reading: reading.part(1, 12),
    "half": lambda reading: reading.part(reading.number("h") * 6 - 5, 6),
    "quarter": lambda reading: _quarters(reading, reading.number("q") * 3 - 2, 1),
    "first_quarters": lambda reading: _quarters(reading, 1, reading.number("q")),
    "first_months": _first_months,
    "month": _Reading.month,
    "day": _Reading.month,
    "day_only": lambda reading: _Part(None, 0, 1, reading.number("d")),
    "fixed": _fixed,
    "recent": _recent,
}


def _day(year: int, month: int, day: int) -> Period:
    try:
        return Period(date(year, month, day), date(year, month, day))
    except ValueError as error:
        raise error if isinstance(error, BadPeriodError) else BadPeriodError("bad_date") from None


def _last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
