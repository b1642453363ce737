"""Calendar and map of the grids (日历、网格图): colours and numbers are the figures, every glyph is there."""

import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from report_figures import figures, full_figures, period, row

from locales import LANGUAGES
from reports import render
from reports.calendar_chart import calendar_chart, calendar_data
from reports.classes import COLOURS, NOTHING, classes
from reports.grid_map import grid_map
from reports.page import Page, missing_glyphs


def square(code: int, n: int | None, street: str = "110102010") -> dict[str, Any]:
    x, y = 116.3 + code % 10 / 100, 39.9 + code // 10 / 100
    ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
    return {"code": str(code), "name": f"网格{code}", "street": street, "n": n, "shapes": [[ring]]}


def grids(*numbers: int | None, **changes: Any) -> dict[str, Any]:
    return {
        **figures(), "shown": "patrols", "day": "2023-12-31", "elsewhere": 0, "streets": {"110102010": "德胜街道"},
        "grids": [square(code, n) for code, n in enumerate(numbers)], **changes,
    }  # fmt: skip


def written(monkeypatch: pytest.MonkeyPatch, draw: Any, asked: dict[str, Any], language: str = "zh_CN") -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(Page, "write", lambda self, x, y, text, *rest, **more: found.append(text))
    draw(asked, language)
    return found


def filled(monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(Page, "area", lambda self, rings, colour, edge, line: found.append(colour))
    grid_map(asked, "zh_CN")
    return found


def test_every_day_of_the_year_has_its_number_and_a_day_to_come_has_none() -> None:
    data = calendar_data(full_figures())
    assert len(data.days) == 365
    assert {day: n for day, n in data.days.items() if n} == {date(2023, m, 5): m for m in range(1, 13)}
    open_year = full_figures(closed=False, as_of="2023-11-24T02:00:00+00:00")
    assert calendar_data(open_year).days[date(2023, 11, 25)] is None
    assert calendar_data(open_year).days[date(2023, 11, 24)] == 0


def test_days_outside_the_period_have_no_number_and_a_long_period_shows_its_last_year() -> None:
    cut = period("2023-01-10", "2023-02-10", by_month=dict.fromkeys(("2023-01", "2023-02"), row(0, 0, 0)), by_day={})
    days = calendar_data(cut).days
    assert (days[date(2023, 1, 9)], days[date(2023, 1, 10)], days[date(2023, 2, 11)]) == (None, 0, None)
    long = {f"{year}-{month:02}": row(0, 0, 0) for year in (2022, 2023) for month in range(1, 13)}
    assert calendar_data(period("2022-01-01", "2023-12-31", by_month=long, by_day={})).months[0] == "2023-01"


def test_the_calendar_writes_the_numbers_of_its_days(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = written(monkeypatch, calendar_chart, full_figures(by_day={"2023-03-03": 1234, "2023-03-04": 77}))
    assert "1,234" in texts
    assert "77" in texts


def test_few_grids_show_their_numbers_and_many_the_names_of_their_streets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"7", "0", "–"} <= set(written(monkeypatch, grid_map, grids(7, 0, None)))
    many = written(monkeypatch, grid_map, grids(*range(50)))
    assert "德胜街道" in many
    assert "49" not in many


def test_each_grid_has_the_colour_of_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = (0, 1, 2, 3, 4, 5, None)
    assert filled(monkeypatch, grids(*numbers)) == [NOTHING, *COLOURS, "#ffffff"]


def test_the_borders_of_streets_are_drawn_over_the_grids(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(Page, "line", lambda self, points, colour, wide: drawn.append(len(points)))
    ring = [[116.3, 39.9], [116.32, 39.9], [116.32, 39.92], [116.3, 39.9]]
    grid_map(grids(1, 2, borders=[ring, ring]), "zh_CN")
    assert drawn == [4, 4]


def test_patrols_that_lie_in_no_grid_shown_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("另有12次不在图上" in text for text in written(monkeypatch, grid_map, grids(1, elsewhere=12)))
    assert not any("另有" in text for text in written(monkeypatch, grid_map, grids(1)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", ["patrols", "days"])
def test_the_font_has_every_character_of_a_map(monkeypatch: pytest.MonkeyPatch, language: str, shown: str) -> None:
    texts = written(monkeypatch, grid_map, grids(1, None, shown=shown, elsewhere=3), language)
    assert missing_glyphs("".join(texts)) == set()
    assert missing_glyphs("".join(written(monkeypatch, calendar_chart, full_figures(), language))) == set()


@pytest.mark.parametrize("name", ["grid_map", "calendar_chart"])
def test_a_map_is_as_wide_as_a_phone_shows_it_and_the_same_twice(name: str) -> None:
    asked = grids(3, 2, None) if name == "grid_map" else full_figures()
    first, second = render(name, asked, "zh_CN"), render(name, asked, "zh_CN")
    assert first == second
    with Image.open(io.BytesIO(first.data)) as image:
        assert image.width == 1080


def test_an_area_without_grids_is_drawn_as_well() -> None:
    assert render("grid_map", grids(), "zh_CN").data.startswith(b"\x89PNG")


@given(st.lists(st.integers(0, 10**6), max_size=60))
def test_classes_hold_every_value_once_and_in_order(values: list[int]) -> None:
    found = classes(values)
    above = sorted(value for value in values if value)
    assert len(found.tops) <= len(COLOURS)
    assert [found.place(value) for value in above] == sorted(found.place(value) for value in above)
    assert all(value <= found.tops[found.place(value)] for value in above)
    assert len({colour for _, colour in found.rows()}) == len(found.tops)
