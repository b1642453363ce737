"""Consent to location in conversation (位置授权对话): asked before the first share; a way on without it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from chat_driver import DESHENG, OWN, Chat, House
from sqlalchemy import select

from bot.channels import CHANNELS
from models.account import Consent
from models.draft import Part, TrackPoint
from models.engine import transaction
from models.inbox import Inbox
from models.local_entry import LocalEntry
from models.message import Message
from models.patrol import Patrol
from models.photo import Photo
from rules.localtime import local_date
from services import grid
from services.inbox import Waiting

NOTICE = "是否同意"
WITH_POSITION = (Path(__file__).parent.parent / "data/photos/special/exif_gps.jpg").read_bytes()


def positions(house: House) -> list[float]:
    """All longitudes that drafts and patrols hold."""
    held = [*house.rows(select(Part.lon)), *house.rows(select(Patrol.lon))]
    return [lon for lon in held if lon is not None]


def raw(house: House) -> str:
    """All that the inbox holds."""
    return "".join(house.rows(select(Inbox.raw)))


def test_consent_is_asked_before_the_first_share_and_never_again(house: House) -> None:
    chat = house.talk_as("胡晓兰")
    assert NOTICE in chat.sends_location(*OWN)
    assert "已定位：德胜街道 · 安德路南社区网格" in chat.presses("同意")
    assert "已登记" in chat.presses("提交")
    assert NOTICE not in chat.sends_location(*OWN)
    assert house.rows(select(Consent.agreed)) == [True]


def test_nothing_is_recorded_with_a_position_before_the_answer(house: House) -> None:
    chat = house.talk_as("胡晓兰")
    chat.sends_location(*OWN)
    assert NOTICE in chat.sends("提交")
    house.waits(minutes=10)
    assert "已先放下" in chat.hears()
    assert NOTICE in chat.presses("提交")
    assert house.rows(select(Patrol)) == []
    assert "已定位" in chat.presses("同意")
    assert "已登记" in chat.presses("提交")
    assert house.rows(select(Patrol.lon)) == [OWN[0]]


def test_after_no_the_position_is_erased_and_the_grid_is_chosen_by_buttons(house: House) -> None:
    chat = house.talk_as("顾梓")
    chat.sends_location(*OWN)
    assert str(OWN[0]) in raw(house)
    assert "已发送的位置已删除" in chat.presses("不同意")
    assert positions(house) == []
    assert str(OWN[0]) not in raw(house)
    assert chat.last.buttons == ("新风中直社区第一网格", "新风中直社区第二网格", "✅ 提交", "取消")
    assert "网格：德胜街道 · 新风中直社区第二网格" in chat.presses("第二网格")
    assert "已登记" in chat.presses("提交")
    patrol = house.rows(select(Patrol))[0]
    assert (patrol.verdict, patrol.lon, patrol.street_code) == ("counted", None, "110102010")
    assert patrol.grid_version_id is not None


def shown(house: House) -> str:
    """All that the page shows of what was sent."""
    return "".join(house.rows(select(LocalEntry.body).where(LocalEntry.inbox_id.is_not(None))))


def test_after_no_the_page_shows_the_position_no_more_and_draws_its_line_again(house: House) -> None:
    chat = house.talk_as("顾梓")
    chat.sends_location(*OWN)
    assert str(OWN[0]) in shown(house)
    chat.presses("不同意")
    chat.sends_location(*OWN)
    assert str(OWN[0]) not in shown(house)
    told = [json.loads(body) for body in house.rows(select(LocalEntry.body)) if '"event": "erased"' in body]
    lines = house.rows(select(LocalEntry.id).where(LocalEntry.body.contains('"erased": true')))
    assert [(one["event"], one["id"]) for one in told] == [("erased", line) for line in lines]
    assert len(lines) == 2


def test_after_no_neither_digits_as_sent_nor_a_track_are_kept(house: House) -> None:
    chat = house.talk_as("顾梓")
    chat.sends_location(*OWN)
    with transaction(house.engine) as session:
        # As a platform over a network leaves them.
        part = session.scalars(select(Part).where(Part.lon.is_not(None))).one()
        part.raw_position = "116.385325,39.949052"
        session.add(TrackPoint(part_id=part.id, at=house.now, lon=OWN[0], lat=OWN[1]))
    chat.presses("不同意")
    assert [one for one in house.rows(select(Part.raw_position)) if one] == []
    assert house.rows(select(TrackPoint)) == []


@pytest.mark.parametrize("answer", ["", "不同意", "同意"])
def test_where_the_camera_stood_is_kept_with_consent_only(house: House, answer: str) -> None:
    chat = house.talk_as("顾梓")
    chat.sends("巡林")
    if answer:
        chat.presses(answer)
    chat.sends_photos(of=WITH_POSITION)
    house.opens_photos()
    assert house.rows(select(Photo.state)) == ["checked"]
    assert [lon is not None for lon in house.rows(select(Photo.exif_lon))] == [answer == "同意"]


def test_no_also_erases_where_the_camera_stood(house: House) -> None:
    chat = house.talk_as("顾梓")
    chat.sends("巡林")
    asked = chat.last
    chat.presses("同意")
    chat.sends_photos(of=WITH_POSITION)
    house.opens_photos()
    chat.presses("不同意", asked)
    assert [*house.rows(select(Photo.exif_lon)), *house.rows(select(Photo.exif_lat))] == [None, None]


def test_no_also_erases_what_a_draft_put_aside_holds(house: House) -> None:
    chat = house.talk_as("顾梓")
    chat.sends_location(*OWN)
    house.waits(minutes=10)
    chat.presses("不同意")
    assert positions(house) == []
    assert str(OWN[0]) not in raw(house)


def test_who_refused_chooses_the_grid_next_time_too(house: House) -> None:
    chat = house.talk_as("顾梓")
    chat.sends("巡林")
    chat.presses("不同意")
    chat.sends("取消")
    assert "请选择网格" in chat.sends("巡林")
    assert "第一网格" in chat.last.buttons[0]
    assert "已发送的位置已删除" in chat.sends_location(*OWN)
    assert positions(house) == []


def test_the_whole_notice_is_said_once_and_what_follows_is_acknowledged(house: House) -> None:
    chat = house.talk_as("顾梓")
    assert "只用来确定网格" in chat.sends_location(*OWN)
    said = chat.sends_photos(2)
    assert "只用来确定网格" not in said
    assert "已收到位置，您同意后才会使用" in said
    assert "已收到照片 2 张" in said
    assert "德胜街道" not in said
    assert chat.last.buttons == ("同意", "不同意", "✅ 提交", "取消")


def test_who_refused_is_not_asked_for_the_grid_at_every_part(house: House) -> None:
    chat = house.talk_as("顾梓")
    chat.sends_location(*OWN)
    chat.presses("不同意")
    assert "已记下：树都好" in chat.sends("树都好")
    assert "可以选网格，也可以直接提交" in chat.last.text
    assert "⚠️ 发现问题" in chat.last.buttons
    chat.presses("选网格")
    assert "网格：德胜街道 · 新风中直社区第一网格" in chat.presses("第一网格")


def test_a_district_chief_who_refused_reaches_every_grid_by_its_street(house: House) -> None:
    chat = house.talk_as("万守梓")
    chat.sends_photos(1)
    said = chat.presses("不同意")
    assert "已收到照片 1 张" in said
    assert "请先选街道" in said
    assert chat.last.buttons == ("西长安街街道", "德胜街道", "✅ 提交", "取消")
    with house.reading() as session:
        chief = chat.account.chief_id or 0
        names = [
            name for _, name in grid.own_names(session, chief, local_date(house.now, house.settings.zone), DESHENG)
        ]
    said, seen = chat.presses("德胜街道"), list[str]()
    assert f"1–12／共 {len(names)} 个" in said
    while True:
        seen += [button for button in chat.last.buttons if button in names]
        if "下一页 ▶" not in chat.last.buttons:
            break
        chat.presses("下一页", chat.last)
    assert seen == names
    assert f"网格：德胜街道 · {names[-1]}" in chat.presses(names[-1])
    chat.presses("提交")
    assert house.rows(select(Patrol.street_code)) == [DESHENG]


def test_a_forwarded_position_counts_as_none_under_the_policy_of_2026(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = CHANNELS["local"]

    def forwarding(waiting: Waiting) -> Message:
        # The page cannot forward; other platforms say so of a message, as here.
        return replace(local.translate(waiting), forwarded=True)

    monkeypatch.setitem(CHANNELS, "local", replace(local, translate=forwarding))
    assert "这是转发的位置" in chat.sends_location(*OWN)
    assert "已登记" in chat.sends("提交")
    patrol = chat.house.rows(select(Patrol))[0]
    assert (patrol.forwarded, patrol.verdict, patrol.outside_m) == (True, "counted", None)
