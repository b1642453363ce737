"""The summary as text (文字版年度总结): every number of the figures, aligned, with its rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_figures import figures, row

from reports.sentence import annual_sentence
from reports.table import aligned, width
from reports.text import summary_text

LANGUAGES = ("zh_CN", "en")


def lines_of(figures: dict[str, object], language: str = "zh_CN") -> dict[str, list[str]]:
    """The lines of the summary by their first word."""
    return {line.split()[0]: line.split()[1:] for line in summary_text(figures, language).splitlines() if line.strip()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_holds_the_sentence(language: str) -> None:
    assert annual_sentence(figures(), language) in summary_text(figures(), language)


def test_every_street_and_month_is_printed_with_its_exact_numbers() -> None:
    lines = lines_of(figures())
    assert lines["德胜街道"] == ["60", "300", "10000", "10360"]
    assert lines["广安门外街道"] == ["28", "253", "4400", "4681"]
    assert lines["2023年7月"] == ["7", "70", "1000", "1077", "1"]
    assert lines["2023年12月"] == ["12", "120", "1000", "1132", "0"]
    assert lines["社区级"] == ["14400"]
    assert lines["调度会"] == ["7"]


def test_a_single_street_has_no_column_of_meetings() -> None:
    lines = lines_of(figures(meetings=None, meetings_by_month=None))
    assert lines["2023年7月"] == ["7", "70", "1000", "1077"]
    assert "调度会" not in lines


def test_patrols_of_no_street_have_a_row_of_their_own() -> None:
    by_street = {**figures()["by_street"], "unassigned": row(0, 1, 2)}
    assert lines_of(figures(by_street=by_street))["未定街道"] == ["0", "1", "2", "3"]


def test_months_to_come_are_left_out_unless_they_hold_patrols() -> None:
    by_month = {"2026-11": row(1, 2, 3), "2026-12": row(0, 0, 0)}
    year = {"year": 2026, "closed": False, "as_of": "2026-11-24T02:00:00Z", "meetings_by_month": {}}
    assert "2026年12月" not in lines_of(figures(by_month=by_month, **year))
    by_month["2026-12"] = row(0, 0, 1)
    assert lines_of(figures(by_month=by_month, **year))["2026年12月"] == ["0", "0", "1", "1", "0"]


def test_only_reasons_that_occurred_are_listed_in_words() -> None:
    text = summary_text(figures(), "zh_CN")
    assert "没有照片" in text
    assert "调度会重复送达" in text
    assert "转发的位置" not in text


def test_the_rate_prints_numerator_denominator_and_rule_and_leaves_meetings_out() -> None:
    text = summary_text(figures(), "zh_CN")
    assert "计入率 99.7% = 计入15041次 ÷ 收到巡林记录15080条" in text
    assert "规则见统计口径" in text
    assert "【统计口径】" in text


def test_no_rate_is_made_of_nothing() -> None:
    empty = figures(counted=row(0, 0, 0), not_counted={"no_photo": 0})
    assert "本期没有收到巡林记录，不计算计入率。" in summary_text(empty, "zh_CN")
    assert "%" not in summary_text(empty, "en")


def test_the_summary_says_when_and_in_which_zone_it_was_taken() -> None:
    assert "统计时间：2024年1月2日 09:00（Asia/Shanghai）" in summary_text(figures(), "zh_CN")
    assert "As of 2 Jan 2024, 09:00 (Asia/Shanghai)" in summary_text(figures(), "en")


def test_an_open_year_says_in_its_heading_how_far_it_has_come() -> None:
    open_year = figures(year=2026, closed=False, as_of="2026-11-24T02:00:00Z")
    assert summary_text(open_year, "zh_CN").startswith("西城区2026年（截至11月24日）")


def test_a_chinese_character_is_two_columns_wide() -> None:
    assert width("街道 ab") == 7
    assert width("e\u0301") == 1
    assert aligned([["街道", 5], ["a", 1000]]) == "街道     5\na     1000"


cells = st.lists(st.text("街道级ab1，·", min_size=1, max_size=8), min_size=3, max_size=3)


@given(st.lists(cells, min_size=1, max_size=6))
def test_every_line_of_a_table_is_equally_wide(rows: list[list[str]]) -> None:
    assert len({width(line) for line in aligned(rows).splitlines()}) == 1
