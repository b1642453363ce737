"""Twenty questions (二十问): the chat, the command line, the Word report, the workbook and the map give one answer."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from chat_driver import DESHENG, DISTRICT, Chat, House
from docx import Document
from map_house import browser, code_for, serving
from sqlalchemy import func, select
from typer.testing import CliRunner
from xicheng import xicheng_url

from bot.__main__ import app
from bot.demo import DATA
from bot.intake import replay
from models.area import Area
from models.patrol import Patrol

FILE = DATA / "replay" / "replay_2023.jsonl.gz"
GUANGWAI = "110102020"
LEVELS = {"district": "区级", "street": "街道级", "community": "社区级", "total": "合计"}
YEAR, SPRING, HALF = ("2023-01", "2023-12"), ("2023-04", "2023-06"), ("2023-01", "2023-06")
SAID = {YEAR: "2023年", SPRING: "2023年第二季度", HALF: "2023年上半年"}


@dataclass(frozen=True)
class Question:
    """How many patrols of an area in some months count: all of them, or those of a level, a street or a month."""

    area: str
    months: tuple[str, str]
    by: str
    key: str

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        last = self.months[1]
        year, month = int(last[:4]), int(last[5:])
        return date.fromisoformat(f"{self.months[0]}-01"), date(year, month, {2: 28, 6: 30}.get(month, 31))


QUESTIONS = [
    *(Question(DISTRICT, YEAR, "level", level) for level in LEVELS),
    *(Question(DISTRICT, YEAR, "street", code) for code in ("110102001", DESHENG, GUANGWAI)),
    *(Question(DISTRICT, YEAR, "month", month) for month in ("2023-01", "2023-07", "2023-12")),
    *(Question(DESHENG, YEAR, "level", level) for level in ("street", "community", "total")),
    Question(DESHENG, YEAR, "month", "2023-06"),
    *(Question(DISTRICT, SPRING, "level", level) for level in ("street", "total")),
    Question(DISTRICT, SPRING, "month", "2023-05"),
    Question(DISTRICT, SPRING, "street", GUANGWAI),
    *(Question(GUANGWAI, HALF, "level", level) for level in ("community", "total")),
]


@dataclass
class Town:
    """Xicheng after 2023 was replayed, and the ways to ask it."""

    house: House
    office: Chat
    client: httpx.Client
    environment: dict[str, str]
    folder: Path
    files: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def name(self, code: str) -> str:
        """The name of an area."""
        with self.house.reading() as session:
            return session.get_one(Area, code).name

    def runs(self, *words: str) -> str:
        """What a command prints."""
        done = CliRunner().invoke(app, words, env=self.environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def file(self, question: Question, kind: str) -> bytes:
        """The report of the question's area and period, made once."""
        first, last = question.days
        area = () if question.area == DISTRICT else ("--street", question.area)
        words = ("summary", "--from", str(first), "--to", str(last), *area, "--format", kind)
        if words not in self.files:
            made = self.folder / f"{len(self.files)}.{kind}"
            self.runs(*words, "--out", str(made))
            self.files[words] = made.read_bytes()
        return self.files[words]

    @cached_property
    def labels(self) -> dict[str, str]:
        """What an answer in words calls a level, a street and a month."""
        streets = {code: self.name(code) for code in ("110102001", DESHENG, GUANGWAI)}
        return {**LEVELS, **streets, **{f"2023-{n:02}": f"2023年{n}月" for n in range(1, 13)}}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The year, replayed once."""
    folder = tmp_path_factory.mktemp("twenty")
    with xicheng_url("sqlite", folder) as url:
        house = House(url, folder / "data")
        replay(house.engine, house.settings, FILE, lambda n: None)
        office = house.talk_as(f"office {DISTRICT}")
        ours = {"XUNLIN_DATABASE_URL": url, "XUNLIN_DATA_DIR": str(folder / "data"), "XUNLIN_LANGUAGE": "zh_CN"}
        with serving(house) as address, browser(address, code_for(house, office.user)) as client:
            yield Town(house, office, client, {**ours, "XUNLIN_TIMEZONE": "Asia/Shanghai"}, folder)
        house.engine.dispose()


def in_chat(town: Town, question: Question) -> int:
    by = {"level": "按级别", "street": "按街道", "month": "按月"}[question.by]
    town.office.sends(f"统计 {SAID[question.months]} {town.name(question.area)} {by}")
    table = next(one for one in reversed(town.office.heard) if one.rows)
    return int({row[0]: row[1] for row in table.rows}[town.labels[question.key]].replace(",", ""))


def on_command_line(town: Town, question: Question) -> int:
    first, last = question.days
    words = ("count", "--from", str(first), "--to", str(last), "--area", question.area, "--by", question.by, "--json")
    told = json.loads(town.runs(*words))
    return int({"total": told["total"], **{row["key"]: row["n"] for row in told["rows"]}}[question.key])


def in_word(town: Town, question: Question) -> int:
    document = Document(io.BytesIO(town.file(question, "docx")))
    place = ("level", "street", "month").index(question.by)
    cells = [[cell.text for cell in row.cells] for row in document.tables[place].rows]
    column = cells[0].index("合计") if question.by != "level" else 1
    return int({row[0]: row[column] for row in cells[1:]}[town.labels[question.key]].replace(",", ""))


def in_workbook(town: Town, question: Question) -> int:
    book: Any = openpyxl.load_workbook(io.BytesIO(town.file(question, "xlsx")), read_only=True)
    sheet = book[{"level": "汇总", "street": "街道", "month": "月度"}[question.by]]
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    column = cells[0].index("合计") if question.by != "level" else 1
    return int({row[0]: row[column] for row in cells[1:]}[town.labels[question.key]])


def on_map(town: Town, question: Question) -> int:
    first, last = (question.key, question.key) if question.by == "month" else question.months
    asked = {"area": question.area, "first": first, "last": last, "shapes": False}
    answer = town.client.get("/map/data/grids", params=asked)
    assert answer.status_code == 200
    told = answer.json()
    if question.by == "street":
        return int({one["code"]: one["patrols"] for one in told["below"]}[question.key])
    return int(told["counted"][question.key] if question.by == "level" else told["total"])


def by_hand(town: Town, question: Question) -> int:
    """The patrols counted one by one."""
    here = [Patrol.verdict == "counted", Patrol.patrolled_on.between(*question.days)]
    here += [Patrol.street_code == question.area] if question.area != DISTRICT else []
    if question.key in ("district", "street", "community"):
        here.append(Patrol.level == question.key)
    if question.by == "street":
        here.append(Patrol.street_code == question.key)
    with town.house.reading() as session:
        days = session.scalars(select(Patrol.patrolled_on).where(*here)).all()
    return len([day for day in days if question.by != "month" or f"{day:%Y-%m}" == question.key])


WAYS: tuple[Callable[[Town, Question], int], ...] = (in_chat, on_command_line, in_word, in_workbook, on_map)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: f"{one.area} {one.months[1]} {one.by} {one.key}")
def test_five_ways_give_one_answer(town: Town, question: Question) -> None:
    assert len(QUESTIONS) == 20
    answers = {way.__name__: way(town, question) for way in WAYS}
    assert answers == dict.fromkeys(answers, by_hand(town, question))
    assert answers["in_chat"] > 0


def test_the_grids_of_2024_hold_the_same_patrols_of_2023_in_chat_command_workbook_and_map(town: Town) -> None:
    told = json.loads(
        town.runs("count", "--year", "2023", "--area", DESHENG, "--by", "grid", "--grids", "2024", "--json")
    )
    made = town.folder / "grids.xlsx"
    words = ("summary", "--year", "2023", "--street", DESHENG, "--grids", "2024", "--format", "xlsx")
    town.runs(*words, "--out", str(made))
    sheet: Any = openpyxl.load_workbook(made, read_only=True)["网格"]
    in_sheet = {row[0]: row[3] for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]}
    asked = {"area": DESHENG, "first": YEAR[0], "last": YEAR[1], "division": "2024-01-01"}
    drawn = town.client.get("/map/data/grids", params=asked).json()
    on_the_map = {str(one["id"]): one["properties"] for one in drawn["features"]}
    town.office.sends("统计 2023年 德胜街道 按2024年网格")
    table = next(one for one in reversed(town.office.heard) if one.rows)
    said = [int(row[1].replace(",", "")) for row in table.rows[:-1]]
    rows = {row["key"]: row["n"] for row in told["rows"] if row["key"] != "unassigned"}
    assert rows == {key: one["patrols"] for key, one in on_the_map.items()}
    assert in_sheet == {one["code"]: one["patrols"] for one in on_the_map.values()}
    assert said == [row["n"] for row in told["rows"]]
    assert told["total"] == sum(said) == by_hand(town, Question(DESHENG, YEAR, "level", "total"))
    assert told["grids_since"] == "2024-01-01"


def test_the_grids_of_2024_are_other_grids_than_those_of_2023(town: Town) -> None:
    """The control of the test above: by its own grids the year reads otherwise."""
    then, later = (
        json.loads(town.runs("count", "--year", "2023", "--by", "grid", *more, "--json"))
        for more in ((), ("--grids", "2024"))
    )
    assert then["total"] == later["total"]
    assert {row["key"] for row in then["rows"]} != {row["key"] for row in later["rows"]}


def test_a_joint_patrol_counts_once_and_a_chief_once_and_the_sentence_counts_each_chief(town: Town) -> None:
    times, outings, persons = (
        json.loads(town.runs("count", "--year", "2023", "--unit", unit, "--json"))["total"]
        for unit in ("person_times", "outings", "persons")
    )
    with town.house.reading() as session:
        counted = [Patrol.verdict == "counted", func.substr(Patrol.number, 4, 4) == "2023"]
        chiefs = session.scalar(select(func.count(Patrol.chief_id.distinct())).where(*counted))
    assert persons == chiefs
    assert persons < outings <= times == 15041
