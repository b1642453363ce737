"""Outings (次): chiefs at one place within half an hour went together; everybody else went alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.outing import TOGETHER, Visit, outings

NINE = datetime(2023, 5, 9, 1, tzinfo=UTC)
HERE = (116.385325, 39.949052)
NEAR = (116.386, 39.949052)
FAR = (116.388, 39.949052)


def visit(id_: int, chief: int, minutes: float = 0, place: tuple[float | None, float | None] = HERE) -> Visit:
    return Visit(id_, chief, NINE + timedelta(minutes=minutes), *place)


def test_three_chiefs_at_one_place_are_one_outing() -> None:
    assert outings([visit(1, 1), visit(2, 2, 5, NEAR), visit(3, 3, 29)]) == {1: 1, 2: 1, 3: 1}


def test_too_late_too_far_or_the_same_chief_is_another_outing() -> None:
    assert outings([visit(1, 1), visit(2, 2, 31)]) == {1: 1, 2: 2}
    assert outings([visit(1, 1), visit(2, 2, 1, FAR)]) == {1: 1, 2: 2}
    assert outings([visit(1, 1), visit(2, 1, 10)]) == {1: 1, 2: 2}


def test_without_a_position_nobody_went_together() -> None:
    assert outings([visit(1, 1), visit(2, 2, 1, (None, None))]) == {1: 1, 2: 2}


def test_an_outing_does_not_grow_beyond_half_an_hour_from_its_first_visit() -> None:
    assert outings([visit(1, 1), visit(2, 2, 20), visit(3, 3, 40)]) == {1: 1, 2: 1, 3: 3}


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 120), st.sampled_from([HERE, NEAR, FAR])), max_size=12))
def test_an_outing_holds_each_chief_once_and_fits_its_window(drawn: list[tuple[int, int, tuple[float, float]]]) -> None:
    visits = {n: visit(n, chief, minutes, place) for n, (chief, minutes, place) in enumerate(drawn)}
    found = outings(visits.values())
    assert found.keys() == visits.keys()
    for first in set(found.values()):
        members = [visits[n] for n, one in found.items() if one == first]
        assert len({one.chief_id for one in members}) == len(members)
        assert max(one.at for one in members) - visits[first].at <= TOGETHER
