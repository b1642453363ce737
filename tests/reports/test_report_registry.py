"""The registry of reports (报表登记): a name and figures in, a file out."""

import json
import re

import pytest
from report_figures import figures

from reports import Rendered, render

TABLE = {"title": "西城区2023年巡林次数（按级别）", "rows": [["区级", 88], ["街道级", 553]], "note": "统计时间"}


@pytest.mark.parametrize(
    ("name", "asked", "filename"),
    [
        ("level_month_chart", figures(), "西城区2023年巡林次数按级别和月份.png"),
        ("street_chart", figures(), "西城区2023年巡林次数按街道.png"),
        ("count_chart", TABLE, "西城区2023年巡林次数（按级别）.png"),
    ],
)
def test_a_chart_comes_as_png_under_a_name_that_says_what_it_is(
    name: str, asked: dict[str, object], filename: str
) -> None:
    rendered = render(name, asked, "zh_CN")
    assert (rendered.filename, rendered.mime) == (filename, "image/png")
    assert rendered.data.startswith(b"\x89PNG")


def test_figures_that_went_through_json_give_the_same_file() -> None:
    for name, asked in (("level_month_chart", figures()), ("count_chart", TABLE)):
        assert render(name, json.loads(json.dumps(asked)), "en") == render(name, asked, "en")


def test_own_data_come_as_json_that_a_person_can_read() -> None:
    data = {"姓名": "王秀兰", "patrols": [{"receipt": "XL-2023-000123"}]}
    rendered = render("own_data", data, "zh_CN")
    assert rendered == Rendered(rendered.data, "我的数据.json", "application/json")
    assert "王秀兰" in rendered.data.decode()
    assert json.loads(rendered.data) == data
    assert render("own_data", data, "en").filename == "my_data.json"


def test_an_unknown_report_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ValueError, match=re.escape("unknown report 'ranking'; known: level_month_chart, street_chart")):
        render("ranking", {}, "zh_CN")


@pytest.mark.parametrize("title", ["../../etc/passwd", "a\\b:c*?\u202e", "按月\n按街道", "。" * 300, "///", ""])
def test_a_title_never_makes_a_dangerous_file_name(title: str) -> None:
    filename = render("count_chart", {"title": title, "rows": []}, "zh_CN").filename
    assert re.fullmatch(r"[^\\/:*?\"<>|\s\u202e.][^\\/:*?\"<>|\s\u202e]{0,63}\.png|count_chart\.png", filename)
    assert len(filename.encode()) < 255
