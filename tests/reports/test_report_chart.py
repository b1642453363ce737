"""Charts (统计图): the data equal the figures, every character has its glyph, the bytes never differ."""

import csv
import io
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from report_figures import figures, period, row

from locales import LANGUAGES, catalogue
from reports.chart import count_chart, level_month_chart, street_chart
from reports.chart_data import MOST_BARS, Series, count_data, level_month_data, street_data
from reports.frame import INNER, SMALL
from reports.lines import fitted, wrapped
from reports.page import Page, missing_glyphs, printable, text_width

ROOT = Path(__file__).parents[2]
ADMIN = ROOT / "demo" / "xicheng" / "admin"


def size(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return image.size


def colours(png: bytes) -> set[tuple[int, ...]]:
    with Image.open(io.BytesIO(png)) as image:
        return {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}  # type: ignore[misc]


def test_the_bars_by_level_and_month_are_the_figures() -> None:
    data = level_month_data(figures())
    by_month = figures()["by_month"]
    assert data.labels == tuple(by_month)
    for series in data.series:
        assert series.values == tuple(row[series.key] for row in by_month.values())
    assert [series.key for series in data.series] == ["district", "street", "community"]


def test_a_month_to_come_has_no_bar_and_no_zero() -> None:
    by_month = {f"2026-{month:02}": row(1, 1, 1) if month < 12 else row(0, 0, 0) for month in range(1, 13)}
    data = level_month_data(figures(year=2026, closed=False, as_of="2026-11-24T02:00:00Z", by_month=by_month))
    assert data.series[0].values == (*[1] * 11, None)
    assert data.series[0].total == 11


def test_more_than_three_years_of_months_are_summed_up_by_year() -> None:
    by_month = {f"{year}-{month:02}": row(1, 2, year) for year in range(2020, 2024) for month in range(1, 13)}
    data = level_month_data(period("2020-01-01", "2023-12-31", by_month=by_month))
    assert data.labels == ("2020", "2021", "2022", "2023")
    assert data.series[1] == Series("street", (24, 24, 24, 24))
    assert data.series[2].values[0] == 2020 * 12
    assert size(level_month_chart(period("2020-01-01", "2023-12-31", by_month=by_month), "en")) == (1080, 1350)


def test_the_bars_by_street_are_the_figures_in_their_order() -> None:
    data = street_data(figures(), "zh_CN")
    assert data.labels == ("德胜街道", "广安门外街道")
    assert data.series == (
        Series("district", (60, 28)),
        Series("street", (300, 253)),
        Series("community", (10000, 4400)),
    )


def test_patrols_of_no_street_are_drawn_too() -> None:
    by_street = {**figures()["by_street"], "unassigned": row(0, 1, 2)}
    assert street_data(figures(by_street=by_street), "zh_CN").labels[-1] == "未定街道"


def test_rows_after_the_thirtieth_are_summed_up() -> None:
    rows = [[f"第{place}社区", place] for place in range(40)]
    data = count_data({"title": "按社区", "rows": rows}, "zh_CN")
    assert len(data.labels) == 31
    assert data.labels[29:] == ("第29社区", "其余10项")
    assert data.series[0].values[-1] == sum(range(30, 40))


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 10**6)), max_size=80))
def test_no_patrol_is_lost_between_the_answer_and_its_chart(rows: list[tuple[str, int]]) -> None:
    assert count_data({"title": "", "rows": rows}, "en").series[0].total == sum(value for _, value in rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_by_level_and_month_fits_a_phone_and_uses_three_colours(language: str) -> None:
    png = level_month_chart(figures(), language)
    assert size(png) == (1080, 1350)
    assert {(0xD5, 0x5E, 0x00), (0x00, 0x72, 0xB2), (0x00, 0x9E, 0x73)} <= colours(png)


def test_a_longer_list_makes_a_taller_picture_of_the_same_width() -> None:
    few, many = ([[f"第{place}社区", 5] for place in range(count)] for count in (3, 30))
    assert size(count_chart({"title": "按社区", "rows": few}, "zh_CN"))[0] == 1080
    short, tall = (size(count_chart({"title": "按社区", "rows": rows}, "zh_CN"))[1] for rows in (few, many))
    assert tall > short + 20 * SMALL


@pytest.mark.parametrize("draw", [level_month_chart, street_chart])
def test_the_same_figures_give_the_same_bytes_without_a_date_or_a_program_name(draw: type) -> None:
    first, second = draw(figures(), "zh_CN"), draw(figures(), "zh_CN")
    assert first == second
    with Image.open(io.BytesIO(first)) as image:
        assert set(image.info) <= {"dpi"}


@pytest.mark.parametrize(
    "table",
    [
        {"title": "没有", "rows": []},
        {"title": "全是零", "rows": [["区级", 0], ["街道级", 0]]},
        {"title": "$x^2$ 与 𠮷\n换行", "rows": [["\t$a$ 𠮷" * 30, 10**9]], "note": "注" * 200},
    ],
)
def test_awkward_tables_are_drawn_without_a_warning(table: dict[str, object]) -> None:
    assert size(count_chart(table, "zh_CN"))[0] == 1080


def test_a_period_of_months_without_patrols_is_drawn() -> None:
    empty = period("2022-11-01", "2023-01-31", by_month=dict.fromkeys(["2022-11", "2022-12", "2023-01"], row(0, 0, 0)))
    assert size(level_month_chart(empty, "zh_CN")) == (1080, 1350)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_font_has_every_character_a_chart_takes_from_the_catalogue(language: str) -> None:
    sentences = {key: text for key, text in catalogue(language).items() if key.startswith("report.")}
    assert len(sentences) > 40
    assert {key: missing_glyphs(str(text)) for key, text in sentences.items() if missing_glyphs(str(text))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_font_lacks_nothing_of_any_catalogue_but_pictographs(language: str) -> None:
    text = "".join("".join(value) for value in catalogue(language).values())
    lacking = missing_glyphs(text)
    assert {char for char in lacking if ord(char) < 0x2600 and char not in "\u200d\u20e3"} == set()
    assert {char for char in lacking if "\u3000" <= char <= "\ufdff"} == set()


@pytest.mark.parametrize("sheet", ["streets.csv", "communities.csv"])
def test_the_font_has_every_character_of_the_names_of_xicheng(sheet: str) -> None:
    with (ADMIN / sheet).open(encoding="utf-8-sig", newline="") as file:
        names = [value for line in csv.DictReader(file) for value in line.values()]
    assert len(names) > 50
    assert missing_glyphs("".join(names)) == set()


def test_a_character_without_a_glyph_is_found_and_replaced_by_the_printers_mark() -> None:
    assert missing_glyphs("𠮷祥社区") == {"𠮷"}
    assert printable("𠮷祥\n社区") == "〓祥 社区"


def test_a_sentence_is_broken_after_its_punctuation() -> None:
    sentence = "全年区级林长巡林88次，召开调度会7次；街道级林长巡林553次；社区级林长巡林1.44万次。"
    assert wrapped(sentence, 32, INNER) == [
        "全年区级林长巡林88次，召开调度会7次；街道级林长巡林553次；",
        "社区级林长巡林1.44万次。",
    ]


@settings(max_examples=50)
@given(st.text("街道级林长 ab1，；。", max_size=120))
def test_wrapping_keeps_every_character_and_the_width(text: str) -> None:
    lines = wrapped(text, SMALL, 300)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line, SMALL) <= 300 for line in lines)


def test_a_label_too_long_is_shortened_with_an_ellipsis() -> None:
    assert fitted("德胜街道", SMALL, 300) == "德胜街道"
    assert fitted("德胜街道" * 9, SMALL, 300).endswith("…")
    assert text_width(fitted("德胜街道" * 9, SMALL, 300), SMALL) <= 300


def test_importing_the_reports_does_not_load_the_plotting_library() -> None:
    code = "import sys, reports; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_first_chart_on_a_fresh_machine_says_nothing(tmp_path: Path) -> None:
    code = (
        "import logging, warnings; logging.basicConfig(level=logging.INFO); warnings.simplefilter('error');"
        "import reports; reports.render('count_chart', {'title': '巡林', 'rows': [['区级', 88]]}, 'zh_CN')"
    )
    nowhere = {"HOME": str(tmp_path), "MPLCONFIGDIR": "/dev/null/nowhere", "TMPDIR": str(tmp_path), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=nowhere, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def bar_wide(png: bytes, row: int) -> int:
    """How many pixels wide the bar of a row of `count_chart` is; the first row begins below the heading."""
    with Image.open(io.BytesIO(png)) as image:
        plain = image.convert("RGB")
        bars = [[plain.getpixel((x, y)) == (0, 158, 115) for x in range(plain.width)] for y in range(plain.height)]
    runs = [sum(line) for before, line in pairwise(bars) if sum(line) > 2 and sum(before) <= 2]
    return runs[row]


def test_the_rest_of_many_rows_does_not_press_the_others_flat() -> None:
    rows = [[f"网格{n}", 10] for n in range(MOST_BARS)]
    png = count_chart({"title": "统计", "rows": [*rows, ["网格30", 50_000], ["网格31", 50_000]]}, "zh_CN")
    assert bar_wide(png, 0) > INNER / 2
    assert bar_wide(png, -1) > INNER / 2


def test_thousands_are_parted_in_charts_as_in_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(Page, "write", lambda self, x, y, text, *rest, **more: written.append(text))
    count_chart({"title": "统计", "rows": [["西城区", 15041]]}, "zh_CN")
    street_chart(figures(), "zh_CN")
    assert "15,041" in written
    assert not [text for text in written if re.fullmatch(r"\d{4,}", text)]
