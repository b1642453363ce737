"""`xunlin summary` (年报命令): which period is meant, and what is refused."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from chat_driver import small_url
from command import xunlin

THIS_YEAR = datetime.now(UTC).year


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What a process needs to find the small Xicheng."""
    folder = tmp_path_factory.mktemp("summary")
    with small_url("sqlite", folder) as url:
        ours = {"XUNLIN_DATABASE_URL": url, "XUNLIN_DATA_DIR": str(folder), "XUNLIN_LANGUAGE": "zh_CN"}
        yield {**ours, "XUNLIN_TIMEZONE": "Asia/Shanghai"}


def summary(environment: dict[str, str], words: str) -> "subprocess.CompletedProcess[str]":
    return xunlin(environment, "summary", *words.split())


def figures(environment: dict[str, str], words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(summary(environment, f"{words} --format json").stdout)
    return found


def test_a_year_is_named_by_itself_alone(environment: dict[str, str]) -> None:
    found = figures(environment, "--year 2023")
    assert (found["year"], found["from"], found["to"]) == (2023, "2023-01-01", "2023-12-31")
    assert found["sentence"].startswith("全年区级林长巡林0次")
    assert figures(environment, "")["year"] == THIS_YEAR


def test_days_that_make_a_year_are_days(environment: dict[str, str]) -> None:
    found = figures(environment, "--from 2023-01-01 --to 2023-12-31")
    assert (found["year"], found["from"], found["to"]) == (None, "2023-01-01", "2023-12-31")
    assert found["sentence"].startswith("2023年1月1日至12月31日，区级林长巡林0次")
    assert "全年" not in summary(environment, "--from 2023-01-01 --to 2023-12-31").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--year 0", "年份 0 不对。请写 2000 到 2100 之间的年份。"),
        ("--year 1999", "年份 1999 不对。请写 2000 到 2100 之间的年份。"),
        ("--year 2023 --from 2023-01-01 --to 2023-02-01", "--year 不能和 --from、--to 一起写。请只用一种。"),
        ("--year 2023 --to 2023-02-01", "--year 不能和 --from、--to 一起写。请只用一种。"),
        ("--from 2023-W22-1 --to 2023-06-30", "“2023-W22-1”不是日期。请写成 2023-01-01。"),
        ("--from 20230101 --to 2023-06-30", "“20230101”不是日期。请写成 2023-01-01。"),
        ("--from 2023-02-30 --to 2023-06-30", "“2023-02-30”不是日期。请写成 2023-01-01。"),
        ("--year 2099", "这段时间还没有开始（从 2099-01-01 起）。请换一个时段。"),
        ("--from 2099-03-01 --to 2099-03-31", "这段时间还没有开始（从 2099-03-01 起）。请换一个时段。"),
    ],
)
def test_a_period_that_cannot_be_is_refused_in_one_line(environment: dict[str, str], words: str, said: str) -> None:
    done = summary(environment, words)
    assert (done.stdout, done.stderr, done.returncode) == ("", f"{said}\n", 1)


def test_the_json_has_what_became_of_the_problems(environment: dict[str, str]) -> None:
    found = figures(environment, "--year 2023")["problem_handling"]
    assert (found["reported"], found["closed"], found["rate"], found["median_close_s"]) == (0, 0, None, None)
    assert set(found) >= {"open", "overdue", "by_type", "by_street", "by_month"}
    assert "【问题办理】" in summary(environment, "--year 2023").stdout
