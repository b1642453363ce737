"""A process that acts on a problem (办理进程): once, at the word; or rings the clocks until it is stopped."""

import sys
import time
from datetime import datetime

from bot.problem_alarms import ProblemAlarms
from bot.settings import read_settings
from models.engine import open_engine, transaction
from rules.problem_flow import Action, Role
from services import problem_step
from services.problem_step import Act, Overtaken


def accept(problem_id: int, role: Role, account_id: int, now: datetime) -> None:
    """Accept a problem as it stood at its report, once a line arrives; says whether it did, or who was quicker."""
    settings = read_settings()
    engine = open_engine(settings.database_url)
    print("ready", flush=True)
    sys.stdin.readline()
    with transaction(engine) as session:
        try:
            problem_step.act(session, Act(problem_id, 1, Action.ACCEPT, [role], account_id), settings.zone, now)
            said = "won"
        except Overtaken as quicker:
            said = f"overtaken by {quicker.step.account_id}"
    print(said, flush=True)


def ring(now: datetime) -> None:
    """Say what the clocks have to say at an instant, over and over."""
    settings = read_settings()
    alarms = ProblemAlarms(open_engine(settings.database_url), settings)
    print("ready", flush=True)
    while True:
        if not alarms.ring_once(now):
            time.sleep(0.05)


if __name__ == "__main__":
    if sys.argv[1] == "ring":
        ring(datetime.fromisoformat(sys.argv[2]))
    else:
        accept(int(sys.argv[2]), Role(sys.argv[3]), int(sys.argv[4]), datetime.fromisoformat(sys.argv[5]))
