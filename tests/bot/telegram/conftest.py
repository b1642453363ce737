"""A small Xicheng that talks to its own Telegram."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_driver import small_house
from telegram_house import Person, TelegramHouse, telegram_house


@pytest.fixture
def living(tmp_path: Path) -> Iterator[TelegramHouse]:
    """The program, running on the embedded database."""
    with small_house("sqlite", tmp_path) as small, telegram_house(small) as house:
        yield house


@pytest.fixture
def hu(living: TelegramHouse) -> Person:
    """胡晓兰, enrolled, who has agreed to share positions."""
    person = living.chat(7001)
    person.sends(f"/start {living.house.invite('胡晓兰')}").hears("注册成功")
    person.sends("/patrol").hears("是否同意")
    person.presses("同意").hears("📍")
    person.sends("/cancel").hears("已取消")
    return person
