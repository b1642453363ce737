"""Migrations (迁移): what they make is what the models say, and what was there goes through them."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from models.all import metadata
from models.engine import open_engine
from models.migrate import _config, upgrade


def test_the_migrated_schema_is_that_of_the_models(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_column_that_only_the_models_have_is_found(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE pace ADD COLUMN stray integer")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()


def test_the_old_trees_that_the_map_knew_move_into_the_archive(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0007")
    facts = "INSERT INTO place (code, kind, name, street_code, lon, lat, species, grade) VALUES"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"{facts} ('P1', 'park', '北海公园', '110102012', 116.38, 39.92, NULL, NULL)")
        connection.exec_driver_sql(f"{facts} ('T1', 'old_tree', '唐槐', '110102012', 116.38, 39.92, '国槐', '一级')")
    upgrade(engine)
    with engine.connect() as connection:
        trees = connection.exec_driver_sql("SELECT code, species, grade, name FROM old_tree").all()
        places = connection.exec_driver_sql("SELECT code FROM place").all()
        editions = connection.exec_driver_sql("SELECT count(*) FROM mark WHERE name = 'edition.old_trees'").scalar()
    assert (list(trees), list(places), editions) == ([("T1", "国槐", "first", "唐槐")], [("P1",)], 1)
    engine.dispose()
