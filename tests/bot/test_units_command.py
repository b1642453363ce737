"""Units on the command line (单位命令): added, listed, taken away; what cannot be is one clear refusal."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chat_driver import small_url
from command import xunlin

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(params=["sqlite", "postgresql"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    """The program on a small Xicheng."""
    with small_url(request.param, tmp_path) as url:
        ours = {"XUNLIN_DATABASE_URL": url, "XUNLIN_DATA_DIR": str(tmp_path), "XUNLIN_LANGUAGE": "zh_CN"}

        def run(*words: str) -> "subprocess.CompletedProcess[str]":
            return xunlin(ours, "units", *words)

        yield run


def test_a_unit_is_added_listed_and_taken_away(run: Run) -> None:
    assert run("list").stdout.splitlines()[4].split("\t") == ["5", "hotline", "12345", "-", "-"]
    added = run("add", "maintenance", "德胜养护一队", "--area", "110102010", "--account", "wecom:Team1")
    assert added.stdout == "已增加单位 6。\n"
    assert run("list").stdout.splitlines()[5] == "6\tmaintenance\t德胜养护一队\t110102010\twecom:team1"
    assert run("remove", "6").returncode == 0
    assert len(run("list").stdout.splitlines()) == 5


def test_what_cannot_be_is_refused(run: Run) -> None:
    for words, said in (
        (("add", "gardeners"), "没有叫 gardeners 的单位类别"),
        (("add", "police", "--area", "999"), "没有编码为 999"),
        (("add", "police", "--account", "nobody"), "不是账号"),
        (("remove", "99"), "没有编号为 99 的单位"),
    ):
        refused = run(*words)
        assert refused.returncode == 1, words
        assert said in refused.stderr
