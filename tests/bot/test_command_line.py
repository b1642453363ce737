"""The command line (命令行): stdout belongs to the answer, and a reader that leaves early hears no complaint."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from xicheng import xicheng_url

ROOT = Path(__file__).parent.parent.parent
PROGRAM = ["-m", "bot"]
UNPROTECTED = ["-c", "import sys; from bot.__main__ import app; app(sys.argv[1:])"]
BIG, SMALL = ["invite", "--all", "--json"], ["recount", "--json"]
"""More and less than stdout holds back before it writes."""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What a process needs to find a house with Xicheng in it."""
    with xicheng_url("sqlite", tmp_path) as url:
        yield environment_of(url, tmp_path)


def environment_of(url: str, folder: Path) -> dict[str, str]:
    ours = {"XUNLIN_DATABASE_URL": url, "XUNLIN_DATA_DIR": str(folder), "XUNLIN_LANGUAGE": "en"}
    # Set, it would hide what happens to the words that stdout holds back.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**inherited, **ours, "PYTHONPATH": str(ROOT)}


def run(
    environment: dict[str, str], arguments: list[str], how: list[str] = PROGRAM, stdout: int = subprocess.PIPE
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", *how, *arguments]
    return subprocess.run(
        command, env=environment, stdout=stdout, stderr=subprocess.PIPE, encoding="utf-8", check=False
    )


def run_without_reader(
    environment: dict[str, str], arguments: list[str], how: list[str] = PROGRAM
) -> "subprocess.CompletedProcess[str]":
    """Run into a pipe whose other end is closed, as after `| head`."""
    ours, other = os.pipe()
    os.close(ours)
    try:
        return run(environment, arguments, how, other)
    finally:
        os.close(other)


@pytest.mark.parametrize("arguments", [BIG, SMALL, ["--help"]], ids=" ".join)
def test_a_reader_that_leaves_early_hears_no_complaint(environment: dict[str, str], arguments: list[str]) -> None:
    done = run_without_reader(environment, arguments)
    assert (done.stderr, done.returncode) == ("", 1)


def test_a_reader_that_leaves_early_hears_no_complaint_where_nothing_is_held_back(environment: dict[str, str]) -> None:
    done = run_without_reader({**environment, "PYTHONUNBUFFERED": "1"}, SMALL)
    assert (done.stderr, done.returncode) == ("", 1)


def test_control_without_the_protection_the_interpreter_complains(environment: dict[str, str]) -> None:
    assert "BrokenPipeError" in run_without_reader(environment, SMALL, UNPROTECTED).stderr


def test_a_refusal_is_said_also_where_the_reader_of_the_answer_has_gone(environment: dict[str, str]) -> None:
    done = run_without_reader(environment, ["invite", "nobody", "--json"])
    assert (done.stderr, done.returncode) == ("There is no chief nobody on the roster. Check the code.\n", 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_full_at_the_end_is_one_clear_line(environment: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(environment, SMALL, stdout=full.fileno())
    assert done.stderr == "stdout cannot be written: No space left on device. Choose another place.\n"
    assert done.returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [BIG, SMALL, ["summary", "--format", "json"], ["doctor", "--json"], ["backup", "copies", "--json"]],
    ids=" ".join,
)
def test_an_answer_in_json_is_nothing_but_json(
    environment: dict[str, str], arguments: list[str], tmp_path: Path
) -> None:
    answer = run(environment, [str(tmp_path / word) if word == "copies" else word for word in arguments]).stdout
    assert answer
    for document in answer.splitlines() if arguments == BIG else [answer]:
        json.loads(document)


@pytest.mark.parametrize(
    "arguments",
    [
        ["invite", "nobody", "--json"],
        ["summary", "--format", "json", "--street", "1"],
        ["summary", "--format", "json", "--from", "2023-01-01"],
        ["recount", "--json", "--nonsense"],
        ["backup", "/dev/null/copies", "--json"],
    ],
    ids=" ".join,
)
def test_what_goes_wrong_leaves_stdout_empty(environment: dict[str, str], arguments: list[str]) -> None:
    done = run(environment, arguments)
    assert done.stdout == ""
    assert done.stderr
    assert done.returncode != 0


@pytest.mark.parametrize("arguments", [BIG, SMALL, ["summary", "--format", "json"]], ids=" ".join)
def test_a_database_that_is_away_leaves_stdout_empty(arguments: list[str], tmp_path: Path) -> None:
    away = environment_of("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    done = run(away, arguments)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.startswith("The database cannot be reached: ")
