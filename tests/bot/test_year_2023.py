"""The replay of 2023 (回放): every number equals the expected answer, on both databases."""

import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, func, select
from xicheng import xicheng_url

from bot.demo import DATA, DISTRICT
from bot.intake import replay
from bot.settings import Settings, read_settings
from locales import say
from models.area import Area
from models.engine import open_engine, reading
from models.inbox import Inbox, Redelivery
from models.meeting import Meeting
from models.outbox import Outbox
from models.patrol import Patrol
from reports import render
from reports.sentence import annual_sentence
from services import count, ledger, summary

EXPECTED: dict[str, Any] = json.loads((DATA / "replay" / "replay_2023.expected.json").read_text("utf-8"))
FILE = DATA / "replay" / "replay_2023.jsonl.gz"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Settings]]:
    """A database into which 2023 was replayed once."""
    with xicheng_url(request.param, tmp_path_factory.mktemp("year")) as url:
        settings = read_settings(database_url=url, language="zh_CN", timezone="Asia/Shanghai")
        engine = open_engine(url)
        replay(engine, settings, FILE, lambda n: None)
        yield engine, settings
        engine.dispose()


def figures(engine: Engine, settings: Settings) -> dict[str, Any]:
    with reading(engine) as session:
        area = session.get_one(Area, DISTRICT)
        now = datetime(2026, 11, 24, tzinfo=UTC)
        return summary.figures(session, summary.year_span(2023), area, settings.zone, now)


@pytest.mark.parametrize("key", ["year", "timezone", "counted", "meetings", "by_street", "by_month"])
def test_the_figures_of_2023_are_the_expected_ones(year: tuple[Engine, Settings], key: str) -> None:
    assert figures(*year)[key] == EXPECTED[key]


def test_meetings_by_month_are_the_expected_ones(year: tuple[Engine, Settings]) -> None:
    held = figures(*year)["meetings_by_month"]
    assert {month: n for month, n in held.items() if n} == EXPECTED["meetings_by_month"]


def test_the_reasons_are_the_expected_ones(year: tuple[Engine, Settings]) -> None:
    expected = Counter({k: n for k, n in EXPECTED["not_counted"].items() if k != "other_year"})
    assert Counter({k: n for k, n in figures(*year)["not_counted"].items() if n}) == expected


def not_counted_keys(engine: Engine) -> dict[str, list[str]]:
    """The message ids that do not count for 2023, by reason, as the records have them."""
    with reading(engine) as session:
        rows = session.execute(
            select(Patrol.reason, Inbox.key, Patrol.patrolled_on).join(Inbox, Inbox.id == Patrol.inbox_id)
        ).all()
        repeats = select(Inbox.key).join(Redelivery, Redelivery.inbox_id == Inbox.id)
        found = {
            "duplicate": list(session.scalars(repeats.join(Patrol, Patrol.inbox_id == Inbox.id))),
            "meeting_duplicate": list(session.scalars(repeats.join(Meeting, Meeting.inbox_id == Inbox.id))),
            "other_year": [key for _, key, day in rows if day.year != 2023],
        }
    for reason, key, day in rows:
        if reason and day.year == 2023:
            found.setdefault(reason, []).append(key)
    return {reason: sorted(keys) for reason, keys in found.items()}


def test_each_delivery_that_does_not_count_is_the_expected_one(year: tuple[Engine, Settings]) -> None:
    found = not_counted_keys(year[0])
    expected = {reason: sorted(keys) for reason, keys in EXPECTED["not_counted_msg_ids"].items()}
    assert set(expected) == {name for name, n in EXPECTED["not_counted"].items() if n}
    assert found == expected


def test_the_sentence_is_the_one_of_the_annual_report(year: tuple[Engine, Settings]) -> None:
    sentence = "全年区级林长巡林88次，召开调度会7次；街道级林长巡林553次；社区级林长巡林1.44万次。"
    assert annual_sentence(figures(*year), "zh_CN") == sentence


def test_the_kept_counts_equal_the_patrols_and_every_patrol_has_one_receipt(year: tuple[Engine, Settings]) -> None:
    with reading(year[0]) as session:
        assert count.differences(session) == []
        patrols = session.scalar(select(func.count()).select_from(Patrol))
        receipts = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.patrol_id.is_not(None)))
        assert patrols == receipts


def test_the_workbook_holds_the_figures_and_every_record_behind_them(year: tuple[Engine, Settings]) -> None:
    engine, settings = year
    found, now = figures(engine, settings), datetime(2026, 11, 24, tzinfo=UTC)
    with reading(engine) as session:
        area, span = session.get_one(Area, DISTRICT), summary.year_span(2023)
        made = render("annual_workbook", ledger.gather(session, span, area, settings.zone, now), "zh_CN")
    book: Any = openpyxl.load_workbook(io.BytesIO(made.data), read_only=True)
    sheets: dict[str, list[Any]] = {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book}
    assert list(sheets) == [
        "汇总", "街道", "月度", "网格", "任务完成", "明细", "不计入", "问题", "会议",
    ]  # fmt: skip
    levels = {"区级": "district", "街道级": "street", "社区级": "community"}
    counted = Counter((row[4], row[2]) for row in sheets["明细"] if row[6] == "计入")
    for row, street in zip(sheets["街道"], found["by_street"].values(), strict=False):
        assert [counted[street["name"], level] for level in levels] == [street[key] for key in levels.values()]
        assert list(row) == [street["name"], *(street[key] for key in (*levels.values(), "total"))]
    months = Counter(f"{row[1]:%Y-%m}" for row in sheets["明细"] if row[6] == "计入")
    assert months == {month: row["total"] for month, row in found["by_month"].items()}
    reasons = Counter(row[6] for row in sheets["不计入"])
    assert reasons == {say("zh_CN", f"report.reason.{k}"): n for k, n in found["not_counted"].items() if n}
    assert sum(row[3] for row in sheets["网格"]) == found["counted"]["total"]
    assert len(sheets["会议"]) == found["meetings"]
    assert all(row[4] == pytest.approx(row[3] / row[2]) for row in sheets["任务完成"])


def test_a_second_replay_changes_no_figure_but_the_repeats(year: tuple[Engine, Settings], tmp_path: Path) -> None:
    before = figures(*year)
    some = tmp_path / "again.jsonl"

    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        some.write_text("".join(line for line, _ in zip(lines, range(100), strict=False)), "utf-8")
    replay(year[0], year[1], some, lambda n: None)
    after = figures(*year)
    assert {k: v for k, v in after.items() if k != "not_counted"} == {
        k: v for k, v in before.items() if k != "not_counted"
    }
    assert after["not_counted"]["duplicate"] > before["not_counted"]["duplicate"]
