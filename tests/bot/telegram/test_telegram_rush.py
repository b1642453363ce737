"""Hundreds check in at once on Telegram (集中打卡): every receipt within half a minute at Telegram's own limits."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_driver import OWN, SINCE, House, small_house
from sqlalchemy import select
from telegram_house import PHOTO, TelegramHouse, telegram_house

from bot.settings import Settings
from models.chief import Chief, Post
from models.engine import transaction
from models.outbox import Outbox
from models.patrol import Patrol
from services import consent, person

FIRST = 8_000_001
COMMUNITY = "110102010002"
RATE = Settings.model_fields["telegram_rate"].default
WITHIN_S = 30
"""The promise for 400 chiefs at the default rate; what was said before the last receipt tells how long it takes."""
STEP_S = 2.0
"""Between position, photo and 提交."""


@pytest.fixture(params=["sqlite", "postgresql"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng."""
    with small_house(request.param, tmp_path) as house:
        yield house


@pytest.fixture
def living(small: House) -> Iterator[TelegramHouse]:
    """The program at its own rate, and a Telegram that refuses what comes too fast."""
    with telegram_house(small, telegram_rate=RATE) as house:
        house.standin.limits = True
        yield house


def enrol(house: House, number: int) -> list[int]:
    """So many chiefs on Telegram who have agreed to be located."""
    users = list(range(FIRST, FIRST + number))
    with transaction(house.engine) as session:
        for user in users:
            chief = Chief(code=f"R-{user}", name=f"林{user}")
            session.add(chief)
            session.flush()
            session.add(
                Post(chief_id=chief.id, level="community", title="社区林长", area_code=COMMUNITY, valid_from=SINCE)
            )
            account = person.of_account(session, "telegram", str(user), str(user), house.now).account
            assert account
            account.chief_id = chief.id
            consent.give(session, account.id, True, house.now)
    return users


def check_in(house: TelegramHouse, users: list[int], within_s: float) -> None:
    """Each sends a whole patrol, all of them within so many seconds, one after the other."""
    standin, begin = house.standin, (within_s - 2 * STEP_S) / len(users)
    steps = [
        lambda user: standin.says(user, location={"longitude": OWN[0], "latitude": OWN[1]}),
        lambda user: standin.says(user, photo=standin.photo(PHOTO)),
        lambda user: standin.says(user, text="提交"),
    ]
    due = sorted((n * begin + step * STEP_S, user, step) for n, user in enumerate(users) for step in range(len(steps)))
    began = time.monotonic()
    for at, user, step in due:
        time.sleep(max(0.0, began + at - time.monotonic()))
        house.thread.call(lambda user=user, send=steps[step]: send(user))


def receipts(house: TelegramHouse) -> dict[str, float]:
    """Who has a receipt, and since when."""
    said = house.calls("sendMessage")
    return {str(call.given["chat_id"]): call.at for call in said if "已登记" in str(call.given.get("text"))}


def waits_for_all(house: TelegramHouse, number: int) -> dict[str, float]:
    """Wait for all receipts, however long they take while they come."""
    while len(found := receipts(house)) < number:
        seen = len(found)
        house.waits_for(lambda: len(receipts(house)) > seen)  # noqa: B023 - it is asked here and now
    return found


def test_every_chief_of_a_rush_has_the_receipt_within_half_a_minute(
    living: TelegramHouse, long: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    number, within_s = (400, 10.0) if long else (60, 5.0)
    users = enrol(living.house, number)
    check_in(living, users, within_s)
    found = waits_for_all(living, number)
    said = living.calls("sendMessage")
    before = sum(call.at <= max(found.values()) for call in said)
    took = max(found.values()) - min(call.at for call in said)
    with capsys.disabled():
        refused = len(living.standin.too_fast)
        print(f"\n{number} receipts within {took:.1f} s of the first answer, {before} messages, {refused} refused")
    assert found.keys() == {str(user) for user in users}
    # At the default rate so many messages are this many seconds; the clock of a test machine is no measure.
    assert before / RATE <= WITHIN_S
    assert len(living.house.rows(select(Patrol.id))) == number
    assert living.house.rows(select(Outbox.id).where(Outbox.state == "failed")) == []


def test_a_receipt_overtakes_the_prompts_of_all_others(small: House) -> None:
    with telegram_house(small, begin=False, telegram_rate=RATE) as house:
        users = enrol(small, 30)
        for user in users:
            house.thread.call(
                lambda user=user: house.standin.says(user, location={"longitude": OWN[0], "latitude": OWN[1]})
            )
        for user in users[:-1]:
            house.thread.call(lambda user=user: house.standin.says(user, photo=house.standin.photo(PHOTO)))
        house.thread.call(lambda: house.standin.says(users[-1], text="提交"))
        house.begins()
        waits_for_all(house, 1)
        said = [str(call.given["chat_id"]) for call in house.calls("sendMessage")]
    assert len(said) < len(users)
