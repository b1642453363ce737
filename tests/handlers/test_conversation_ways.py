"""Ways of counting (口径): units, levels and grids by their words; what is not clear is asked back by buttons."""

from datetime import date, timedelta

import pytest
from chat_driver import DISTRICT, NEIGHBOURS, OWN, SINCE, Chat, Heard, House
from sqlalchemy import select

from models.chief import Chief, Post
from models.engine import transaction
from models.grid import GridCommunity, GridVersion
from services import mark


def divide(house: House, start: date = date(2026, 6, 1)) -> None:
    """From a day on the grid of 安德路南社区 is two, a western and an eastern half at longitude 116.3855."""
    import json

    from shapely.geometry import box, mapping, shape

    with transaction(house.engine) as session:
        old = session.scalars(select(GridVersion).where(GridVersion.name == "安德路南社区网格")).one()
        old.valid_to = start - timedelta(days=1)
        whole = shape(json.loads(old.geometry))
        west, south, east, north = whole.bounds
        for name, half in (
            ("西半网格", box(west, south, 116.3855, north)),
            ("东半网格", box(116.3855, south, east, north)),
        ):
            ground = json.dumps(mapping(whole.intersection(half)))
            new = GridVersion(code=f"{old.code}-{name}", name=name, street_code=old.street_code, geometry=ground,
                              valid_from=start)  # fmt: skip
            session.add(new)
            session.flush()
            served = select(GridCommunity.community_code).where(GridCommunity.grid_version_id == old.id)
            for code in session.scalars(served).all():
                session.add(GridCommunity(grid_version_id=new.id, community_code=code))
        mark.new_edition(session, "grids")


@pytest.fixture
def office(house: House, chat: Chat) -> Chat:
    """Three counted patrols in 安德路南社区: two of 胡晓兰, and one of 谢怀棠 together with her."""
    chat.sends_location(*OWN)
    chat.presses("提交")
    other = house.talk_as("谢怀棠")
    other.sends_location(*OWN)
    other.presses("同意")
    other.presses("提交")
    house.now += timedelta(days=1)
    chat.sends_location(*OWN)
    chat.presses("提交")
    return house.talk_as(f"office {DISTRICT}")


def table(chat: Chat) -> Heard:
    return next(one for one in reversed(chat.heard) if one.rows)


def cells(chat: Chat) -> dict[str, str]:
    return {row[0]: row[1] for row in table(chat).rows if row[1] != "0"}


def test_person_times_outings_and_persons_are_three_numbers(office: Chat) -> None:
    assert "西城区2026年：计入 3 次。" in office.sends("统计 今年 人次")
    said = office.sends("统计 今年 联合合并")
    assert "计入 2 次（联合巡林合并）" in said
    assert "30分钟内、100米内" in said
    assert "各行相加大于合计" in said
    assert cells(office) == {"街道级": "1", "社区级": "2", "合计": "2"}
    said = office.sends("统计 今年 人数")
    assert "有 2 位林长的巡林计入" in said
    assert cells(office) == {"街道级": "1", "社区级": "1", "合计": "2"}
    assert table(office).body["table"]["columns"][1] == "人数"


def test_how_many_people_is_asked_back(office: Chat) -> None:
    assert "要看人次（每位林长每次各计一次），还是人数" in office.sends("统计 德胜街道 多少人 今年")
    assert "德胜街道2026年：有 2 位林长的巡林计入" in office.presses("人数")
    office.sends("统计 德胜街道 多少人 今年")
    assert "德胜街道2026年：计入 3 次。" in office.presses("次数")


def test_the_records_behind_a_number_of_another_way_are_those_that_made_it(office: Chat) -> None:
    office.sends("统计 今年 人数")
    office.presses("社区级 1人", table(office))
    assert [row[1] for row in office.last.rows] == ["胡晓兰", "胡晓兰"]


def test_by_the_level_of_today_a_promoted_chief_counts_where_she_is_now(house: House, office: Chat) -> None:
    with transaction(house.engine) as session:
        post = session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.name == "胡晓兰")).one()
        post.valid_to = house.now.date() + timedelta(days=1)
        session.add(Post(chief_id=post.chief_id, level="district", title="T", area_code=DISTRICT,
                         valid_from=house.now.date() + timedelta(days=2)))  # fmt: skip
        gone = session.scalars(select(Post).join(Chief, Chief.id == Post.chief_id).where(Chief.name == "谢怀棠")).one()
        gone.valid_to = house.now.date() + timedelta(days=1)
        mark.new_edition(session, "roster")
    house.now += timedelta(days=3)
    assert "级别按林长现在的责任岗位" in office.sends("统计 今年 按现任级别")
    assert cells(office) == {"区级": "2", "现无责任岗位": "1", "合计": "3"}
    office.presses("现无责任岗位 1次", table(office))
    assert [row[1] for row in office.last.rows] == ["谢怀棠"]
    office.sends("统计 今年 按级别")
    assert cells(office) == {"街道级": "1", "社区级": "2", "合计": "3"}


def test_grids_of_a_year_with_two_divisions_are_asked_back(house: House, office: Chat) -> None:
    divide(house)
    asked = office.sends("统计 今年 德胜街道 按网格")
    assert "2026年有过几次网格划分，按哪一次统计？" in asked
    assert office.last.buttons == ("2022年1月1日起的网格", "2026年6月1日起的网格", "巡林当日的网格")
    said = office.presses("2026年6月1日起的网格")
    assert "网格按2026年6月1日起的划分" in said
    assert cells(office) == {"西半网格": "3", "合计": "3"}
    office.presses("西半网格 3次", table(office))
    assert len(office.last.rows) == 3
    office.presses("巡林当日的网格")
    assert cells(office) == {"安德路南社区网格": "3", "合计": "3"}


def test_the_words_for_a_division_work_directly_and_change_no_total(house: House, office: Chat) -> None:
    divide(house)
    for words, name in (
        ("按2026年网格", "西半网格"),
        ("按2025年的网格", "安德路南社区网格"),
        ("按现行网格", "西半网格"),
    ):
        assert "计入 3 次" in office.sends(f"统计 今年 德胜街道 {words}")
        assert cells(office) == {name: "3", "合计": "3"}
    assert "2021年还没有网格" in office.sends("统计 今年 德胜街道 按2021年网格")


def test_in_a_year_of_one_division_nothing_is_asked(office: Chat) -> None:
    assert "计入 3 次" in office.sends("统计 今年 德胜街道 按网格")
    assert SINCE.year == 2022


def test_a_name_that_fits_several_areas_is_asked_back(office: Chat) -> None:
    assert "“安德路”可以指几个地方，请选一个" in office.sends("统计 今年 安德路 按月")
    assert len(office.last.buttons) > 1
    assert "安德路南社区2026年：计入 3 次" in office.presses("安德路南社区")
    assert table(office).body["table"]["columns"][0] == "月份"


def test_around_a_festival_is_asked_back_and_the_festival_itself_is_known(office: Chat) -> None:
    assert "指哪几天？" in office.sends("统计 2023年春节前后 德胜街道")
    assert office.last.buttons == (
        "2023年1月21日至1月27日", "2023年1月14日至2月3日", "2023年1月6日至2月11日",
    )  # fmt: skip
    assert "德胜街道2023年1月14日至2月3日：计入 0 次" in office.presses("2023年1月14日至2月3日")
    assert "西城区2023年4月29日至5月3日：计入 0 次" in office.sends("统计 2023年五一")
    assert "还不知道2019年" not in office.sends("统计 2019年国庆 德胜街道")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("count this year outings", "计入 2 次（联合巡林合并）"),
        ("count this year how many chiefs", "有 2 位林长"),
        ("统计今年德胜街道人数", "德胜街道2026年：有 2 位林长"),
        ("统计 今年 by present level", "级别按林长现在的责任岗位"),
        ("统计 2026年按2026年网格", "西城区2026年：计入 3 次"),
    ],
)  # fmt: skip
def test_the_words_stand_anywhere_and_in_either_language(office: Chat, question: str, answer: str) -> None:
    assert answer in office.sends(question)


def test_a_chief_may_ask_for_the_own_area_in_every_way(office: Chat, chat: Chat) -> None:
    assert "安德路南社区2026年：有 2 位林长" in chat.sends("统计 今年 人数")
    assert "安德路南社区2026年：计入 3 次" in chat.sends("统计 今年 按现任级别")


def test_another_place_is_another_outing(house: House, office: Chat, chat: Chat) -> None:
    other = house.talk_as("谢怀棠")
    other.sends_location(*NEIGHBOURS)
    other.presses("提交")
    assert "计入 3 次（联合巡林合并）" in office.sends("统计 今年 联合合并")
