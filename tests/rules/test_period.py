"""Periods (周期): what a clerk in April can mean, and what is no period at all."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales import all_words
from rules.period import BadPeriodError, Period, find_period, parse_period
from rules.period_words import KINDS, NAMES, PAIRS, PeriodWords

TODAY = date(2024, 4, 17)
WORDS = PeriodWords({name: all_words(f"period.words.{name}") for name in NAMES})
TYPED = [word for name in KINDS for word in all_words(f"period.words.{name}")]
TYPED += [pair.split("=")[0] for name in PAIRS for pair in all_words(f"period.words.{name}")]
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))

MEANT = """
前年 | 2022-01-01 | 2022-12-31
2023 | 2023-01-01 | 2023-12-31
二〇二三年 | 2023-01-01 | 2023-12-31
二零二三年度 | 2023-01-01 | 2023-12-31
23年 | 2023-01-01 | 2023-12-31
2023年全年 | 2023-01-01 | 2023-12-31
这个月 | 2024-04-01 | 2024-04-30
上 个 月 | 2024-03-01 | 2024-03-31
3月 | 2024-03-01 | 2024-03-31
3月份 | 2024-03-01 | 2024-03-31
4月 | 2024-04-01 | 2024-04-30
5月 | 2023-05-01 | 2023-05-31
十一月 | 2023-11-01 | 2023-11-30
２０２３ 年 ３ 月 | 2023-03-01 | 2023-03-31
二〇二三年十二月 | 2023-12-01 | 2023-12-31
2023-03 | 2023-03-01 | 2023-03-31
202303 | 2023-03-01 | 2023-03-31
2024年2月 | 2024-02-01 | 2024-02-29
去年3月 | 2023-03-01 | 2023-03-31
上季度 | 2024-01-01 | 2024-03-31
本季度 | 2024-04-01 | 2024-06-30
三季度 | 2023-07-01 | 2023-09-30
第2季度 | 2024-04-01 | 2024-06-30
去年第三季度 | 2023-07-01 | 2023-09-30
2023Q3 | 2023-07-01 | 2023-09-30
2023年Q3 | 2023-07-01 | 2023-09-30
前三季度 | 2024-01-01 | 2024-09-30
2023年前5个月 | 2023-01-01 | 2023-05-31
本半年 | 2024-01-01 | 2024-06-30
下半年 | 2023-07-01 | 2023-12-31
2023年上半年 | 2023-01-01 | 2023-06-30
本周 | 2024-04-15 | 2024-04-21
上周 | 2024-04-08 | 2024-04-14
昨天 | 2024-04-16 | 2024-04-16
最近7天 | 2024-04-11 | 2024-04-17
近一周 | 2024-04-11 | 2024-04-17
近三个月 | 2024-01-18 | 2024-04-17
到目前 | 2024-01-01 | 2024-04-17
今年以来 | 2024-01-01 | 2024-04-17
去年12月至今 | 2023-12-01 | 2024-04-17
12月1日到今天 | 2023-12-01 | 2024-04-17
3—5月 | 2024-03-01 | 2024-05-31
三到五月 | 2024-03-01 | 2024-05-31
2023年3-5月 | 2023-03-01 | 2023-05-31
3月至2023年5月 | 2023-03-01 | 2023-05-31
第三季度到第四季度 | 2023-07-01 | 2023-12-31
去年11月到今年2月 | 2023-11-01 | 2024-02-29
2022-2023年 | 2022-01-01 | 2023-12-31
3月15日到4月30日 | 2024-03-15 | 2024-04-30
3月1-15日 | 2024-03-01 | 2024-03-15
十二月一日到十二月三十一日 | 2023-12-01 | 2023-12-31
2023/3/1-2023/5/31 | 2023-03-01 | 2023-05-31
2023.3.1~5.31 | 2023-03-01 | 2023-05-31
2023-03-01到05-31 | 2023-03-01 | 2023-05-31
20230301-20230531 | 2023-03-01 | 2023-05-31
上个月5日至本月5日 | 2024-03-05 | 2024-04-05
this month | 2024-04-01 | 2024-04-30
last year | 2023-01-01 | 2023-12-31
May | 2023-05-01 | 2023-05-31
march 2023 | 2023-03-01 | 2023-03-31
Q3 | 2023-07-01 | 2023-09-30
third quarter of 2023 | 2023-07-01 | 2023-09-30
4th quarter | 2023-10-01 | 2023-12-31
first half | 2024-01-01 | 2024-06-30
this week | 2024-04-15 | 2024-04-21
yesterday | 2024-04-16 | 2024-04-16
last 3 weeks | 2024-03-28 | 2024-04-17
since March | 2024-03-01 | 2024-04-17
this year so far | 2024-01-01 | 2024-04-17
from 2023-03-01 to 2023-05-31 | 2023-03-01 | 2023-05-31
March 1st to March 31st | 2024-03-01 | 2024-03-31
1 March 2023 until May 5, 2023 | 2023-03-01 | 2023-05-05
"""
BAD = """
2月30日 | bad_date
2023年2月29日 | bad_date
2023-13-01 | bad_date
13月 | bad_date
0月 | bad_date
第五季度 | bad_date
前13个月 | bad_date
近0天 | bad_date
5月到3月 | reversed
2022年11月到2月 | reversed
2023-05-31到2023-03-01 | reversed
1999年 | bad_year
2101 | bad_year
99999年3月 | bad_year
9999-01-01 | bad_year
近99999999天 | bad_year
近9999周 | bad_year
近999个月 | bad_year
"""
NOTHING = ["", " ", "3", "3-5", "的", "德胜街道", "三里河一区", "二七剧场", "maybe", "110102001", "到", "-", "Desheng"]


def lines(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("text", "start", "end"), lines(MEANT))
def test_in_april_2024_it_means(text: str, start: str, end: str) -> None:
    assert parse_period(text, TODAY, WORDS) == Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(("text", "key"), lines(BAD))
def test_what_cannot_be_has_its_reason(text: str, key: str) -> None:
    with pytest.raises(BadPeriodError) as refused:
        parse_period(text, TODAY, WORDS)
    assert refused.value.key == key


@pytest.mark.parametrize("text", NOTHING)
def test_other_text_is_no_period(text: str) -> None:
    assert parse_period(text, TODAY, WORDS) is None


def test_a_clerk_in_january_asks_for_the_december_that_is_over() -> None:
    assert parse_period("12月", date(2024, 1, 3), WORDS) == Period(date(2023, 12, 1), date(2023, 12, 31))


def test_the_last_month_is_cut_where_a_month_is_shorter() -> None:
    assert parse_period("近1个月", date(2024, 3, 31), WORDS) == Period(date(2024, 3, 1), date(2024, 3, 31))


@pytest.mark.parametrize(
    ("typed", "rest", "start"),
    [
        ("上个月 德胜街道 按社区", ["德胜街道", "按社区"], date(2024, 3, 1)),
        ("德胜街道 2023 年 3 月 按社区", ["德胜街道", "按社区"], date(2023, 3, 1)),
        ("last month Desheng", ["Desheng"], date(2024, 3, 1)),
        ("Desheng from March to May", ["Desheng"], date(2024, 3, 1)),
        ("牛街 5月", ["牛街"], date(2023, 5, 1)),
    ],
)
def test_the_longest_run_of_words_is_the_period(typed: str, rest: list[str], start: date) -> None:
    found, others = find_period(typed.split(), TODAY, WORDS)
    assert found is not None
    assert (found.start, others) == (start, rest)


@pytest.mark.parametrize("text", ["3月到" * 3000, "9" * 10_000, "-" * 10_000, "3月 " * 5000, "a " * 5000])
def test_running_text_is_no_period(text: str) -> None:
    assert parse_period(text, TODAY, WORDS) is None
    assert find_period(text.split(), TODAY, WORDS) == (None, text.split())


@given(DAYS, DAYS, st.sampled_from(["{0}到{1}", "{0} to {1}", "{0:%Y/%m/%d}-{1:%Y/%m/%d}", "{0:%Y%m%d}至{1:%Y%m%d}"]))
def test_explicit_dates_do_not_depend_on_today(one: date, other: date, form: str) -> None:
    start, end = sorted((one, other))
    assert parse_period(form.format(start, end), TODAY, WORDS) == Period(start, end)


@given(DAYS.filter(lambda day: day.year > 2000), st.integers(1, 12))
def test_a_month_without_year_has_begun_within_the_last_twelve(today: date, month: int) -> None:
    found = parse_period(f"{month}月", today, WORDS)
    assert found is not None
    assert found.start.month == month
    assert timedelta(0) <= today - found.start < timedelta(366)


@given(st.lists(st.sampled_from([*TYPED, *"-/.~", "2023", "3", "31", "2月"]), max_size=8), st.sampled_from(["", " "]))
def test_any_words_of_a_period_are_one_or_none_or_refused(words: list[str], between: str) -> None:
    with suppress(BadPeriodError):
        found = parse_period(between.join(words), TODAY, WORDS)
        assert found is None or found.start <= found.end


@given(st.lists(st.sampled_from([*TYPED, "2023", "德胜街道", "按社区"]), max_size=45))
def test_no_word_is_lost_or_moved(words: list[str]) -> None:
    with suppress(BadPeriodError):
        found, rest = find_period(words, TODAY, WORDS)
        taken = len(words) - len(rest)
        assert bool(found) == bool(taken)
        assert any(words[:at] + words[at + taken :] == rest for at in range(len(rest) + 1))
