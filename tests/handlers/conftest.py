"""A house to talk in (对话环境): on each of the two databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_driver import OWN, Chat, House, small_house
from telegram_chat import telegram_talk
from wecom_chat import wecom_house

HOUSES = {"local": small_house, "telegram": telegram_talk, "wecom": wecom_house}


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng with a clock of its own."""
    with small_house(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def chat(house: House) -> Chat:
    """胡晓兰, a community chief who has agreed to share positions."""
    found = house.talk_as("胡晓兰")
    found.sends_location(*OWN)
    found.presses("同意")
    found.sends("取消")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database, for houses of other shapes."""
    return str(request.param)


@pytest.fixture(params=sorted(HOUSES))
def anywhere(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[House]:
    """A small Xicheng on one of the channels."""
    with HOUSES[request.param](database, tmp_path) as made:
        yield made
