"""Old trees in a reminder (提醒里的古树): those of the own grids that nobody saw for long, and no other."""

from datetime import date, timedelta
from pathlib import Path

from chat_driver import OWN, Chat, House
from reminding import at, ticks
from some_trees import CYPRESS, FAR, PINE, SCHOLAR, plant
from sqlalchemy import select

from models.grid import GridVersion
from services.ground import Ground
from services.old_tree_watch import long_unseen, unseen_trees

MONDAY = date(2026, 11, 30)
WEDNESDAY = MONDAY + timedelta(days=2)
OWN_GRID = "110102010002001"


def reminded(house: House, chat: Chat) -> str:
    ticks(house, at(MONDAY, "00:01"))
    chat.replies()
    ticks(house, at(WEDNESDAY, "09:00"))
    return chat.hears()


def test_trees_of_the_own_grids_that_nobody_saw_for_long_are_named(house: House, chat: Chat, tmp_path: Path) -> None:
    plant(house, tmp_path)
    house.now = at(MONDAY - timedelta(days=10), "10:00")
    chat.sends_location(*OWN)
    chat.presses("选几株")
    chat.presses("国槐")
    chat.presses("提交")
    said = reminded(house, chat)
    assert f"天以上没看的古树 2 株：侧柏 {CYPRESS} · 油松 {PINE}。" in said
    assert SCHOLAR not in said
    assert FAR not in said


def test_control_trees_that_the_archive_has_not_had_for_long_are_not_named(
    house: House, chat: Chat, tmp_path: Path
) -> None:
    plant(house, tmp_path, today=MONDAY - timedelta(days=80))
    assert "古树" not in reminded(house, chat)


def test_one_set_of_grids_or_many_say_the_same(house: House, tmp_path: Path) -> None:
    plant(house, tmp_path)
    with house.reading() as session:
        alone = unseen_trees(session, [OWN_GRID], MONDAY)
        grid = session.scalars(select(GridVersion).where(GridVersion.code == OWN_GRID)).one()
        ground = Ground(id=grid.id, code=grid.code, name=grid.name, street_code=grid.street_code)
        together = long_unseen(session, {1: (ground,), 2: ()}, MONDAY)
    assert [one.tree.code for one in alone] == [SCHOLAR, CYPRESS, PINE]
    assert {key: fact.fields["n"] for key, fact in together.items()} == {1: 3}
