"""The annual sentence (年度总结的那句话): when, which levels, how the numbers are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_figures import figures, period, row

from reports.sentence import annual_sentence, number


def test_a_closed_year_says_the_sentence_of_the_annual_report() -> None:
    assert annual_sentence(figures(), "zh_CN") == (
        "全年区级林长巡林88次，召开调度会7次；街道级林长巡林553次；社区级林长巡林1.44万次。"
    )


def test_the_english_sentence_says_the_same_numbers_exactly() -> None:
    assert annual_sentence(figures(), "en") == (
        "In the full year, patrols by district-level chiefs: 88, dispatch meetings held: 7; "
        "patrols by street-level chiefs: 553; patrols by community-level chiefs: 14,400."
    )


@pytest.mark.parametrize(
    ("case", "when"),
    [
        (figures(), "全年"),
        (period("2023-01-01", "2023-12-31"), "2023年1月1日至12月31日，"),
        (figures(year=2026, closed=False, as_of="2026-11-24T02:00:00+00:00"), "截至11月24日，"),
        (figures(year=2026, closed=False, as_of="2026-11-23T16:00:00Z"), "截至11月24日，"),
        (figures(year=2026, closed=False, as_of="2026-11-23T15:59:59Z"), "截至11月23日，"),
        (figures(year=2026, closed=False, as_of="2026-12-31T16:00:00Z"), "截至12月31日，"),
        (period("2023-03-01", "2023-05-31"), "2023年3月1日至5月31日，"),
        (period("2023-03-01", "2023-03-01"), "2023年3月1日，"),
        (period("2022-10-21", "2023-10-20"), "2022年10月21日至2023年10月20日，"),
        (period("2023-01-01", "2024-12-31"), "2023年1月1日至2024年12月31日，"),
        (
            period("2026-11-01", "2026-11-30", closed=False, as_of="2026-11-24T02:00:00Z"),
            "2026年11月1日至11月24日，",
        ),
        (period("2026-12-01", "2026-12-31", closed=False, as_of="2026-11-24T02:00:00Z"), "2026年12月1日，"),
    ],
)
def test_the_sentence_begins_with_the_days_it_speaks_of(case: dict[str, object], when: str) -> None:
    assert annual_sentence(case, "zh_CN").split("区级")[0] == when


def test_a_single_street_has_no_meetings_in_its_sentence() -> None:
    street = figures(meetings=None, counted=row(10, 27, 1165))
    assert annual_sentence(street, "zh_CN") == "全年区级林长巡林10次；街道级林长巡林27次；社区级林长巡林1165次。"
    assert "meeting" not in annual_sentence(street, "en")


def test_a_level_without_patrols_is_said_with_zero() -> None:
    empty = figures(meetings=0, counted=row(0, 0, 0))
    assert annual_sentence(empty, "zh_CN") == (
        "全年区级林长巡林0次，召开调度会0次；街道级林长巡林0次；社区级林长巡林0次。"
    )


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (9999, "9999"),
        (10000, "1万"),
        (14349, "1.43万"),
        (14350, "1.44万"),
        (14449, "1.44万"),
        (14450, "1.45万"),
        (15000, "1.5万"),
        (123456, "12.35万"),
    ],
)
def test_a_number_is_said_in_wan_from_ten_thousand_on(count: int, said: str) -> None:
    assert f"社区级林长巡林{said}次。" in annual_sentence(figures(counted=row(1, 1, count)), "zh_CN")


@given(st.integers(0, 10**9))
def test_an_english_number_is_exact(count: int) -> None:
    assert int(number(count, "en").replace(",", "")) == count


@given(st.integers(10_000, 10**9))
def test_a_number_in_wan_is_never_further_than_fifty_from_the_count(count: int) -> None:
    assert abs(round(float(number(count, "zh_CN").removesuffix("万")) * 10_000) - count) <= 50
