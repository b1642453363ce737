"""A wave of reminders on Telegram (提醒高峰): all out within its limits, and whoever speaks is answered first."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from chat_driver import OWN, SINCE, small_house
from reminding import ZONE
from sqlalchemy.orm import Session
from telegram_house import Person, TelegramHouse, telegram_house

from bot.settings import Settings
from models.account import Account
from models.chief import Chief, Post
from models.engine import transaction
from models.message import Priority, Reply
from models.reminder import Reminder
from rules.localtime import local_date
from rules.reminder import PLANNED, REMINDER
from services import outbox
from services.outbox import Said

FIRST = 9_000_001
"""The chat of the first who is to be reminded."""
COMMUNITY = "110102010002"
RATE = Settings.model_fields["telegram_rate"].default
MIDDLE = 10
"""After so many reminders somebody checks in."""
HURRIED = 10
"""Of so many messages one may be refused as too fast in the short form: a machine that pauses brings together what was
sent apart. In full it is none: that is for idle cores. What is asked for at all is proved of `services/pace.py`."""
FEW = 10
"""An answer that fewer reminders follow has waited for all of them; the last round may come in any order."""


@pytest.fixture(params=["sqlite", "postgresql"])
def living(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TelegramHouse]:
    """The program at its own rate, and a Telegram that refuses what comes too fast."""
    with small_house(request.param, tmp_path) as small, telegram_house(small, telegram_rate=RATE) as house:
        house.standin.limits = True
        yield house


def fill(session: Session, number: int) -> None:
    """So many chiefs on Telegram, each with a reminder that is due at this very minute."""
    now = datetime.now(UTC)
    chiefs = [Chief(code=f"W-{n}", name=f"林{n}") for n in range(number)]
    session.add_all(chiefs)
    session.flush()
    posts = [
        Post(chief_id=chief.id, level="community", title="社区林长", area_code=COMMUNITY, valid_from=SINCE)
        for chief in chiefs
    ]
    session.add_all(posts)
    session.flush()
    chats = [str(FIRST + n) for n in range(number)]
    session.add_all(
        Account(channel="telegram", user_id=chat, chat_id=chat, chief_id=chief.id, created_at=now)
        for chat, chief in zip(chats, chiefs, strict=True)
    )
    session.add_all(due(post, now) for post in posts)


def due(post: Post, now: datetime) -> Reminder:
    """The reminder of a post's weekly duty, due now."""
    today = local_date(now, ZONE)
    return Reminder(
        duty_id=3, post_id=post.id, grid_code="", period_start=today, kind=REMINDER, chief_id=post.chief_id,
        opens_on=today, closes_on=today + timedelta(days=6), owed=1, due_at=now, expires_at=now + timedelta(hours=4),
        state=PLANNED,
    )  # fmt: skip


def reminded(house: TelegramHouse) -> list[tuple[str, float]]:
    """The chats of the wave that were told something, in their order, and when; not what Telegram refused."""
    refused = Counter(house.thread.call(lambda: list(house.standin.too_fast)))
    said = ((str(call.given.get("chat_id")), call.at) for call in house.calls("sendMessage"))
    return [(chat, at) for chat, at in said if chat.isdecimal() and int(chat) >= FIRST and was_taken(chat, refused)]


def was_taken(chat: str, refused: Counter[str]) -> bool:
    """Whether a message was taken: of a chat's messages the refused came first."""
    refused[chat] -= 1
    return refused[chat] < 0


def waits_for(house: TelegramHouse, number: int) -> list[tuple[str, float]]:
    """Wait for so many, however long they take while they come."""
    found = reminded(house)
    while len(found) < number:
        found = house.waits_for(partial(more, house, len(found)))
    return found


def more(house: TelegramHouse, than: int) -> list[tuple[str, float]] | None:
    """What was said of the wave, where it is more."""
    found = reminded(house)
    return found if len(found) > than else None


def answered(house: TelegramHouse, hu: Person) -> float:
    """Check in and wait for the answer; gives when that was said."""
    hu.sends_location(*OWN).hears("已定位")
    return hu.heard()[hu.seen - 1].at


def test_a_wave_keeps_telegrams_limits_and_lets_answers_go_first(
    living: TelegramHouse, hu: Person, long: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    number = 1_000 if long else 120
    with transaction(living.house.engine) as session:
        fill(session, number)
    waits_for(living, MIDDLE)
    asked = time.monotonic()
    answer = answered(living, hu)
    wave = waits_for(living, number)
    with capsys.disabled():
        print(
            f"\n{number} reminders in {wave[-1][1] - wave[0][1]:.1f} s; a check-in among them was answered in "
            f"{answer - asked:.2f} s, before {sum(at > answer for _, at in wave)} of them; "
            f"{len(living.standin.too_fast)} refused as too fast"
        )
    assert set(Counter(chat for chat, _ in wave).values()) == {1}
    assert len(wave) == number
    assert len(living.standin.too_fast) * HURRIED <= (0 if long else number)
    assert sum(at > answer for _, at in wave) >= FEW


def test_without_its_rate_telegram_refuses_a_wave(tmp_path: Path) -> None:
    with small_house("sqlite", tmp_path) as small, telegram_house(small, telegram_rate=1000) as house:
        house.standin.limits = True
        with transaction(small.engine) as session:
            fill(session, 60)
        house.waits_for(lambda: len(house.standin.too_fast) * HURRIED > 60)


def test_without_its_priority_a_check_in_waits_for_the_whole_wave(living: TelegramHouse, hu: Person) -> None:
    now = datetime.now(UTC)
    with transaction(living.house.engine) as session:
        chats = (str(FIRST + n) for n in range(60))
        outbox.put(session, (Said("telegram", chat, Reply("巡林提醒"), now, Priority.ANSWER) for chat in chats))
    waits_for(living, MIDDLE)
    answer = answered(living, hu)
    assert sum(at > answer for _, at in waits_for(living, 60)) < FEW
