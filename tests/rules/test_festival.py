"""Festivals (节日): the days off that were announced, and the days around them."""

from datetime import date

import pytest

from rules.festival import FESTIVALS, around, days_off


@pytest.mark.parametrize(
    ("festival", "year", "first", "last"),
    [
        ("spring", 2023, date(2023, 1, 21), date(2023, 1, 27)),
        ("tombs", 2023, date(2023, 4, 5), date(2023, 4, 5)),
        ("labour", 2023, date(2023, 4, 29), date(2023, 5, 3)),
        ("spring", 2024, date(2024, 2, 10), date(2024, 2, 17)),
    ],
)
def test_the_days_off_are_those_of_the_notice(festival: str, year: int, first: date, last: date) -> None:
    assert days_off(festival, year) == (first, last)


def test_around_is_so_many_days_before_and_after() -> None:
    assert around("spring", 2023, 7) == (date(2023, 1, 14), date(2023, 2, 3))


def test_a_year_without_a_notice_has_no_days_off() -> None:
    assert [days_off(name, 2090) for name in FESTIVALS] == [None] * len(FESTIVALS)
    assert around("spring", 2090, 7) is None
