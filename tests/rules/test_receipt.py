"""Receipt numbers (受理编号)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.receipt import patrol_number


@pytest.mark.parametrize(
    ("year", "serial", "number"),
    [(2026, 1, "XL-2026-000001"), (2026, 999_999, "XL-2026-999999"), (2026, 1_000_000, "XL-2026-1000000")],
)
def test_a_number_shows_its_year_and_grows_past_six_digits(year: int, serial: int, number: str) -> None:
    assert patrol_number(year, serial) == number


@given(st.integers(2000, 2100), st.integers(1, 10**8))
def test_year_and_serial_can_be_read_back(year: int, serial: int) -> None:
    prefix, shown_year, shown_serial = patrol_number(year, serial).split("-")
    assert (prefix, int(shown_year), int(shown_serial)) == ("XL", year, serial)
