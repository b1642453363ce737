"""一张图 in the chat (网格图): the picture's figures are those of the table, whoever asks."""

from typing import Any

import pytest
from chat_driver import DESHENG, DISTRICT, OWN, Chat, House
from sqlalchemy import select

from models.outbox import Outbox


@pytest.fixture
def busy(house: House, chat: Chat) -> House:
    """Two patrols of 胡晓兰, three days apart."""
    for days in (3, 2):
        chat.sends_location(*OWN)
        chat.presses("提交")
        house.waits(days=days)
    return house


def drawn(house: House) -> dict[str, Any]:
    """The figures of the latest picture."""
    bodies = house.rows(select(Outbox.body).order_by(Outbox.id.desc()))
    found: dict[str, Any] = next(body["attachment"]["figures"] for body in bodies if "attachment" in body)
    return found


def test_the_map_has_the_figures_of_the_table(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("一张图 今年 德胜街道")
    assert office.heard[-2].body["pictures"]
    assert "/map#" in office.last.text
    found = drawn(busy)
    office.sends("统计 今年 德胜街道 按网格")
    table = next(one for one in reversed(office.heard) if one.rows)
    assert [f"{grid['n']}" for grid in found["grids"]] == [row[1] for row in table.rows[:-1]]
    assert (sum(grid["n"] for grid in found["grids"]), found["elsewhere"], found["borders"]) == (2, 0, [])


def test_the_button_shows_the_days_since_the_last_patrol(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("一张图")
    office.presses("看距上次天数")
    assert [grid["n"] for grid in drawn(busy)["grids"] if grid["n"] is not None] == [2]
    office.presses("看次数")
    assert drawn(busy)["shown"] == "patrols"
    # Two streets, each with its own line.
    assert len(drawn(busy)["borders"]) == 2


def test_calendar_and_streets_are_pictures_of_the_summary(busy: House) -> None:
    office = busy.talk_as(f"office {DISTRICT}")
    office.sends("年报 2026")
    office.presses("日历")
    assert sorted(drawn(busy)["by_day"].values()) == [1, 1]
    office.presses("按街道图")
    assert drawn(busy)["by_street"][DESHENG]["total"] == 2


def test_only_the_office_of_the_area_sees_it(busy: House) -> None:
    assert "由林长办查看" in busy.talk_as("胡晓兰").sends("一张图")
    assert "只能查看" in busy.talk_as("office 110102001").sends("一张图 今年 德胜街道")
    assert "画不成图" in busy.talk_as(f"office {DISTRICT}").sends("一张图 安德路南社区")
