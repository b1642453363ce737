"""`xunlin rebook` (重新归属命令): says what would change, changes it with its cause, and refuses nonsense."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from chat_driver import OWN, small_url
from command import xunlin
from sqlalchemy import select

from models.chief import Chief, Post
from models.engine import open_engine, transaction
from models.message import Location
from services import mark, patrol
from services.patrol import Submission


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A house in which a post turned out to have ended before its patrol."""
    with small_url("sqlite", tmp_path) as url:
        engine = open_engine(url)
        with transaction(engine) as session:
            chief = session.scalars(select(Chief.id).where(Chief.name == "胡晓兰")).one()
            at = datetime(2026, 3, 5, 2, tzinfo=UTC)
            sub = Submission(chief, 1, at, Location(*OWN), photos=1)
            patrol.record(session, sub, ZoneInfo("Asia/Shanghai"), at)
            session.scalars(select(Post).where(Post.chief_id == chief)).one().valid_to = date(2026, 2, 1)
            mark.new_edition(session, "roster")
        engine.dispose()
        ours = {"XUNLIN_DATABASE_URL": url, "XUNLIN_DATA_DIR": str(tmp_path), "XUNLIN_LANGUAGE": "zh_CN"}
        yield {**ours, "XUNLIN_TIMEZONE": "Asia/Shanghai"}


def run(environment: dict[str, str], words: str) -> "subprocess.CompletedProcess[str]":
    return xunlin(environment, *words.split())


def test_a_dry_run_changes_nothing_and_a_real_one_changes_once(environment: dict[str, str]) -> None:
    year = "rebook --from 2026-01-01 --to 2026-12-31"
    assert "只看不改：1 条记录会变化（花名册 1，网格 0，计数规则 0）。" in run(environment, f"{year} --dry-run").stdout
    done = json.loads(run(environment, f"{year} --json").stdout)
    assert [(row["cause"], row["before"], row["after"]) for row in done["changed"]] == [
        ("roster_changed", "counted", "awaiting_review")
    ]
    assert run(environment, year).stdout == "已重新归属、重新判定：0 条记录有变化（花名册 0，网格 0，计数规则 0）。\n"
    assert run(environment, "recount").returncode == 0


def test_days_that_cannot_be_are_refused(environment: dict[str, str]) -> None:
    assert run(environment, "rebook --from 2026-02-01 --to 2026-01-01").returncode == 1
    assert run(environment, "rebook --from tomorrow --to 2026-01-01").returncode == 1
