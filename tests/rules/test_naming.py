"""Names (名称): as clerks type them, against all the names of Xicheng."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales import all_words
from rules.naming import closest, match_area, person_name, phone, tidy

ADMIN = Path(__file__).parents[2] / "demo" / "xicheng" / "admin"
SUFFIXES = all_words("roster.area_suffixes")


def read(name: str) -> list[dict[str, str]]:
    with (ADMIN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


STREETS = {row["code"]: (row["name"], row["alias"]) for row in read("streets.csv")}
COMMUNITIES = {row["code"]: (row["name"],) for row in read("communities.csv")}
AREAS = {"110102": ("西城区",), **STREETS, **COMMUNITIES}


def meant(text: str) -> list[str]:
    return [AREAS[code][0] for code in match_area(text, AREAS, SUFFIXES)]


def without_suffix(name: str) -> str:
    return name.removesuffix("社区").removesuffix("街道")


@pytest.mark.parametrize(
    ("typed", "areas"),
    [
        ("西城", ["西城区"]),
        ("德胜", ["德胜街道"]),
        ("德胜街", ["德胜街道"]),
        ("德胜街道办事处", ["德胜街道"]),
        (" 德 胜 街 道 ", ["德胜街道"]),
        ("广内街道", ["广安门内街道"]),
        ("广内", ["广安门内街道"]),
        ("广安门", ["广安门内街道", "广安门外街道"]),
        ("西长街", ["西长安街街道"]),
        ("月坛", ["月坛街道", "月坛社区"]),
        ("月坛街道", ["月坛街道"]),
        ("月坛居委会", ["月坛社区"]),
        ("三里河", ["三里河社区"]),
        ("三里河一区", ["三里河一区社区"]),
        ("三里河三区", ["三里河三区第一社区", "三里河三区第三社区"]),
        ("公安住宅区", ["公安住宅区社区"]),
        ("六铺炕南小街居委会", ["六铺炕南小街社区"]),
        ("六铺炕南社区", ["六铺炕南小街社区"]),
        ("铁道部住宅区第二、一", ["铁道部住宅区第二、一社区"]),
        ("复兴门外大街甲７号院", ["复兴门外大街甲7号院社区"]),
        ("德", []),
        ("社区", []),
        ("双秀镇", []),
        ("朝阳区", []),
        ("", []),
        ("德胜" * 5000, []),
    ],
)
def test_an_area_goes_by_its_usual_short_forms(typed: str, areas: list[str]) -> None:
    assert meant(typed) == areas


def test_a_community_is_never_taken_for_a_street_of_the_same_name() -> None:
    assert match_area("月坛社区", STREETS, SUFFIXES) == []
    assert match_area("月坛街道", COMMUNITIES, SUFFIXES) == []


@pytest.mark.parametrize("row", read("communities.csv"), ids=lambda row: row["name"])
def test_every_community_is_found_by_each_of_its_names(row: dict[str, str]) -> None:
    for typed in (row["name"], row["official_name"], f"{without_suffix(row['name'])}居委会"):
        assert match_area(typed, AREAS, SUFFIXES) == [row["code"]]
    assert match_area(without_suffix(row["name"]), COMMUNITIES, SUFFIXES) == [row["code"]]


@pytest.mark.parametrize("code", STREETS)
def test_every_street_is_found_by_each_of_its_names(code: str) -> None:
    name, alias = STREETS[code]
    for typed in filter(None, (name, alias, without_suffix(name), f"{without_suffix(name)}街道办事处")):
        assert match_area(typed, STREETS, SUFFIXES) == [code]


@given(st.text(max_size=20))
def test_whatever_is_typed_only_known_areas_are_found(text: str) -> None:
    assert set(match_area(text, AREAS, SUFFIXES)) <= set(AREAS)


def test_a_mistyped_name_is_answered_with_the_closest_ones() -> None:
    names = [name for names in STREETS.values() for name in names if name]
    assert closest("得胜街道", names)[0] == "德胜街道"
    assert closest("完全不同的东西", names) == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("龙　枫", "龙枫"),
        ("余 杉", "余杉"),
        ("许惜兰 ", "许惜兰"),
        ("欧阳 修", "欧阳修"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽 • 买买提", "阿依古丽·买买提"),
        ("John  Muir", "John Muir"),
        (None, ""),
    ],
)
def test_a_name_loses_its_padding_only(typed: object, name: str) -> None:
    assert person_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "15400009489", "１５４００００９４８９", "154 0000 9489", "154-0000-9489", "154－0000－9489",
        "+86 154 0000 9489", "008615400009489", "8615400009489", "(86)15400009489", 15400009489, 15400009489.0,
        "15400009489.0", "15400009489（微信同号）", "15400009489 / 15400009489", "\u202a15400009489\u202c",
    ],
)  # fmt: skip
def test_a_mobile_number_is_read_however_it_is_typed(typed: object) -> None:
    assert phone(typed) == "15400009489"


@pytest.mark.parametrize(
    "typed",
    [
        None, "", True, 0, "1540000948", "154000094890", "25400009489", 15400009489.5, "15400009489.5", float("nan"),
        "1.5400009489E+10", "010-66012345", "15400009489、15400005908", "٠١٥٤٠٠٠٠٩٤٨٩",
    ],
)  # fmt: skip
def test_anything_else_is_no_mobile_number(typed: object) -> None:
    assert phone(typed) is None


@given(st.integers(10_000_000_000, 19_999_999_999), st.sampled_from(["", "+86", "0086", "86 "]), st.data())
def test_signs_between_the_digits_change_nothing(number: int, prefix: str, data: st.DataObject) -> None:
    signs = data.draw(st.lists(st.sampled_from(["", " ", "-", "\u3000", "\u00a0", "\u200b"]), min_size=11, max_size=11))
    typed = prefix + "".join(digit + sign for digit, sign in zip(str(number), signs, strict=True))
    assert phone(typed) == str(number)


@given(st.text())
def test_what_is_tidy_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert person_name(person_name(text)) == person_name(text)


@given(st.text("德胜街道", min_size=1), st.text("\u3000\u00a0 \t\n\u200b\ufeff"))
def test_spaces_at_the_ends_are_trimmed(text: str, spaces: str) -> None:
    assert tidy(spaces + text + spaces) == text
