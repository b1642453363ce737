"""The demo (演示): Xicheng in 2023, through the real intake."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, literal, make_url, select, table

from bot.intake import replay
from bot.loading import load_area_tables, load_grids, load_old_trees, load_places, load_roster
from bot.settings import HOME, Settings
from models.account import Account
from models.area import Area
from models.engine import open_engine, transaction
from models.house import Mark
from models.migrate import SEEDED
from services import mark, office
from services.refused import Refused

DATA = HOME / "demo" / "xicheng"
SINCE = date(2022, 1, 1)
"""Grids and roster hold from here, so that New Year's Eve of 2022 finds its posts."""
DISTRICT = "110102"


def check_is_demo(settings: Settings) -> None:
    """Raises `Refused` for a database that holds somebody's own data; changes nothing, whatever its version."""
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            marked = "mark" in tables and connection.scalar(select(Mark.value).where(Mark.name == "demo"))
            # Every table counts, those of other programs too: the demo never takes somebody's database for its own.
            if not marked and any(_holds_rows(connection, name) for name in sorted(tables - SEEDED)):
                raise Refused("cli.not_a_demo")
    finally:
        engine.dispose()


def _holds_rows(connection: Connection, name: str) -> bool:
    return connection.execute(select(literal(1)).select_from(table(name)).limit(1)).first() is not None


def remove_demo(settings: Settings) -> None:
    """Delete the embedded database of the demo."""
    database = make_url(settings.database_url).database
    if not settings.embedded or not database:
        raise Refused("cli.fresh_embedded_only")
    for ending in ("", "-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)


def load(engine: Engine, settings: Settings, progress: Callable[[int], None]) -> None:
    """Load Xicheng and replay 2023; what was done before is not done again."""
    with transaction(engine) as session:
        loaded = mark.read(session, "demo.loaded")
        mark.write(session, "demo", "xicheng")
        places = mark.read(session, "demo.places")
    if not loaded:
        load_house(engine)
    if not places:
        load_parks_and_trees(engine)
    replay(engine, settings, DATA / "replay" / "replay_2023.jsonl.gz", progress, skip_mark="demo.replayed")


def load_parks_and_trees(engine: Engine) -> None:
    """What the map shows beside the grids."""
    load_places(engine, DATA / "geo" / "parks.geojson", "park")
    load_old_trees(engine, DATA / "geo" / "old_trees.geojson", SINCE)
    with transaction(engine) as session:
        mark.write(session, "demo.places", "loaded")


def load_house(engine: Engine) -> None:
    """Xicheng before its first patrol: grids, area tables, roster and offices."""
    geo, admin = DATA / "geo", DATA / "admin"
    load_grids(engine, geo / "grids_2023.geojson", SINCE, None, SINCE)
    load_grids(engine, geo / "grids_2024.geojson", None, geo / "grid_mapping_2023_2024.csv", SINCE)
    load_area_tables(engine, admin / "streets.csv", admin / "communities.csv")
    load_roster(engine, DATA / "roster" / "roster_2023.xlsx", SINCE)
    with transaction(engine) as session:
        now = datetime.now(UTC)
        streets = session.scalars(select(Area.code).where(Area.level == "street").order_by(Area.code)).all()
        for code in (DISTRICT, *streets):
            user = f"office-{code}"
            office.add(session, "local", user, code, now)
            session.add(Account(channel="local", user_id=user, chat_id=user, created_at=now))
        mark.write(session, "demo.loaded", now.isoformat())
