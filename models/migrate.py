"""Bringing the database to this version (数据库升级)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_FOLDER = Path(__file__).parent / "migrations"

SEEDED = frozenset({
    "alembic_version", "policy", "duty", "old_tree_rule", "workday", "plan", "mark", "beat", "sqlite_sequence",
    "problem_type", "problem_deadline", "unit",
})  # fmt: skip
"""Tables that hold rows although nobody has put anything into the database: what `migrate` and `run` write."""


class NewerSchemaError(Exception):
    """The database was written by a newer version of the program."""


def upgrade(engine: Engine) -> bool:
    """Bring the schema to this version in one transaction; True where something changed; raises `NewerSchemaError`."""
    with engine.begin() as connection:
        if current(connection) == head():
            return False
        refuse_newer(connection)
        command.upgrade(_config(connection), "head")
    return True


def is_current(engine: Engine) -> bool:
    """Whether the schema is of this version; raises `NewerSchemaError`."""
    with engine.connect() as connection:
        if current(connection) == head():
            return True
        refuse_newer(connection)
        return False


def current(connection: Connection) -> str | None:
    """The revision of the database, or None of an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The revision of this program."""
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def refuse_newer(connection: Connection) -> None:
    """Raises `NewerSchemaError` for a revision that this program does not know."""
    revision = current(connection)
    known = {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerSchemaError(revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
