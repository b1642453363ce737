"""The work-load book (减负账本): minutes are measured from the first part to the submission, by level and month."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chat_driver import DISTRICT, OWN, Chat, House

from models.area import Area
from rules.workload import READ_S, TAP_S
from services import summary, workload

ZONE = ZoneInfo("Asia/Shanghai")


def november(house: House) -> dict[str, Any]:
    """The row of the month."""
    with house.reading() as session:
        book = workload.book(session, summary.year_span(2026), session.get_one(Area, DISTRICT), ZONE)
    assert [row["month"] for row in book] == [f"2026-{n:02}" for n in range(1, 13)]
    return book[10]


def test_a_record_costs_its_time_and_what_was_read_and_pressed_beside_it(house: House, chat: Chat) -> None:
    before = november(house)
    chat.sends_location(*OWN)
    house.now += timedelta(minutes=4)
    chat.presses("提交")
    after = november(house)
    sent, taps = (after[kind]["community"] - before[kind]["community"] for kind in ("sent", "taps"))
    assert (sent, taps) == (2, 2)
    least, most = 4 * 60, 4 * 60 + READ_S * after["sent"]["community"] + TAP_S * after["taps"]["community"]
    assert least < after["minutes"]["community"] * 60 <= most + 60
    assert after["minutes"]["district"] == after["minutes"]["street"] == 0


def test_a_record_that_the_clock_submitted_costs_nothing_after_its_last_part(house: House, chat: Chat) -> None:
    before = november(house)["minutes"]["community"]
    chat.sends_location(*OWN)
    house.waits(minutes=11)
    assert november(house)["minutes"]["community"] - before <= 1
