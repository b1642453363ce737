"""Cards on WeCom (企业微信卡片): buttons that do nothing any more say so, before and after they are clicked."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from chat_driver import OWN, Heard
from sqlalchemy import select
from wecom_chat import WecomChat, WecomHouse, wecom_house
from wecom_server import CODE_SPENT

from models.patrol import Patrol
from models.wecom import WecomCard


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WecomHouse]:
    with wecom_house(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def chat(house: WecomHouse) -> WecomChat:
    """胡晓兰, who has agreed to share positions, and whose earlier cards are in order."""
    found = house.talk_as("胡晓兰")
    assert isinstance(found, WecomChat)
    found.sends_location(*OWN)
    found.presses("同意")
    found.sends("取消")
    house.keeps_up()
    house.server.updates.clear()
    return found


def shown(house: WecomHouse) -> list[str]:
    """What the updated cards show."""
    return [one["button"]["replace_name"] for one in house.server.updates]


def code_of(house: WecomHouse, card: Heard) -> str:
    """The code that WeCom gave for a card when it took it."""
    place = house.server.sent.index(card.body)
    return f"code-{place + 1}"


def test_a_word_that_ends_the_draft_updates_its_cards(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    first = chat.last
    chat.sends_photos(1)
    second = chat.last
    assert house.keeps_up() == 0
    chat.sends("提交")
    assert house.keeps_up() == 2
    assert shown(house) == ["已提交", "已提交"]
    codes = [one["response_code"] for one in house.server.updates]
    assert codes == [code_of(house, first), code_of(house, second)]
    assert house.keeps_up() == 0


def test_the_clock_ends_it_too(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    house.waits(minutes=11)
    assert "已登记" in chat.hears()
    house.keeps_up()
    assert shown(house) == ["已提交"]


def test_a_cancelled_draft_says_so_on_its_card(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    chat.sends("取消")
    house.keeps_up()
    assert shown(house) == ["已取消"]


def test_the_card_that_was_clicked_is_updated_once_and_the_others_follow(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    first = chat.last
    chat.sends_photos(1)
    chat.presses("提交")
    assert shown(house) == ["已选 ✅ 一切正常，提交"]
    assert house.keeps_up() == 1
    assert shown(house)[1:] == ["已提交"]
    assert house.server.updates[1]["response_code"] == code_of(house, first)


def test_a_late_click_never_says_that_it_was_chosen(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    card = chat.last
    chat.sends("提交")
    assert "已经提交或取消了" in chat.presses("取消", card)
    assert shown(house) == ["已提交"]
    assert house.keeps_up() == 0
    assert [one.withdrawn_at for one in house.rows(select(Patrol))] == [None]


def test_a_draft_that_expired_can_still_be_submitted_by_its_card(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends("巡林")
    card = chat.last
    house.waits(hours=25)
    assert house.keeps_up() == 0
    assert "已登记" in chat.presses("提交", card)


def test_after_three_days_a_card_is_left_alone_and_a_click_explains_itself(house: WecomHouse, chat: WecomChat) -> None:
    chat.sends_location(*OWN)
    card = chat.last
    chat.sends("提交")
    house.now += timedelta(hours=73)
    assert house.keeps_up() == 0
    assert "已经提交或取消了" in chat.presses("取消", card)


@pytest.mark.parametrize("errcode", [CODE_SPENT, 81013])
def test_a_card_that_cannot_be_updated_is_not_tried_for_ever(house: WecomHouse, chat: WecomChat, errcode: int) -> None:
    chat.sends_location(*OWN)
    chat.sends("提交")
    house.server.says["message/update_template_card"].append(errcode)
    assert house.keeps_up() == 1
    assert shown(house) == []
    assert house.rows(select(WecomCard)) == []


def test_a_bad_moment_of_wecom_is_waited_out(house: WecomHouse, chat: WecomChat) -> None:
    from bot.channel_error import ChannelError

    chat.sends_location(*OWN)
    chat.sends("提交")
    house.server.says["message/update_template_card"].append(-1)
    with pytest.raises(ChannelError):
        house.keeps_up()
    house.keeps_up()
    assert shown(house) == ["已提交"]
