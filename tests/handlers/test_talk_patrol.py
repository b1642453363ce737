"""A patrol as a conversation (巡林对话): any order, by button, by word, by itself; what is odd is said kindly."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from talking import Chat, said
from xicheng import xicheng_url

from bot.settings import read_settings
from models.draft import Part
from models.engine import open_engine, reading
from models.grid import GridCommunity, GridVersion
from models.inbox import Inbox
from models.patrol import Patrol
from services import count

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
IN_2023 = datetime(2023, 5, 16, 2, tzinfo=UTC)
HU = "110102010002-L1"
NUMBER = re.compile(r"XL-\d{4}-\d{6}")
Talk = Callable[..., Chat]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Xicheng, freshly loaded; what was counted is proved in the end of every conversation."""
    with xicheng_url(request.param, tmp_path) as url:
        engine = open_engine(url)
        yield engine
        with reading(engine) as session:
            assert count.differences(session) == []
        engine.dispose()


@pytest.fixture
def talk(engine: Engine, tmp_path: Path) -> Talk:
    """A chat as somebody, at some time."""

    def as_(user: str = HU, now: datetime = NOW, consent: bool = True) -> Chat:
        settings = read_settings(language="zh_CN", timezone="Asia/Shanghai")
        chat = Chat(engine, settings, user, now, tmp_path)
        if user.startswith("office"):
            return chat
        chat.enrol()
        if consent:
            chat.sends("巡林")
            chat.presses("同意")
            chat.sends("取消")
        return chat

    return as_


def home(engine: Engine, now: datetime = NOW) -> tuple[float, float]:
    """A point inside Hu's own grid."""
    with reading(engine) as session:
        row = session.execute(
            select(GridVersion.label_lon, GridVersion.label_lat)
            .join(GridCommunity, GridCommunity.grid_version_id == GridVersion.id)
            .where(GridCommunity.community_code == HU[:12], GridVersion.valid_from <= now.date())
            .order_by(GridVersion.valid_from.desc())
        ).first()
    assert row
    return row[0], row[1]


def patrols(engine: Engine) -> list[Patrol]:
    with reading(engine) as session:
        return list(session.scalars(select(Patrol).order_by(Patrol.id)))


def test_location_photo_submit(engine: Engine, talk: Talk) -> None:
    chat = talk()
    assert "德胜街道" in said(chat.sends_location(*home(engine)))
    assert "2 张" in said(chat.sends(photos=2))
    receipt = said(chat.presses("提交"))
    assert NUMBER.search(receipt)
    assert "本周已巡 1 次" in receipt
    (patrol,) = patrols(engine)
    assert (patrol.verdict, patrol.photos, patrol.outside_m) == ("counted", 2, 0.0)


def test_photo_first_then_words_then_location_by_word(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1)
    chat.sends("树木完好")
    chat.sends_location(*home(engine))
    assert NUMBER.search(said(chat.sends("提交")))
    assert patrols(engine)[0].note == "树木完好"


def test_free_text_never_becomes_a_patrol_by_itself(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends("今天天气好")
    chat.waits(hours=30)
    assert patrols(engine) == []
    chat.presses("记为巡林")
    chat.presses("提交")
    assert patrols(engine)[0].note == "今天天气好"


def test_a_draft_with_a_photo_is_submitted_ten_minutes_after_its_last_part(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1)
    chat.waits(minutes=9, seconds=59)
    chat.sends(photos=1)
    assert chat.waits(minutes=9, seconds=59) == []
    assert NUMBER.search(said(chat.waits(seconds=2)))
    assert patrols(engine)[0].photos == 2


def test_a_double_tap_gives_one_patrol(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends_location(*home(engine))
    chat.presses("提交")
    assert "已经提交" in said(chat.presses("一切正常，提交"))
    assert len(patrols(engine)) == 1


def test_the_same_delivery_twice_counts_once(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1, key="same")
    assert chat.sends(photos=1, key="same") == []
    chat.presses("提交")
    assert patrols(engine)[0].photos == 1


def test_cancel_drops_the_draft(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1)
    assert "已取消" in said(chat.presses("取消"))
    chat.waits(minutes=20)
    assert patrols(engine) == []


def test_withdrawing_asks_once_and_moves_the_count(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1)
    chat.presses("提交")
    chat.sends("撤回")
    assert "已撤回" in said(chat.presses("确认撤回"))
    (patrol,) = patrols(engine)
    assert (patrol.verdict, patrol.reason) == ("not_counted", "withdrawn")


def test_after_a_day_nothing_can_be_withdrawn(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1)
    chat.presses("提交")
    chat.waits(hours=24, seconds=1)
    assert "没有可以撤回" in said(chat.sends("撤回"))
    assert patrols(engine)[0].verdict == "counted"


def test_a_second_one_counts_when_the_first_is_withdrawn(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends_location(*home(engine))
    chat.presses("提交")
    with_first = patrols(engine)[0].id
    chat.sends("撤回")
    chat.waits(minutes=1)
    chat.sends_location(*home(engine))
    chat.sends("提交")
    assert patrols(engine)[1].reason == "within_5_min"
    first_question = next(a for a in chat.last if a["text"] and "要撤回" in a["text"])
    chat.presses("确认撤回", outbox=first_question["outbox"])
    assert [(p.id == with_first, p.reason) for p in patrols(engine)] == [(True, "withdrawn"), (False, None)]


def test_a_point_outside_is_said_in_metres(engine: Engine, talk: Talk) -> None:
    chat = talk()
    lon, lat = home(engine)
    assert re.search(r"责任区外 \d+ 米", said(chat.sends_location(lon + 0.1, lat)))
    receipt = said(chat.presses("提交"))
    assert "责任区外" in receipt
    assert patrols(engine)[0].reason == "far_outside"


def test_under_the_policy_of_2023_a_late_photo_makes_it_count(engine: Engine, talk: Talk) -> None:
    chat = talk(now=IN_2023)
    chat.sends_location(*home(engine, IN_2023))
    assert "没有照片" in said(chat.presses("提交"))
    assert patrols(engine)[0].reason == "no_photo"
    chat.waits(hours=23)
    chat.presses("补照片")
    assert "已计入" in said(chat.sends(photos=1))
    assert patrols(engine)[0].verdict == "counted"


def test_refusing_consent_erases_the_position_and_leaves_a_way(engine: Engine, talk: Talk) -> None:
    chat = talk(consent=False)
    assert "是否同意" in said(chat.sends_location(*home(engine)))
    assert "请选择" in said(chat.presses("不同意"))
    chat.presses("网格")
    assert NUMBER.search(said(chat.presses("提交")))
    (patrol,) = patrols(engine)
    assert (patrol.lon, patrol.verdict) == (None, "counted")
    assert patrol.grid_version_id is not None
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Part).where(Part.lon.is_not(None))) == 0
        assert session.scalar(select(func.count()).select_from(Inbox).where(Inbox.raw.contains('"lon"'))) == 0


def test_the_problem_is_kept_with_the_patrol(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1)
    chat.presses("发现问题")
    chat.presses("折枝")
    chat.presses("提交")
    assert patrols(engine)[0].problem_type == "折枝"


def test_nobody_presses_the_buttons_of_another_chat(engine: Engine, talk: Talk) -> None:
    hu, xia = talk(), talk("110102001011-L1")
    prompt = hu.sends(photos=1)[-1]
    answer = said(xia.sends(press={"outbox": prompt["outbox"], "button": 0}))
    assert "失效" in answer
    assert patrols(engine) == []


def test_the_office_counts_its_own_area_and_nothing_else(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends(photos=1)
    chat.presses("提交")
    district, desheng, other = (talk(f"office-{code}") for code in ("110102", "110102010", "110102001"))
    assert "计入 1 次" in said(district.sends("统计 今年"))
    assert "计入 1 次" in said(desheng.sends("统计 本月 德胜 按网格"))
    assert "只能查看自己" in said(other.sends("统计 今年 德胜街道"))
    assert "没有找到" in said(district.sends("统计 今年 德升街道"))
    assert "日期不存在" in said(district.sends("统计 2月30日"))
    district.sends("统计 今年")
    rows = district.presses("查看明细")[-1]["table"]["rows"]
    assert [row[4] for row in rows] == [patrols(engine)[0].number]


def test_a_chief_sees_the_own_counts_and_own_records(engine: Engine, talk: Talk) -> None:
    hu, xia = talk(), talk("110102001011-L1")
    hu.sends(photos=1)
    hu.presses("提交")
    assert "今年计入 1 次" in said(hu.sends("我的"))
    assert "今年计入 0 次" in said(xia.sends("我的"))
    assert "只能查看自己" in said(xia.sends("统计 今年 德胜街道"))


def test_feedback_and_own_data_answer_from_the_start(engine: Engine, talk: Talk) -> None:
    chat = talk()
    chat.sends("意见")
    assert "谢谢" in said(chat.sends("字太小了"))
    (document,) = chat.sends("我的数据")[-1]["documents"]
    stored = chat.data_dir / "files" / document["url"].rpartition("/")[2][:2] / document["url"].rpartition("/")[2]
    assert "字太小了" in stored.read_text("utf-8")


def test_a_meeting_is_registered_by_the_office_and_refused_to_a_community_chief(engine: Engine, talk: Talk) -> None:
    assert "已登记调度会" in said(talk("office-110102").sends("调度会 三季度调度会"))
    assert "只有区级" in said(talk().sends("调度会 三季度调度会"))
