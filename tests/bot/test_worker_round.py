"""A round of the worker (一轮): many chats in one commit, asked for together, each judged as if it had come alone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from chat_driver import OWN, House, small_house
from sqlalchemy import event, select

from models.account import Account
from models.chief import Chief
from models.draft import Draft, Part
from models.engine import transaction
from models.patrol import Patrol
from services import ahead, consent, draft, inbox, person
from services.inbox import Delivery


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng."""
    with small_house(request.param, tmp_path) as small:
        yield small


def enrolled(house: House, number: int, name: str = "胡晓兰") -> list[str]:
    """So many accounts of one chief, who have agreed to be located."""
    users = [f"phone-{n}" for n in range(number)]
    with transaction(house.engine) as session:
        chief = session.scalars(select(Chief.id).where(Chief.name == name)).one()
        for user in users:
            account = person.of_account(session, "local", user, user, house.now).account
            assert account
            account.chief_id = chief
            consent.give(session, account.id, True, house.now)
    return users


def posts(house: House, users: list[str], key: str, **message: Any) -> None:
    """One message of each, which waits."""
    at = house.now.isoformat()
    raws = {user: json.dumps({"user": user, "at": at, "message": message, "photos": []}) for user in users}
    with transaction(house.engine) as session:
        inbox.receive(
            session, [Delivery("local", f"{key}:{user}", f"local:{user}", raws[user], house.now) for user in users]
        )


@contextmanager
def questions(house: House) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(house.engine, "before_cursor_execute", note)
    yield asked
    event.remove(house.engine, "before_cursor_execute", note)


def asked_in_a_round(house: House, users: list[str], *, guarded: bool) -> int:
    """How many questions a round of one message each asks; the draft of each is open by then."""
    posts(house, users, "place", location={"lon": OWN[0], "lat": OWN[1]})
    house.worker.work_once(house.now)
    posts(house, users, f"words {guarded}", text="一切正常")
    with questions(house) as asked:
        assert house.worker._round(house.now, guarded=guarded) == len(users)
    return len(asked)


def test_many_messages_ask_as_few_questions_as_two(house: House) -> None:
    users = enrolled(house, 12)
    assert asked_in_a_round(house, users[:2], guarded=False) == asked_in_a_round(house, users[2:], guarded=False)


def test_without_reading_ahead_each_message_asks_its_own(house: House) -> None:
    users = enrolled(house, 12)
    assert asked_in_a_round(house, users[:2], guarded=True) + 8 < asked_in_a_round(house, users[2:], guarded=True)


def test_two_patrols_of_one_chief_in_one_round_are_judged_by_one_another(house: House) -> None:
    users = enrolled(house, 2)
    posts(house, users, "place", location={"lon": OWN[0], "lat": OWN[1]})
    house.worker.work_once(house.now)
    posts(house, users, "done", text="提交")
    assert house.worker.work_once(house.now) == 2
    assert sorted(house.rows(select(Patrol.reason)), key=str) == [None, "within_5_min"]
    assert set(house.rows(select(Draft.state))) == {"submitted"}
    assert None not in house.rows(select(Part.patrol_id))


def test_whoever_became_somebody_else_in_a_round_is_asked_for_again(house: House) -> None:
    (user,) = enrolled(house, 1)
    with transaction(house.engine) as session:
        ahead.read(session, {("local", user)})
        account = session.scalars(select(Account).where(Account.user_id == user)).one()
        account.chief_id = None
        found = person.known(session, "local", user)
        assert found
        assert (found.account, found.chief) == (account, None)


def test_a_draft_that_was_closed_in_a_round_is_open_no_more(house: House) -> None:
    (user,) = enrolled(house, 1)
    posts(house, [user], "place", location={"lon": OWN[0], "lat": OWN[1]})
    house.worker.work_once(house.now)
    with transaction(house.engine) as session:
        ahead.read(session, {("local", user)})
        account = session.scalars(select(Account).where(Account.user_id == user)).one()
        first = draft.of_account(session, account.id)
        assert first
        draft.close(session, first, "cancelled")
        assert draft.of_account(session, account.id) is None
        assert draft.open_or_new(session, account, first.chief_id, house.now).id != first.id
    assert house.rows(select(Draft.state).order_by(Draft.id)) == ["cancelled", "open"]
