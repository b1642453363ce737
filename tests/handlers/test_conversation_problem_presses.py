"""Anybody presses anything (随意点按), on the newest card or an old one: the table holds, each press is answered."""

from pathlib import Path

from chat_driver import DESHENG, DISTRICT, Chat, small_house
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models.engine import transaction
from models.problem import Problem, ProblemStep
from rules.problem_flow import Action
from services import problem_step, unit

WHO = st.sampled_from([0, 1, 1, 1, 2, 3])
WORDS = ("弄好了", "取消", "问题", "没有整改到位", "20261124001")


def act(chat: Chat, choice: int) -> str:
    """A press on one of the last cards, or words, or a photo."""
    kind, n = choice % 8, choice // 8
    if kind == 0:
        return chat.sends(WORDS[n % len(WORDS)])
    if kind == 1:
        return chat.sends_photos(1)
    cards = [one for one in chat.heard if any(label not in _NOT_OURS for label in one.buttons)][-4:]
    choices = [(one, label) for one in cards for label in one.buttons if label not in _NOT_OURS]
    if not choices:
        return chat.sends("问题")
    card, label = choices[n % len(choices)]
    return chat.presses(label, card)


_NOT_OURS = {"📍 开始巡林", "帮助", "记为巡林", "✅ 一切正常，提交", "✅ 提交", "跳过照片", "选网格"}


def test_no_sequence_of_presses_leaves_the_table(tmp_path: Path, long: bool) -> None:
    with small_house("sqlite", tmp_path) as house:
        chief, street = house.talk_as("胡晓兰"), house.talk_as(f"office {DESHENG}")
        district, crew = house.talk_as(f"office {DISTRICT}"), house.talk_as("team")
        with transaction(house.engine) as session:
            unit.add(session, "maintenance", "养护队一", DESHENG, house.now, account=("local", "team"))
        people = (chief, street, district, crew)

        def accept() -> None:
            street.presses("✅ 受理")

        def assign() -> None:
            street.presses("交办")
            street.presses("养护队一")

        def rectify() -> None:
            crew.presses("整改完成")
            crew.sends_photos(1)

        @settings(max_examples=100 if long else 12, deadline=None, suppress_health_check=list(HealthCheck))
        @example(3, [])
        @given(
            st.integers(0, 3),
            st.lists(st.tuples(st.sampled_from([0, 1, 1, 1, 2, 3]), st.integers(0, 8 * 97)), max_size=25),
        )
        def pressed(far: int, presses: list[tuple[int, int]]) -> None:
            chief.sends("取消")
            chief.sends("上报")
            chief.presses("折枝")
            chief.presses("✅ 上报")
            for one in people:
                one.replies()
            for step in (accept, assign, rectify)[:far]:
                step()
            for who, choice in presses:
                assert act(people[who], choice), "whoever does something hears of it"
            with house.reading() as session:
                assert problem_step.differences(session) == []

        pressed()
        taken = set(house.rows(select(ProblemStep.action).distinct()))
        assert len(house.rows(select(Problem.id))) > 1
        assert {Action.REPORT, Action.ACCEPT, Action.ASSIGN, Action.RECTIFY} <= taken, "the walk goes somewhere"
