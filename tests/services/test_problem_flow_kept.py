"""The flow in the database (闭环落库): what the table allows is done, nothing else, and of two at once one wins."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from problem_cast import NOW, ZONE, Cast, at_state, cast_in, report, step, who_is
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from models.engine import open_engine, reading, savepoint, transaction
from models.problem import Problem, ProblemStep
from models.unit import Unit
from rules.problem_flow import FLOW, Action, Need, Role, State
from services import problem_people, problem_step
from services.problem_step import Act, Overtaken
from services.refused import Refused


class UndoneError(Exception):
    """Takes back what was tried."""


@pytest.fixture
def cast(database: Engine) -> Cast:
    return cast_in(database)


@contextmanager
def tried(session: Session) -> Iterator[None]:
    """Whatever happens in here is taken back."""
    try:
        with savepoint(session):
            yield
            raise UndoneError
    except UndoneError:
        pass


def test_each_person_has_the_one_role_that_the_rows_give_them(database: Engine, cast: Cast) -> None:
    with transaction(database) as session:
        found = at_state(session, cast, State.ASSIGNED)
        for role in Role:
            assert problem_people.roles_of(session, who_is(session, role), found) == [role]


def test_role_state_and_action_allow_in_the_database_what_the_table_says(database: Engine, cast: Cast) -> None:
    allowed: dict[tuple[State, Action, Role], State] = {}
    refused: set[str] = set()
    with transaction(database) as session:
        for state in State:
            for action in Action:
                found = at_state(session, cast, state)
                # The unit keeps its role, so that it is the table which forbids and not that nobody is asked.
                found.unit_id = cast.unit_id
                found.paused_at = NOW if action == Action.RESUME else None
                for role in Role:
                    with tried(session):
                        try:
                            allowed[state, action, role] = State(step(session, cast, found, action, role).problem.state)
                        except Refused as refusal:
                            refused.add(refusal.key)
                    session.refresh(found)
    assert allowed == {key: move.after for key, move in FLOW.items()}
    assert refused == {"problem.not_now"}


def test_what_a_step_needs_is_refused_without_it(database: Engine, cast: Cast) -> None:
    with transaction(database) as session:
        for (state, action, role), move in FLOW.items():
            found = at_state(session, cast, state)
            found.unit_id = cast.unit_id
            bare = Act(found.id, found.version, action, [role], cast.accounts[role])
            if move.needs & {Need.UNIT, Need.SEVERITY, Need.REASON, Need.PHOTO, Need.WAITING}:
                with pytest.raises(Refused), savepoint(session):
                    problem_step.act(session, bare, ZONE, NOW)
                assert problem_step.fresh(session, found.id).state == state
            else:
                assert problem_step.act(session, bare, ZONE, NOW).problem.state == move.after


def test_an_order_number_is_needed_by_the_unit_that_keeps_one(database: Engine, cast: Cast) -> None:
    with transaction(database) as session:
        found = at_state(session, cast, State.ACCEPTED)
        hotline = session.scalars(select(Unit).where(Unit.kind == "hotline")).one()
        role = Role.STREET
        bare = Act(found.id, found.version, Action.ASSIGN, [role], cast.accounts[role], unit_id=hotline.id)
        with pytest.raises(Refused, match=r"problem\.order_missing"), savepoint(session):
            problem_step.act(session, bare, ZONE, NOW)
        named = Act(
            found.id, found.version, Action.ASSIGN, [role], cast.accounts[role], unit_id=hotline.id,
            order_number="20261124000123",
        )  # fmt: skip
        taken = problem_step.act(session, named, ZONE, NOW)
        assert taken.problem.order_number == taken.step.order_number == "20261124000123"


def test_a_forged_history_is_found(database: Engine, cast: Cast) -> None:
    with transaction(database) as session:
        right, wrong = at_state(session, cast, State.CLOSED), at_state(session, cast, State.ASSIGNED)
        assert problem_step.differences(session) == []
        session.execute(update(Problem).where(Problem.id == wrong.id).values(state=State.CLOSED.value))
        assert problem_step.differences(session) == [wrong.number]
        session.execute(update(Problem).where(Problem.id == wrong.id).values(state=State.ASSIGNED.value))
        session.execute(update(ProblemStep).where(ProblemStep.problem_id == right.id).values(role="finder"))
        assert problem_step.differences(session) == [right.number]


def at_once(url: str, act: Callable[[Session, int], bool]) -> list[bool]:
    """Two people do something in transactions of their own at the same moment; gives who believes to have done it."""
    barrier = Barrier(2)

    def one(n: int) -> bool:
        engine = open_engine(url)
        try:
            barrier.wait()
            with transaction(engine) as session:
                return act(session, n)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(one, range(2)))


def test_of_two_who_press_at_once_one_wins_and_the_other_learns_who_it_was(database: Engine, cast: Cast) -> None:
    url = database.url.render_as_string(hide_password=False)
    offices = [Role.STREET, Role.DISTRICT]
    for n in range(10):
        with transaction(database) as session:
            found = at_state(session, cast, State.REPORTED)
            problem_id, version = found.id, found.version
        quicker: list[int | None] = []

        def accept(session: Session, n: int, problem_id: int = problem_id, version: int = version) -> bool:
            role = offices[n]
            wanted = Act(problem_id, version, Action.ACCEPT, [role], cast.accounts[role])
            try:
                problem_step.act(session, wanted, ZONE, NOW + timedelta(seconds=n))
            except Overtaken as overtaken:
                quicker.append(overtaken.step.account_id)  # noqa: B023 - one list a round
                return False
            return True

        won = at_once(url, accept)
        assert sorted(won) == [False, True], n
        assert quicker == [cast.accounts[offices[won.index(True)]]]
    with reading(database) as session:
        assert problem_step.differences(session) == []


def test_control_without_the_condition_both_believe_that_they_won(database: Engine, cast: Cast) -> None:
    with transaction(database) as session:
        problem_id = at_state(session, cast, State.REPORTED).id
    both_have_looked = Barrier(2)

    def careless(_n: int) -> bool:
        # Looks, then writes: what somebody else wrote in between is overwritten.
        with reading(database) as session:
            seen = State(session.get_one(Problem, problem_id).state)
        both_have_looked.wait()
        with transaction(database) as session:
            session.execute(update(Problem).where(Problem.id == problem_id).values(state=State.ACCEPTED.value))
        return (seen, Action.ACCEPT, Role.STREET) in FLOW

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(careless, range(2))) == [True, True]


class Presses(RuleBasedStateMachine):
    """People press what they like, on the newest card or an old one; the table decides."""

    engine: Engine
    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction(self.engine)
        self.session = self.scope.__enter__()
        self.found = report(self.session, self.cast)
        self.state, self.waiting, self.version, self.now = State.REPORTED, False, 1, NOW

    @rule(action=st.sampled_from(Action), role=st.sampled_from(Role), minutes=st.integers(0, 3000))
    def press(self, action: Action, role: Role, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        is_role = role in problem_people.roles_of(self.session, who_is(self.session, role), self.found)
        move = FLOW.get((self.state, action, role)) if is_role else None
        barred = Need.RUNNING if self.waiting else Need.WAITING
        try:
            with savepoint(self.session):
                step(self.session, self.cast, self.found, action, role, self.now)
        except Refused:
            assert move is None or barred in move.needs
            self.session.refresh(self.found)
            return
        assert move is not None
        assert barred not in move.needs
        moved = move.after != self.state
        self.state, self.version = move.after, self.version + 1
        self.waiting = action == Action.PAUSE or (self.waiting and action != Action.RESUME and not moved)

    @rule(action=st.sampled_from(Action), role=st.sampled_from(Role), behind=st.integers(1, 5))
    def press_an_old_card(self, action: Action, role: Role, behind: int) -> None:
        with pytest.raises(Overtaken), savepoint(self.session):
            step(self.session, self.cast, self.found, action, role, self.now, max(self.version - behind, -1) or -1)
        self.session.refresh(self.found)

    @invariant()
    def the_history_leads_to_the_state(self) -> None:
        assert self.found.state == self.state
        assert self.found.version == self.version
        assert (self.found.paused_at is not None) == self.waiting
        assert (self.found.closed_at is not None) == (self.state == State.CLOSED)
        assert self.found.alarm_at is None or (not self.waiting and self.state not in {State.CLOSED, State.WITHDRAWN})
        assert problem_step.state_of_history(self.session, self.found.id) == self.state

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()


def test_no_sequence_of_presses_reaches_what_the_table_forbids(database: Engine, cast: Cast, long: bool) -> None:
    machine = type("PressesHere", (Presses,), {"engine": database, "cast": cast})
    few = settings(max_examples=200 if long else 25, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(machine, settings=settings(few, suppress_health_check=list(HealthCheck)))


def test_random_walks_end_where_their_steps_lead(database: Engine, cast: Cast) -> None:
    chance = random.Random(7)
    with transaction(database) as session:
        for _ in range(5):
            found = report(session, cast)
            for _ in range(12):
                ways = [
                    (a, r) for (s, a, r), move in FLOW.items() if s == found.state and Need.WAITING not in move.needs
                ]
                if not ways:
                    break
                action, role = chance.choice(ways)
                if action == Action.PAUSE:
                    continue
                if role in problem_people.roles_of(session, who_is(session, role), found):
                    step(session, cast, found, action, role)
        assert problem_step.differences(session) == []
