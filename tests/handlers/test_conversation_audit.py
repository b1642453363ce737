"""What is audited (审计): every change, and every look at evidence, is a row of the same commit."""

import json
from datetime import timedelta

from audit_house import chain, tampering, verified
from chat_driver import DESHENG, DISTRICT, NEIGHBOURS, OWN, Chat, House
from sqlalchemy import select, text

from models.audit import Audit
from models.patrol import Patrol
from scheduler import audits


def deeds(house: House, who: Chat | None = None) -> list[tuple[str, str, str | None, str]]:
    """What was noted, in order: of one person, or of everybody."""
    query = select(Audit).order_by(Audit.id)
    if who is not None:
        query = query.where(Audit.who == f"account:{who.account.id}")
    return [(row.what, row.object, row.area_code, row.result) for row in house.rows(query)]


def submitted(house: House, chat: Chat, place: tuple[float, float] = OWN) -> str:
    chat.sends_location(*place)
    chat.presses("提交")
    number: str = house.rows(select(Patrol.number).order_by(Patrol.id.desc()))[0]
    return number


def test_a_patrol_from_its_submission_to_its_withdrawal_and_what_followed(house: House, chat: Chat) -> None:
    first = submitted(house, chat)
    house.now += timedelta(minutes=2)
    second = submitted(house, chat)
    chat.sends("撤回")
    chat.presses("确认撤回")
    assert deeds(house, chat)[-3:] == [
        ("patrol.submitted", f"patrol:{first}", DESHENG, "counted"),
        ("patrol.submitted", f"patrol:{second}", DESHENG, "within_5_min"),
        ("patrol.withdrawn", f"patrol:{second}", DESHENG, "withdrawn"),
    ]
    chat.sends("我的数据")
    assert deeds(house, chat)[-1] == ("data.exported", f"account:{chat.account.id}", None, "done")
    assert ("consent.answered", "consent:2026-11", None, "agreed") in deeds(house, chat)


def test_the_office_is_noted_with_what_it_looked_at_ruled_set_and_took_along(house: House, chat: Chat) -> None:
    number = submitted(house, chat, NEIGHBOURS)
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("核实")
    office.presses("计入")
    office.presses("联合巡林")
    office.sends("年报")
    office.presses("Word")
    office.sends("统计 今年")
    office.presses("明细")
    office.sends("任务 社区级 每周1次")
    office.sends("提醒 社区级 周二 10:00")
    office.sends("一张图")
    found = deeds(house, office)
    street = house.rows(select(Patrol.street_code))[0]
    assert ("record.viewed", f"patrol:{number}", street, "done") in found
    assert ("patrol.accepted", f"patrol:{number}", street, "counted") in found
    assert ("summary.exported", "summary:2026-01-01..2026-12-31:docx", DISTRICT, "done") in found
    assert {what for what, *_ in found} >= {"record.listed", "duty.added", "schedule.set", "map.link_issued"}
    assert ("office.added", DISTRICT) in [(what, area) for what, _, area, _ in deeds(house)]


def test_orders_meetings_and_problems_are_noted_as_well(house: House, chat: Chat) -> None:
    chat.sends("上报 河边有棵树快倒了")
    chat.presses("✅ 上报")
    office = house.talk_as(f"office {DISTRICT}")
    office.sends("林长令 加密巡查\n汛期请加密巡查。")
    office.presses("确认发布")
    chat.hears()
    chat.presses("已收到")
    office.sends("统计 问题 今年")
    office.presses("明细")
    office.presses("WT-2026-000001")
    office.presses("经过")
    office.sends("调度会 三季度林长制调度会")
    office.presses("登记")
    office.presses("补充会议")
    office.presses("主持人")
    office.presses("万守梓")
    found = {(what, object) for what, object, *_ in deeds(house, office)}
    assert found >= {
        ("order.issued", "order:1"), ("meeting.chair", "meeting:1"),
        ("problem.listed", "problems:2026-01-01..2026-12-31"),
        ("problem.viewed", "problem:WT-2026-000001"), ("problem.history_viewed", "problem:WT-2026-000001"),
    }  # fmt: skip
    assert ("order.received", "order:1", DISTRICT, "done") in deeds(house, chat)


def test_an_attempt_at_what_is_not_ones_own_is_noted_and_a_mistake_is_not(house: House, chat: Chat) -> None:
    chat.sends("核实")
    chat.sends("提交")
    assert [(what, result) for what, _, _, result in deeds(house, chat) if what == "attempt.refused"] == [
        ("attempt.refused", "refused:review.not_yours")
    ]


def test_no_row_holds_a_name_a_phone_a_position_or_words(house: House, chat: Chat) -> None:
    chat.sends_location(*OWN)
    chat.sends("树倒了，联系我 13800001234")
    chat.presses("提交")
    office = house.talk_as(f"office {DISTRICT}")
    office.sends(f"核实 {house.rows(select(Patrol.number))[0]}")
    office.presses("作废")
    office.sends("代他人登记")
    said = json.dumps(deeds(house), ensure_ascii=False)
    for personal in ("胡晓兰", "13800001234", "116.38", "39.94", "树倒了", "代他人"):
        assert personal not in said


def test_a_message_that_fails_leaves_the_rows_of_the_others_alone(house: House, chat: Chat) -> None:
    other = house.talk_as("万枕萱")
    # Both wait, and are worked on in one transaction: the refused one is taken back, the other stays.
    chat.sends_location(*OWN)
    worker, house.worker = house.worker, _Idle()
    chat.presses("提交")
    other.sends("核实")
    house.worker = worker
    house.works()
    assert deeds(house, chat)[-1][0] == "patrol.submitted"
    assert [what for what, *_ in deeds(house, other)] == ["attempt.refused"]


class _Idle:
    def work_once(self, now: object) -> int:
        return 0


def test_the_clock_chains_and_sends_the_head_to_a_chat_once_a_day(house: House, chat: Chat) -> None:
    submitted(house, chat)
    assert audits.chain_noted(house.engine) > 0
    assert audits.chain_noted(house.engine) == 0
    keeper = house.talk_as("keeper")
    for _ in range(2):
        audits.ask_for_anchor(house.engine, "local:keeper", house.settings.zone, house.now)
        house.works()
        house.now += timedelta(hours=1)
    (said,) = keeper.replies()
    assert "审计链锚" in said.text
    statement = said.text.splitlines()[1]
    assert verified(house.engine).anchors == 1
    house.now += timedelta(days=1)
    audits.ask_for_anchor(house.engine, "local:keeper", house.settings.zone, house.now)
    house.works()
    assert keeper.replies()[0].text.splitlines()[1] != statement


def test_the_anchor_of_the_chat_finds_what_all_in_the_database_hides(house: House, chat: Chat) -> None:
    from audit_house import rehash

    from services import audit

    submitted(house, chat)
    keeper = house.talk_as("keeper")
    audits.ask_for_anchor(house.engine, "local:keeper", house.settings.zone, house.now)
    house.works()
    anchor = audit.read_head(keeper.replies()[0].text.splitlines()[1])
    assert anchor is not None
    assert chain(house.engine) == 1  # that it was anchored
    with tampering(house.engine) as connection:
        connection.execute(text("UPDATE audit SET result = 'withdrawn' WHERE what = 'patrol.submitted'"))
        rehash(connection, 1)
        connection.execute(text("DELETE FROM audit_anchor"))
    assert verified(house.engine).broken is None
    found = verified(house.engine, anchor).broken
    assert found is not None
    assert (found.seq, found.kind) == (anchor.seq, "anchor")
