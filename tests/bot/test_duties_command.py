"""Duties on the command line (任务命令): added, listed, ended; what cannot be is one clear refusal."""

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from services.refused import Refused

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program on a fresh database."""
    monkeypatch.setenv("XUNLIN_DATABASE_URL", database_url)
    monkeypatch.setenv("XUNLIN_LANGUAGE", "en")

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["duties", *words])

    return run


def test_a_duty_is_added_listed_and_ended(run: Run) -> None:
    twice = ("--period", "month", "--level", "street", "--times", "2", "--window", "1-10")
    added = run("add", *twice, "--valid-from", "2026-01-01")
    assert added.output == "Duty 4 added, from 2026-01-01.\n"
    assert run("add", "--period", "season", "--season", "11-01..05-31").exit_code == 0
    rows = [json.loads(line) for line in run("list", "--json", "--on", "2026-02-01").output.splitlines()]
    assert [(row["id"], row["level"], row["period"], row["times"]) for row in rows] == [
        (1, "district", "year", 1), (2, "street", "month", 1), (3, "community", "week", 1), (4, "street", "month", 2),
    ]  # fmt: skip
    assert (rows[3]["window_from"], rows[3]["window_to"]) == (1, 10)
    assert run("end", "4", "--on", "2026-01-31").output == "Duty 4 ends on 2026-01-31.\n"
    assert len(run("list", "--on", "2026-02-01").output.splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["add", "--period", "fortnight"], "duty.not_understood"),
        (["add", "--period", "week", "--window", "ten"], "duty.not_understood"),
        (["add", "--period", "week", "--level", "village"], "duty.level_unknown"),
        (["add", "--period", "week", "--post", "99"], "duty.post_unknown"),
        (["add", "--period", "week", "--grid", "99"], "duty.grid_unknown"),
        (["add", "--period", "week", "--area", "99"], "duty.area_unknown"),
        (["add", "--period", "week", "--valid-from", "soon"], "cli.bad_day"),
        (["end", "99"], "duty.unknown"),
        (["workday", "2099-01-01", "--off"], "duty.day_too_far"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, words: list[str], key: str) -> None:
    refusal = run(*words).exception
    assert isinstance(refusal, Refused)
    assert refusal.key == key


def test_a_workday_is_corrected(run: Run) -> None:
    assert "is a day off" in run("workday", "2026-12-31", "--off").output
