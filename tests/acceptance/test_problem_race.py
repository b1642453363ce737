"""Problems and many processes (多进程办理): of two that act one wins; each clock rings once, whoever is killed."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from problem_cast import NOW, Cast, cast_in, report
from sqlalchemy import Engine, func, select
from xicheng import xicheng_url

from models.engine import open_engine, reading, transaction
from models.outbox import Outbox
from models.problem import Problem, ProblemStep
from rules.problem_flow import Role
from services import problem_step

ROOT = Path(__file__).parent.parent.parent


def start(url: str, *arguments: object) -> "subprocess.Popen[str]":
    """A driver that has said that it is ready."""
    environment = {**os.environ, "XUNLIN_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", str(Path(__file__).parent / "problem_driver.py"), *map(str, arguments)]
    one = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert one.stdout is not None
    assert one.stdout.readline() == "ready\n"
    return one


def new_problem(engine: Engine, cast: Cast, kind: str = "fallen_tree") -> int:
    with transaction(engine) as session:
        return report(session, cast, kind).id


def not_rung(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Problem).where(Problem.overdue_at.is_(None))) or 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_two_processes_that_accept_at_once_one_wins(kind: str, tmp_path: Path, long: bool) -> None:
    rounds = 5 if long else 1
    with xicheng_url(kind, tmp_path) as url:
        engine = open_engine(url)
        cast = cast_in(engine)
        for _ in range(rounds):
            found = new_problem(engine, cast)
            offices = (Role.STREET, Role.DISTRICT)
            running = [start(url, "accept", found, one.value, cast.accounts[one], NOW.isoformat()) for one in offices]
            for one in running:
                assert one.stdin is not None
                one.stdin.write("\n")
                one.stdin.flush()
            said = [one.communicate()[0].strip() for one in running]
            winner = cast.accounts[offices[said.index("won")]]
            assert sorted(said) == [f"overtaken by {winner}", "won"]
        with reading(engine) as session:
            assert problem_step.differences(session) == []
            assert session.scalar(select(func.count()).select_from(ProblemStep)) == 2 * rounds
        engine.dispose()


def test_every_clock_rings_once_though_processes_are_killed(tmp_path: Path, long: bool) -> None:
    number, most_kills = (2_000, 20) if long else (300, 2)
    with xicheng_url("postgresql", tmp_path) as url:
        engine = open_engine(url)
        cast = cast_in(engine)
        with transaction(engine) as session:
            for _ in range(number):
                report(session, cast)
        late = (NOW + timedelta(hours=25)).isoformat()
        # The first is killed as soon as it is ready, the next ones in the middle of a batch as often as not.
        running, killed = [start(url, "ring", late)], 0
        while not_rung(engine):
            if killed < most_kills:
                victim = running.pop(0)
                victim.send_signal(signal.SIGKILL)
                victim.communicate()
                killed += 1
                running += [start(url, "ring", late) for _ in range(2)]
            time.sleep(0.1)
        for one in running:
            one.kill()
            one.communicate()
        with reading(engine) as session:
            said = select(Outbox.problem_id, Outbox.chat_id, func.count()).where(Outbox.priority == "5")
            counts = session.execute(said.group_by(Outbox.problem_id, Outbox.chat_id)).all()
            told = session.scalar(select(func.count()).select_from(Problem).where(Problem.overdue_at.is_not(None)))
        engine.dispose()
    assert killed > 0
    assert told == number
    assert {problem_id for problem_id, _, _ in counts} == set(range(1, number + 1))
    assert {n for _, _, n in counts} == {1}, "each account of the office hears it once"
