"""Migrations (迁移): what they make is what the models say, and what was there goes through them."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from models.all import metadata
from models.engine import open_engine


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
