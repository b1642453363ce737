"""Duties on the command line (任务命令): added, listed, ended; what cannot be is one clear refusal."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from command import xunlin

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """The program on a fresh database."""
    ours = {"XUNLIN_DATABASE_URL": database_url, "XUNLIN_DATA_DIR": str(tmp_path), "XUNLIN_LANGUAGE": "en"}

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return xunlin(ours, "duties", *words)

    return run


def test_a_duty_is_added_listed_and_ended(run: Run) -> None:
    twice = ("--period", "month", "--level", "street", "--times", "2", "--window", "1-10")
    added = run("add", *twice, "--valid-from", "2026-01-01")
    assert added.stdout == "Duty 4 added, from 2026-01-01.\n"
    assert run("add", "--period", "season", "--season", "11-01..05-31").returncode == 0
    rows = [json.loads(line) for line in run("list", "--json", "--on", "2026-02-01").stdout.splitlines()]
    assert [(row["id"], row["level"], row["period"], row["times"]) for row in rows] == [
        (1, "district", "year", 1), (2, "street", "month", 1), (3, "community", "week", 1), (4, "street", "month", 2),
    ]  # fmt: skip
    assert (rows[3]["window_from"], rows[3]["window_to"]) == (1, 10)
    assert run("end", "4", "--on", "2026-01-31").stdout == "Duty 4 ends on 2026-01-31.\n"
    assert len(run("list", "--on", "2026-02-01").stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("add --period fortnight", "The value of --period is wrong. xunlin duties add --help shows"),
        ("add --period week --window ten", "The value of --window is wrong."),
        ("add --period week --season ice..snow", "The value of --season is wrong."),
        ("add --period week --season 02-30..05-31", "The value of --season is wrong."),
        ("add --period week --times 99", "The value of --times is wrong."),
        ("add --period week --valid-from 2026-02-01 --valid-to 2026-01-31", "--valid-to lies before --valid-from."),
        ("add --period week --valid-from 2026-02-01 --valid-to 2025-01-31", "The value of --valid-to is wrong."),
        ("add --period week --valid-from 2020-06-01", "The same duty is there (number 3, from 2021-01-01)."),
        ("add --period week --level village", "There is no level village."),
        ("add --period week --post 99", "There is no post 99."),
        ("add --period week --grid 99", "There is no grid 99."),
        ("add --period week --area 99", "There is no area 99."),
        ("add --period week --valid-from soon", "“soon” is not a date."),
        ("end 99", "There is no duty 99,"),
        ("workday 2099-01-01 --off", "2099-01-01 is too far:"),
    ],
)
def test_what_cannot_be_is_one_line(run: Run, words: str, said: str) -> None:
    done = run(*words.split())
    assert (done.stdout, done.returncode, len(done.stderr.splitlines())) == ("", 1, 1)
    assert done.stderr.startswith(said)


def test_a_workday_is_corrected(run: Run) -> None:
    assert "is a day off" in run("workday", "2026-12-31", "--off").stdout
