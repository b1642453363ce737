"""Numbers (数字): as the annual report prints them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.number import in_wan, ratio


@pytest.mark.parametrize(
    ("n", "printed"),
    [
        (0, "0"),
        (88, "88"),
        (9_999, "9999"),
        (10_000, "1万"),
        (10_049, "1万"),
        (10_050, "1.01万"),
        (14_349, "1.43万"),
        (14_350, "1.44万"),
        (14_400, "1.44万"),
        (14_449, "1.44万"),
        (14_450, "1.45万"),
        (15_000, "1.5万"),
        (99_999, "10万"),
        (1_000_000, "100万"),
        (123_456_789, "12345.68万"),
    ],
)
def test_from_ten_thousand_on_a_count_is_printed_in_wan(n: int, printed: str) -> None:
    assert in_wan(n, "万") == printed


@given(st.integers(10_000, 10**15))
def test_what_is_printed_is_at_most_half_a_hundredth_off(n: int) -> None:
    printed = in_wan(n, "万").removesuffix("万")
    assert abs(Decimal(printed) * 10_000 - n) <= 50
    assert "." not in printed or not printed.endswith("0")


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(0, 263, "0.0%"), (1, 3, "33.3%"), (1, 2000, "0.1%"), (245, 263, "93.2%"), (263, 263, "100.0%"), (5, 0, None)],
)
def test_a_rate_has_one_decimal_and_none_of_nothing(part: int, whole: int, printed: str | None) -> None:
    assert ratio(part, whole) == printed


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_rate_is_at_most_half_a_tenth_off(part: int, whole: int) -> None:
    printed = ratio(part, whole)
    assert printed is not None
    assert abs(Decimal(printed.removesuffix("%")) * whole - part * 100) <= Decimal("0.05") * whole
