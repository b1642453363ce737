"""公布 (snapshots): the figures are frozen, and every later difference has its cause; the causes add up."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from chat_driver import DISTRICT, NEIGHBOURS, OWN, Chat, House
from sqlalchemy import select, update

from models.area import Area
from models.chief import Chief
from models.count import Count
from models.engine import transaction
from models.message import Location
from models.patrol import Patrol
from models.snapshot import Snapshot
from services import snapshot, summary
from services.patrol import Submission, record

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def published(house: House, chat: Chat) -> Chat:
    """The office after it published this year: two patrols counted, one far outside."""
    for place in (OWN, OWN, NEIGHBOURS):
        chat.sends_location(*place)
        chat.presses("提交")
        house.now += timedelta(hours=1)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("年报 2026")
    office.presses("公布")
    assert "合计 2 次" in office.presses("确认公布")
    house.now += timedelta(hours=2)
    return office


def numbers(house: House) -> list[str]:
    return list(house.rows(select(Patrol.number).order_by(Patrol.id)))


def late_entry(house: House, at: datetime) -> None:
    with transaction(house.engine) as session:
        chief = session.scalars(select(Chief.id).where(Chief.name == "胡晓兰")).one()
        record(session, Submission(chief, 990_001, at, Location(*OWN), photos=1), ZONE, house.now)


def explained(house: House) -> tuple[int, int]:
    """The difference of the totals, and the sum of the causes."""
    with house.reading() as session:
        last = session.scalars(select(Snapshot)).one()
        span, area = summary.year_span(2026), session.get_one(Area, DISTRICT)
        now = summary.figures(session, span, area, ZONE, house.now)
        rows = snapshot.differences(session, last, now)
        return now["counted"]["total"] - last.figures["counted"]["total"], sum(row.n for row in rows)


def test_nothing_changed_is_said(published: Chat) -> None:
    assert "没有变化" in published.presses("为什么和上次不一样")
    assert "没有变化" in published.sends("为什么和上次不一样？2026年")


def test_every_change_is_listed_by_its_cause_with_its_receipt_numbers(
    house: House, published: Chat, chat: Chat
) -> None:
    first, second, far = numbers(house)
    late_entry(house, datetime(2026, 3, 3, 2, tzinfo=UTC))
    chat.sends_location(*OWN)
    chat.presses("提交")
    chat.presses("撤回", next(one for one in chat.heard if second in one.text))
    chat.presses("确认撤回")
    for number, act in ((far, "计入"), (first, "作废")):
        published.sends(f"核实 {number}")
        published.presses(act)
        published.sends("核对过")
    said = published.sends("为什么和上次不一样 2026")
    late, new = numbers(house)[3:]
    assert "公布 2 次，现在 3 次（+1）" in said
    for line in (
        f"· 社区级 +1：公布后补报（{late}）", f"· 社区级 +1：公布后新增（{new}）", f"· 社区级 -1：撤回（{second}）",
        f"· 社区级 +1：林长办核实计入（{far}）", f"· 社区级 -1：林长办作废（{first}）",
    ):  # fmt: skip
        assert line in said
    assert explained(house) == (1, 1)


def test_meetings_that_were_added_are_listed_too(house: House, published: Chat) -> None:
    house.now += timedelta(days=1)
    published.sends("调度会 今天召开的防火调度会")
    published.presses("登记")
    assert "· 调度会 +1：公布后新增" in published.sends("为什么和上次不一样 2026")


def test_what_no_patrol_explains_is_said_and_not_hidden(house: House, published: Chat) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Count).where(Count.verdict == "counted").values(n=Count.n + 3))
    assert "· 社区级 +3：保存的次数与记录不符" in published.sends("为什么和上次不一样 2026")
    assert explained(house) == (3, 3)


def test_a_change_taken_back_is_no_difference(house: House, published: Chat) -> None:
    for act in ("作废", "计入"):
        published.sends(f"核实 {numbers(house)[0]}")
        published.presses(act)
        published.sends("核对过")
    assert "没有变化" in published.sends("为什么和上次不一样 2026")


def test_a_damaged_snapshot_is_noticed(house: House, published: Chat) -> None:
    with transaction(house.engine) as session:
        one = session.scalars(select(Snapshot)).one()
        one.figures = {**one.figures, "meetings": 9}
    assert "与校验码不符" in published.sends("为什么和上次不一样 2026")


def test_control_the_digest_of_the_same_figures_is_the_same_in_any_order() -> None:
    assert snapshot.digest_of({"a": 1, "b": {"c": 2, "d": 3}}) == snapshot.digest_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert snapshot.digest_of({"a": 1}) != snapshot.digest_of({"a": 2})


def test_publishing_asks_once_and_is_the_offices(house: House, published: Chat) -> None:
    confirm = next(one for one in published.heard if "确认公布" in one.buttons)
    assert "已经用过" in published.presses("确认公布", confirm)
    assert len(house.rows(select(Snapshot.id))) == 1
    assert "由林长办查看" in house.talk_as("胡晓兰").sends("为什么和上次不一样")
    assert "还没有公布过" in published.sends("为什么和上次不一样 2025")


def test_every_cause_opens_the_list_of_its_records(house: House, published: Chat) -> None:
    for number, act in zip(numbers(house), ("作废", "计入"), strict=False):
        published.sends(f"核实 {number}")
        published.presses(act)
        published.sends("核对过")
    published.sends("为什么和上次不一样 2026")
    said = published.presses("林长办作废 1条")
    assert "与公布时不同的记录，林长办作废：1–1／共 1 条" in said
    assert [(row[3], row[4]) for row in published.last.rows] == [("林长办作废", numbers(house)[0])]
    assert "由林长办查看" in house.talk_as("胡晓兰").sends("为什么和上次不一样")
