"""The demo's guard (演示的保护): it never takes somebody's database for its own, whatever that holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.demo import check_is_demo
from bot.settings import Settings, read_settings
from models.account import Account, Office
from models.area import Area
from models.chief import Chief
from models.engine import open_engine, transaction
from models.house import Beat
from models.inbox import Inbox
from services import mark
from services.refused import Refused

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
OWN: dict[str, Callable[[], object]] = {
    "office": lambda: Office(channel="telegram", user_id="1", area_code="110102", added_at=NOW),
    "area": lambda: Area(code="110102", level="district", name="西城区"),
    "chief": lambda: Chief(code="110102-L01", name="张伟"),
    "account": lambda: Account(channel="telegram", user_id="1", chat_id="1", created_at=NOW),
    "inbox": lambda: Inbox(channel="telegram", key="1", chat="telegram:1", raw="{}", received_at=NOW, state="waiting"),
}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return read_settings(database_url=database_url, data_dir=tmp_path, language="en")


def put(settings: Settings, do: Callable[[Session], object]) -> None:
    engine: Engine = open_engine(settings.database_url)
    with transaction(engine) as session:
        do(session)
    engine.dispose()


@pytest.mark.parametrize("what", OWN)
def test_a_database_with_anything_in_it_is_refused(settings: Settings, what: str) -> None:
    def fill(session: Session) -> None:
        if what == "office":
            session.add(OWN["area"]())
            session.flush()
        session.add(OWN[what]())

    put(settings, fill)
    with pytest.raises(Refused, match="not_a_demo"):
        check_is_demo(settings)


def test_an_empty_database_that_was_migrated_or_run_is_welcome(settings: Settings) -> None:
    put(settings, lambda session: session.add(Beat(loop="work", beat_at=NOW, error=None)))
    check_is_demo(settings)


def test_the_demos_own_database_is_welcome(settings: Settings) -> None:
    put(settings, lambda session: (session.add(OWN["chief"]()), mark.write(session, "demo", "xicheng")))
    check_is_demo(settings)


def test_a_table_of_another_program_is_somebodys(settings: Settings) -> None:
    put(settings, lambda session: session.connection().exec_driver_sql("CREATE TABLE ledger AS SELECT 1 AS n"))
    with pytest.raises(Refused, match="not_a_demo"):
        check_is_demo(settings)
