"""Words of times and duties (提醒用词)."""

from datetime import date

import pytest

from locales import all_words, words
from rules.duty import PERIODS, Rule, Season
from rules.schedule_words import ClockWords, find_day, find_rule, find_times

TODAY = date(2026, 11, 24)
WEEKDAYS = [
    " ".join(pair) for pair in zip(words("zh_CN", "remind.weekdays"), words("en", "remind.weekdays"), strict=True)
]
OFTEN = {period: all_words(f"duty.words.{period}") for period in PERIODS}


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("周四 09:10", {"weekday": 4, "minute": 550}, ()),
        ("星期天 8:05", {"weekday": 7, "minute": 485}, ()),
        ("Thu 9：10", {"weekday": 4, "minute": 550}, ()),
        ("20:00-07:30", {"quiet_from": 1200, "quiet_to": 450}, ()),
        ("21:30~06:30", {"quiet_from": 1290, "quiet_to": 390}, ()),
        ("每天", {"days_off": True}, ()),
        ("德胜街道 周一", {"weekday": 1}, ("德胜街道",)),
        ("25:00", {}, ("25:00",)),
    ],
)
def test_times_are_found_among_words(text: str, found: dict[str, object], rest: tuple[str, ...]) -> None:
    said = find_times(text.split(), WEEKDAYS, {"每天": True})
    assert (said.found, said.rest) == (found, rest)


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ("每周 2次", Rule("week", 2, TODAY), ()),
        ("社区级 每周2次", Rule("week", 2, TODAY), ("社区级",)),
        ("每月 1次 1-10", Rule("month", 1, TODAY, window=(1, 10)), ()),
        ("每季度 3次 2027-01-01", Rule("quarter", 3, date(2027, 1, 1)), ()),
        ("每半年", Rule("half_year", 1, TODAY), ()),
        ("每年 4次 2027-01-01~2027-12-31", Rule("year", 4, date(2027, 1, 1), date(2027, 12, 31)), ()),
        ("每周 1次 11-01~05-31", Rule("week", 1, TODAY, season=Season("11-01", "05-31")), ()),
        ("monthly 2x", Rule("month", 2, TODAY), ()),
    ],
)
def test_a_duty_is_found_among_words(text: str, expected: Rule, rest: tuple[str, ...]) -> None:
    assert find_rule(text.split(), OFTEN, all_words("duty.words.times"), TODAY) == (expected, rest)


@pytest.mark.parametrize("text", ["每周 0次", "每周 99次", "每年 11-01~05-31", "每月 10-1", "每周 2027-02-30"])
def test_a_duty_that_cannot_be_raises(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the rule says which
        find_rule(text.split(), OFTEN, all_words("duty.words.times"), TODAY)


def test_words_without_a_period_are_no_duty() -> None:
    assert find_rule(["随便"], OFTEN, all_words("duty.words.times"), TODAY)[0] is None


CLOCKS = ClockWords(("上午",), ("下午",), ("点", "时"), ("半",))


@pytest.mark.parametrize(
    ("said", "minute"),
    [
        ("下午3点", 15 * 60), ("3点半", 3 * 60 + 30), ("上午9点05", 9 * 60 + 5), ("下午2:30", 14 * 60 + 30),
        ("9时", 9 * 60), ("下午12点", 12 * 60), ("25点", None), ("9点70", None), ("点", None),
        ("9", None), ("下午", None),
    ],
)  # fmt: skip
def test_a_time_of_day_is_understood_as_it_is_spoken(said: str, minute: int | None) -> None:
    found = find_times([said], ["周一"] * 7, {}, CLOCKS)
    assert (found.found.get("minute"), found.rest) == (minute, () if minute is not None else (said,))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-12-10", date(2026, 12, 10)), ("12-10", date(2026, 12, 10)), ("12月10日", date(2026, 12, 10)),
        ("1/5", date(2027, 1, 5)), ("2027年1月5日", date(2027, 1, 5)), ("11-24", date(2026, 11, 24)),
        ("13-40", None), ("2-29", None), ("明天", None),
    ],
)  # fmt: skip
def test_a_day_is_understood_with_and_without_its_year(said: str, day: date | None) -> None:
    assert find_day(said, date(2026, 11, 24)) == day
