"""Periods as people say them (周期): a table of what is asked, in both languages."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import periods
from services.refused import Refused

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("今年", "2026-01-01", "2026-12-31"),
        ("去年", "2025-01-01", "2025-12-31"),
        ("2023年", "2023-01-01", "2023-12-31"),
        ("２０２３年", "2023-01-01", "2023-12-31"),
        ("本月", "2026-11-01", "2026-11-30"),
        ("上个月", "2026-10-01", "2026-10-31"),
        ("第三季度", "2026-07-01", "2026-09-30"),
        ("2023年第三季度", "2023-07-01", "2023-09-30"),
        ("3月到5月", "2026-03-01", "2026-05-31"),
        ("3-5月", "2026-03-01", "2026-05-31"),
        ("2022年11月到2023年2月", "2022-11-01", "2023-02-28"),
        ("2023-03-01到2023-05-31", "2023-03-01", "2023-05-31"),
        ("2023年3月1日至5月31日", "2023-03-01", "2023-05-31"),
        ("3月1日到今天", "2026-03-01", "2026-11-24"),
        ("12月", "2025-12-01", "2025-12-31"),
        ("上半年", "2026-01-01", "2026-06-30"),
        ("近30天", "2026-10-26", "2026-11-24"),
        ("this year", "2026-01-01", "2026-12-31"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("March 2023", "2023-03-01", "2023-03-31"),
        ("March to May", "2026-03-01", "2026-05-31"),
        ("2023Q3", "2023-07-01", "2023-09-30"),
        ("last 7 days", "2026-11-18", "2026-11-24"),
    ],
)
def test_a_period_is_understood(text: str, start: str, end: str) -> None:
    span, rest = periods.find(text.split(), TODAY)
    assert span is not None
    assert (span.start.isoformat(), span.end.isoformat(), rest) == (start, end, [])


def test_the_area_is_left_over_in_its_order() -> None:
    span, rest = periods.find(["上个月", "德胜街道", "安德路南"], TODAY)
    assert span is not None
    assert rest == ["德胜街道", "安德路南"]


@pytest.mark.parametrize(
    ("text", "key"),
    [("2月30日", "bad_date"), ("2023-05-31到2023-03-01", "reversed"), ("1999年", "bad_year")],
)
def test_a_period_that_cannot_be_is_refused_with_its_reason(text: str, key: str) -> None:
    with pytest.raises(Refused) as refusal:
        periods.find([text], TODAY)
    assert refusal.value.key == f"period.{key}"


@given(st.text(max_size=80))
def test_any_text_is_a_period_or_not_or_refused(text: str) -> None:
    # Whatever is refused is refused by a `Refused`, never by another exception.
    with contextlib.suppress(Refused):
        span, _ = periods.find(text.split(), TODAY)
        assert span is None or span.start <= span.end


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_explicit_dates_are_themselves(one: date, other: date) -> None:
    start, end = sorted((one, other))
    span, _ = periods.find([f"{start}到{end}"], TODAY)
    assert span is not None
    assert (span.start, span.end) == (start, end)
