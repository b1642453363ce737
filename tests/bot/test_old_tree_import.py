"""Importing old trees (古树导入): row by row, as often as one likes, and what an export gives is taken again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from chat_driver import DESHENG, OWN, House, small_house
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from some_trees import CYPRESS, FAR, HEADER, PINE, ROWS, SCHOLAR, SINCE, plant, table
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo import DATA
from bot.files.old_tree_file import read_old_trees
from bot.loading import load_old_trees
from models.engine import transaction
from models.old_tree import OldTree
from reports.old_tree_list import tree_csv, tree_geojson
from rules.naming import tidy
from services.old_tree_figures import whole_list
from services.old_tree_import import TreeRow, import_trees
from services.refused import Refused

LATER = date(2026, 6, 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng without old trees."""
    with small_house(request.param, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small Xicheng that many examples share, each of which is taken back."""
    with small_house("sqlite", tmp_path_factory.mktemp("trees")) as made:
        yield made


def codes(house: House, standing: bool = True) -> list[str]:
    rows = house.rows(select(OldTree).order_by(OldTree.code))
    return [row.code for row in rows if (row.closed_on is None) is standing]


def test_a_clerks_table_is_taken_in_and_the_same_again_changes_nothing(house: House, tmp_path: Path) -> None:
    first, again = plant(house, tmp_path), plant(house, tmp_path, today=LATER)
    assert sorted(first.added) == [SCHOLAR, CYPRESS, PINE, FAR]
    assert (again.any, again.unchanged) == (False, 4)
    pine = next(tree for tree in house.rows(select(OldTree)) if tree.code == PINE)
    assert (pine.grade, pine.street_code, pine.name, pine.entered_on) == ("second", DESHENG, "迎客松", SINCE)


def test_trees_that_left_are_closed_where_the_file_is_the_whole_list_and_come_back(
    house: House, tmp_path: Path
) -> None:
    plant(house, tmp_path)
    file = tmp_path / "fewer.csv"
    file.write_text(table(ROWS[:2]), "utf-8")
    assert load_old_trees(house.engine, file, LATER).missing == [PINE, FAR]
    assert len(codes(house)) == 4
    assert load_old_trees(house.engine, file, LATER, complete=True).closed == [PINE, FAR]
    assert codes(house, standing=False) == [PINE, FAR]
    assert plant(house, tmp_path, today=LATER).reopened == [PINE, FAR]
    assert len(codes(house)) == 4


def test_a_list_with_a_row_that_cannot_be_read_closes_nobody(house: House, tmp_path: Path) -> None:
    """The row may be the very tree that seems to be missing."""
    plant(house, tmp_path)
    file = tmp_path / "bad.csv"
    file.write_text(table((*ROWS[:3], (FAR, "银杏", "三级", *ROWS[3][3:]))), "utf-8")
    changes = load_old_trees(house.engine, file, LATER, complete=True)
    assert [(one.row, one.kind, one.value) for one in changes.left_out] == [(5, "grade_unknown", "三级")]
    assert (changes.closed, codes(house)) == ([], [SCHOLAR, CYPRESS, PINE, FAR])


def test_a_status_closes_a_tree(house: House, tmp_path: Path) -> None:
    plant(house, tmp_path)
    changes = plant(house, tmp_path, ((*ROWS[0][:7], "死亡"), *ROWS[1:]), LATER)
    assert (changes.closed, changes.unchanged, codes(house, standing=False)) == ([SCHOLAR], 3, [SCHOLAR])


def test_a_dry_run_says_what_it_would_do_and_does_nothing(house: House, tmp_path: Path) -> None:
    file = tmp_path / "trees.csv"
    file.write_text(table(), "utf-8")
    assert len(load_old_trees(house.engine, file, SINCE, dry_run=True).added) == 4
    assert codes(house) == []


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (("", *ROWS[0][1:]), "code_missing"),
        ((SCHOLAR, "", *ROWS[0][2:]), "species_missing"),
        ((*ROWS[0][:2], "特级", *ROWS[0][3:]), "grade_unknown"),
        ((*ROWS[0][:3], "", "", *ROWS[0][5:]), "position_missing"),
        ((*ROWS[0][:3], OWN[1], OWN[0], *ROWS[0][5:]), "swapped"),
        ((*ROWS[0][:3], "446000", "4421000", *ROWS[0][5:]), "not_wgs84"),
        ((*ROWS[0][:3], "nan", "39.9", *ROWS[0][5:]), "not_wgs84"),
        ((*ROWS[0][:3], "东经116", "39.9", *ROWS[0][5:]), "not_wgs84"),
        ((*ROWS[0][:7], "长势一般"), "status_unknown"),
        ((SCHOLAR, "国" * 201, *ROWS[0][2:]), "unreadable"),
        (ROWS[1], "doubled"),
        ((*ROWS[0][:3], "100.5", "30.5", *ROWS[0][5:]), "outside"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_and_the_others_are_taken(
    one_house: House, tmp_path: Path, row: tuple[object, ...], kind: str
) -> None:
    file = tmp_path / "trees.csv"
    file.write_text(table((ROWS[1], row)), "utf-8")
    changes = load_old_trees(one_house.engine, file, SINCE, dry_run=True)
    assert [(one.row, one.kind) for one in changes.left_out] == [(3, kind)]
    assert changes.added == [CYPRESS]


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("trees.csv", "编号,树种\n1,国槐\n", "file.lacks_columns"),
        ("trees.csv", table(()), "old_tree.nothing"),
        ("trees.geojson", "{", "file.no_json"),
        ("trees.geojson", '{"features": 1}', "old_tree.nothing"),
    ],
)
def test_a_file_that_is_no_list_of_trees_is_refused(tmp_path: Path, name: str, text: str, key: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(Refused) as refusal:
        read_old_trees(tmp_path / name)
    assert refusal.value.key == key


def test_the_trees_of_the_demo_are_read_from_geojson() -> None:
    found = read_old_trees(DATA / "geo" / "old_trees.geojson")
    assert (len(found.rows), found.unread) == (36, [])
    assert {row.grade for row in found.rows} == {"first", "second"}


def test_a_table_in_gbk_with_other_headings_is_read(tmp_path: Path) -> None:
    header = ("编号", "树种名称", "保护级别", *HEADER[3:])
    (tmp_path / "trees.csv").write_bytes(table(header=header).encode("gb18030"))
    assert len(read_old_trees(tmp_path / "trees.csv").rows) == 4


WORD = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda text: tidy(text) == text
)
DEGREES = st.tuples(st.floats(116.36, 116.40), st.floats(39.94, 39.97))
TREES = st.lists(
    st.tuples(st.from_regex(r"[0-9]{6}[AB][0-9]{5}", fullmatch=True), st.sampled_from(["国槐", "侧柏", "=树"]),
              st.sampled_from(["first", "second", "notable"]), DEGREES, st.none() | WORD, st.booleans()),
    max_size=12, unique_by=lambda tree: tree[0],
)  # fmt: skip


@contextmanager
def taken_back(house: House) -> Iterator[Session]:
    """A transaction of which nothing stays."""

    class _Back(Exception):  # noqa: N818 - the way out
        pass

    try:
        with transaction(house.engine) as session:
            yield session
            raise _Back
    except _Back:
        pass


def rows_of(trees: list[Any]) -> list[TreeRow]:
    return [
        TreeRow(n, code, species, grade, lon, lat, name, None, DESHENG, gone)
        for n, (code, species, grade, (lon, lat), name, gone) in enumerate(trees, 2)
    ]


def stand(session: Session) -> list[dict[str, Any]]:
    session.flush()
    session.expire_all()
    return [{**one, "last_seen": None} for one in whole_list(session)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES, TREES)
def test_an_import_twice_is_an_import_once_whatever_stood_before(
    one_house: House, before: list[Any], now: list[Any]
) -> None:
    with taken_back(one_house) as session:
        import_trees(session, rows_of(before), SINCE)
        import_trees(session, rows_of(now), LATER, complete=True)
        once = stand(session)
        again = import_trees(session, rows_of(now), LATER, complete=True)
        assert (again.any, stand(session)) == (False, once)
        standing = {one["code"] for one in once if one["closed_on"] is None}
        assert standing == {code for code, *_, gone in now if not gone}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees=TREES, kind=st.sampled_from(["csv", "geojson"]), language=st.sampled_from(["zh_CN", "en"]))
def test_what_is_exported_is_imported_without_any_change(
    one_house: House, tmp_path: Path, trees: list[Any], kind: str, language: str
) -> None:
    with taken_back(one_house) as session:
        import_trees(session, rows_of([(*tree[:5], False) for tree in trees]), SINCE)
        import_trees(session, rows_of([tree for tree in trees if tree[5]]), LATER)
        file = tmp_path / f"trees.{kind}"
        file.write_bytes((tree_csv if kind == "csv" else tree_geojson)(whole_list(session), language))
        if not trees:
            return
        found = read_old_trees(file)
        assert found.unread == []
        changes = import_trees(session, found.rows, LATER, complete=True)
        assert not changes.any, asdict(changes)


def test_control_a_position_of_another_datum_is_a_change(one_house: House) -> None:
    with taken_back(one_house) as session:
        row = TreeRow(2, SCHOLAR, "国槐", "first", *OWN, street_code=DESHENG)
        import_trees(session, [row], SINCE)
        moved = TreeRow(2, SCHOLAR, "国槐", "first", OWN[0] + 0.006, OWN[1], street_code=DESHENG)
        assert import_trees(session, [moved], LATER).changed == [SCHOLAR]
