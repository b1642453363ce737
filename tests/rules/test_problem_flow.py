"""The problem flow (问题闭环): one table; what is not in it is not done."""

import pytest

from rules.problem_flow import ENDED, FLOW, OPEN, Action, Need, Role, State, may, replayed, role_for


def test_every_state_can_be_reached_and_left_but_the_withdrawn_one() -> None:
    reached = {State.REPORTED}
    while more := {move.after for (state, _, _), move in FLOW.items() if state in reached} - reached:
        reached |= more
    assert reached == set(State)
    left = {state for (state, _, _), move in FLOW.items() if move.after != state}
    assert left == set(State) - {State.WITHDRAWN}


def test_from_every_state_an_office_alone_can_bring_it_to_its_end() -> None:
    for start in State:
        reached = {start}
        while (
            more := {move.after for (state, _, role), move in FLOW.items() if state in reached and role == Role.STREET}
            - reached
        ):
            reached |= more
        assert reached & ENDED


def test_what_takes_something_back_says_why() -> None:
    for (_, action, _), move in FLOW.items():
        if action in {Action.SEND_BACK, Action.REOPEN, Action.TRANSFER, Action.SUPERVISE, Action.PAUSE}:
            assert Need.REASON in move.needs
        if action == Action.RECTIFY:
            assert Need.PHOTO in move.needs


def test_only_the_district_supervises_and_only_the_finder_withdraws() -> None:
    assert {role for _, action, role in FLOW if action == Action.SUPERVISE} == {Role.DISTRICT}
    assert {role for _, action, role in FLOW if action == Action.WITHDRAW} == {Role.FINDER}


def test_who_rectified_does_not_verify() -> None:
    assert Role.ASSIGNEE not in {role for _, action, role in FLOW if action in {Action.VERIFY, Action.CLOSE}}


def test_a_paused_clock_can_only_be_resumed_and_a_running_one_only_be_paused() -> None:
    assert Action.RESUME not in may(State.ASSIGNED, [Role.STREET], waiting=False)
    assert Action.PAUSE not in may(State.ASSIGNED, [Role.STREET], waiting=True)
    assert may(State.CLOSED, [Role.ASSIGNEE], waiting=False) == []


def test_of_several_roles_the_first_that_may_is_taken() -> None:
    assert role_for(State.ASSIGNED, Action.RECTIFY, [Role.FINDER, Role.STREET, Role.ASSIGNEE]) == Role.ASSIGNEE
    assert role_for(State.CLOSED, Action.REOPEN, [Role.FINDER]) == Role.FINDER
    assert role_for(State.REPORTED, Action.ACCEPT, [Role.FINDER]) is None


def test_a_history_leads_to_one_state_and_a_forged_one_to_none() -> None:
    report = (Action.REPORT, Role.FINDER, None, State.REPORTED)
    accept = (Action.ACCEPT, Role.STREET, State.REPORTED, State.ACCEPTED)
    assert replayed([report, accept]) == State.ACCEPTED
    for forged in (
        [],
        [accept],
        [report, report],
        [report, (Action.ACCEPT, Role.FINDER, State.REPORTED, State.ACCEPTED)],
        [report, (Action.ACCEPT, Role.STREET, State.REPORTED, State.CLOSED)],
        [report, accept, (Action.CLOSE, Role.STREET, State.VERIFIED, State.CLOSED)],
    ):
        with pytest.raises(ValueError, match=r".+"):
            replayed(forged)


def test_open_and_ended_leave_only_what_was_returned() -> None:
    assert set(State) - OPEN - ENDED == {State.RETURNED}
