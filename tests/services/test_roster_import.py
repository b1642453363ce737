"""The clerk's roster (花名册导入): what is safe is repaired and reported, the rest is listed; twice changes nothing."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, select
from xicheng import xicheng_url

from bot.demo import DATA, SINCE
from bot.files.roster_sheet import read_roster
from bot.loading import load_roster
from models.chief import Chief, Post, PostStreet
from models.engine import open_engine, reading
from services.refused import Refused

SHEET = DATA / "roster" / "roster_2023.xlsx"
ISSUES = json.loads((DATA / "roster" / "roster_2023.issues.json").read_text("utf-8"))["issues"]
COLUMNS = {
    "姓名": "name", "林长级别": "title", "责任街道": "street", "责任社区/网格": "community", "手机号": "phone",
    "序号": "serial", "职务": "office", "备注": "remark", "": "",
}  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Xicheng with the clerk's roster."""
    with xicheng_url("sqlite", tmp_path) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def truth() -> list[dict[str, str]]:
    """The 425 people as they really are."""
    return list(csv.DictReader((DATA / "roster" / "roster_2023.csv").read_text("utf-8").splitlines()))


def test_every_person_stands_in_the_roster_as_in_truth(engine: Engine) -> None:
    with reading(engine) as session:
        columns = (Chief.code, Chief.name, Post.level, Post.title, Post.area_code, Chief.phone, Post.id)
        people = {row[0]: row[1:] for row in session.execute(select(*columns).join(Post))}
        streets: dict[int, list[str]] = defaultdict(list)
        for post, street in session.execute(select(PostStreet.post_id, PostStreet.street_code)):
            streets[post].append(street)
    doubled = {i[key] for i in ISSUES if i["kind"] == "duplicate_phone" for key in ("chief_code", "same_as_chief_code")}
    assert len(people) == 425
    for row in truth():
        name, level, title, area, phone, post = people[row["code"]]
        assert (name, level, title) == (row["name"], row["level"], row["title"])
        assert phone == (None if row["code"] in doubled else row["phone"]), row["code"]
        if level == "community":
            assert area == row["community_code"]
        else:
            assert ";".join(sorted(streets[post])) == row["street_codes"]


def test_every_trap_of_the_sheet_is_reported_at_its_row_and_column(engine: Engine) -> None:
    sheet, changes = load_roster(engine, SHEET, SINCE, dry_run=True)
    found = {(f.row, f.column, f.kind) for f in [*sheet.findings, *changes.repairs, *changes.left_out]}
    expected = {(i["row"], COLUMNS[i["column"]], i["kind"]) for i in ISSUES}
    assert expected - found == set()
    assert found - expected == set()


def test_a_second_import_changes_nothing(engine: Engine) -> None:
    _, changes = load_roster(engine, SHEET, date(2023, 6, 1))
    assert (changes.added, changes.changed, changes.ended, changes.unchanged) == ([], [], [], 425)


def written(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)
    return path


HEADER: list[object] = ["序号", "姓名", "职务", "林长级别", "责任街道", "责任社区", "手机号", "备注"]


def test_rows_that_cannot_be_understood_are_listed_and_left_out(engine: Engine, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        HEADER,
        [1, "甲", "", "街道级林长", "没有街道", "", "15400001111", ""],
        [2, "乙", "", "护林员", "德胜街道", "", "15400001112", ""],
        [3, "丙", "", "社区级林长", "德胜街道", "没有社区", "15400001113", ""],
    ]
    sheet, changes = load_roster(engine, written(tmp_path / "bad.xlsx", rows), SINCE, dry_run=True)
    listed = {(f.row, f.kind) for f in [*sheet.findings, *changes.left_out]}
    assert listed == {(2, "street_unknown"), (3, "level_unknown"), (4, "community_unknown")}
    assert changes.added == []


def test_a_sheet_of_nobody_is_refused_and_ends_nobody(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nobody"):
        load_roster(engine, written(tmp_path / "empty.xlsx", [HEADER]), date(2023, 6, 1))
    assert open_posts(engine) == 425


def test_a_sheet_without_a_header_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no_header"):
        read_roster(written(tmp_path / "none.xlsx", [["甲", "乙"]]))


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(Refused, match="no_workbook"):
        read_roster(path)


HU = "110102010002-L1"
"""胡晓兰 of 安德路南社区 in 德胜街道."""


def truth_with(path: Path, of: str, changed: dict[str, str]) -> Path:
    """The roster of truth with cells of one person changed."""
    rows = truth()
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, rows[0])
        sheet.writeheader()
        sheet.writerows({**row, **changed} if row["code"] == of else row for row in rows)
    return path


def open_posts(engine: Engine) -> int:
    """How many people hold a post."""
    with reading(engine) as session:
        return len(session.scalars(select(Post.id).where(Post.valid_to.is_(None))).all())


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"community_name": "火星社区", "street_names": "火星街道"}, "community_unknown"),
        ({"title": "社区级负责人", "code": ""}, "level_unknown"),
        ({"title": "社区级负责人", "name": "胡晓澜"}, "level_unknown"),
        ({"name": "", "code": ""}, "name_missing"),
    ],
)
def test_a_row_that_is_left_out_ends_nobody_whom_it_may_mean(
    engine: Engine, tmp_path: Path, changed: dict[str, str], kind: str
) -> None:
    sheet, changes = load_roster(engine, truth_with(tmp_path / "r.csv", HU, changed), date(2023, 6, 1))
    assert kind in {f.kind for f in [*sheet.findings, *changes.left_out]}
    row = next(n for n, person in enumerate(truth(), 2) if person["code"] == HU)
    assert (changes.ended, [(held.code, held.row) for held in changes.held]) == ([], [(HU, row)])
    assert open_posts(engine) == 425


def test_who_is_in_no_row_at_all_is_ended_beside_a_row_that_is_left_out(engine: Engine, tmp_path: Path) -> None:
    path = truth_with(tmp_path / "r.csv", HU, {"name": "", "code": ""})
    gone = "110102010005-L1"
    path.write_text("".join(line for line in path.read_text("utf-8").splitlines(True) if gone not in line), "utf-8")
    _, changes = load_roster(engine, path, date(2023, 6, 1))
    assert (changes.ended, [held.code for held in changes.held]) == ([gone], [HU])


def changes_of(engine: Engine, path: Path, day: date = date(2023, 6, 1)) -> tuple[set[object], set[object]]:
    """What an import does to people, and what it lists for a person to check."""
    _, changes = load_roster(engine, path, day)
    # The truth knows the phones that the clerk's sheet has doubled.
    new = [one for one in changes.details if one.column != "phone" or one.old]
    details = {(one.what, one.code, one.column, one.old, one.new) for one in new}
    return details, {(f.column, f.kind, f.value) for f in changes.left_out if f.kind != "duplicate_phone"}


@pytest.mark.parametrize(
    ("of", "changed", "wanted"),
    [
        (HU, {"phone": "15499990000"}, {("phone", "15400001234", "15499990000")}),
        (HU, {"title": "社区级副林长"}, {("title", "社区级林长", "社区级副林长")}),
        (HU, {"name": "胡晓岚"}, {("name", "胡晓兰", "胡晓岚")}),
        (HU, {"community_name": "德外大街西社区"}, {("community", "安德路南社区", "德外大街西社区")}),
        ("110102010-L1", {"street_names": "德胜街道；什刹海街道"}, {("street", "德胜街道", "德胜街道、什刹海街道")}),
    ],
)
def test_what_changes_is_said_from_what_to_what(
    engine: Engine, tmp_path: Path, of: str, changed: dict[str, str], wanted: set[tuple[str, str, str]]
) -> None:
    with reading(engine) as session:
        chief = session.scalars(select(Chief).where(Chief.code == of)).one()
    wanted = {(column, (chief.phone or "") if column == "phone" else old, new) for column, old, new in wanted}
    path = truth_with(tmp_path / "r.csv", of, changed)
    found, _ = changes_of(engine, path)
    assert found == {("changed", of, *one) for one in wanted}
    assert changes_of(engine, path)[0] == set()


def test_a_post_that_changes_on_its_first_day_changes_once(engine: Engine, tmp_path: Path) -> None:
    path = truth_with(tmp_path / "r.csv", HU, {"community_name": "德外大街西社区"})
    assert len(changes_of(engine, path, SINCE)[0]) == 1
    assert changes_of(engine, path, SINCE)[0] == set()


@pytest.mark.parametrize(
    ("of", "streets"),
    [("110102010-L1", "德胜街道；火星街道"), (HU, "火星街道"), ("110102-L03", "金融街街道；火星街道")],
)
def test_a_street_that_is_not_known_is_listed_and_takes_nothing_away(
    engine: Engine, tmp_path: Path, of: str, streets: str
) -> None:
    found, listed = changes_of(engine, truth_with(tmp_path / "r.csv", of, {"street_names": streets}))
    assert listed == {("street", "street_passed_over", "火星街道")}
    assert found == set()
